/**
 * Serves the cluster: `/metrics`, `/healthz`, `/readyz`.
 *
 * @module
 */
import type { Metrics } from "./metrics.ts";
import { parseAddress } from "./server_address.ts";

/** Options of {@link serveHealth}. */
export interface HealthOptions {
  /** `host:port`, `:port` for all interfaces; port 0 takes a free one. */
  readonly address: string;
  readonly metrics: Metrics;
  /** The reasons that keep the operator from working; empty when it works, or stands by for one that does. */
  readonly unready: () => readonly string[];
  /** Features that the operator works without: shown, but no reason to be unready. */
  readonly waiting?: () => readonly string[];
}

/** A running server. */
export interface HealthServer extends AsyncDisposable {
  /** Its address: `http://127.0.0.1:8080`. */
  readonly url: string;
}

/**
 * Serves metrics and probes.
 *
 * `/healthz` answers as long as the process does: neither Databricks nor the API server being away is cured by a restart.
 * `/readyz` says 503 and why until what is watched is known. A kind that waits, as for its CRD, does not make it fail: the
 * other kinds are worked on.
 *
 * @throws {TypeError} when the address is none, and what `Deno.listen` throws when it is taken.
 */
export function serveHealth({ address, metrics, unready, waiting = () => [] }: HealthOptions): HealthServer {
  const { hostname, port } = parseAddress(address);
  const server = Deno.serve({ hostname, port, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET" && request.method !== "HEAD") return text("Only GET is served.\n", 405);
    switch (pathname) {
      case "/metrics":
        return new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } });
      case "/healthz":
        return text("ok\n");
      case "/readyz": {
        const reasons = unready();
        if (reasons.length > 0) return text(`${reasons.join("\n")}\n`, 503);
        return text(["ok", ...waiting()].map((line) => `${line}\n`).join(""));
      }
      default:
        return text("There are /metrics, /healthz and /readyz.\n", 404);
    }
  });
  return {
    url: `http://${
      server.addr.hostname.includes(":") ? `[${server.addr.hostname}]` : server.addr.hostname
    }:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function text(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
