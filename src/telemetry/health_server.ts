/**
 * Serves `/metrics`, `/healthz` and `/readyz`.
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
  /** The reasons that keep the operator from working; empty when it works, or stands by for another replica. */
  readonly unready: () => readonly string[];
  /** Features that are not available yet: shown, but they do not make the operator unready. */
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
 * `/healthz` answers as long as the process does: a restart would not help against an outage of Databricks or of the
 * API server. `/readyz` answers 503 with the reasons until the first lists are complete. A kind that waits, such as for
 * its CRD, does not make it fail, since the operator works on the other kinds.
 *
 * @throws {TypeError} when the address is invalid, and the error of `Deno.listen` when it is in use.
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
