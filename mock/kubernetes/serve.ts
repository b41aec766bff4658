/**
 * Serves an embedded Kubernetes API on local ports: over TLS with HTTP/2, like a real API server, and without TLS, for
 * experiments with curl.
 *
 * @module
 */
import { stringify } from "yaml";
import { type Certificate, certificate } from "../certificate.ts";
import { listen } from "../served.ts";
import type { Streams } from "../streams.ts";
import { EmbeddedKubernetes } from "./server.ts";

/** Options of the server. */
export interface ServeKubernetesOptions {
  /** The port for TLS; by default a free one. */
  readonly port?: number;
  /** The port for plain HTTP; by default a free one. */
  readonly plainPort?: number;
  /**
   * The maximum number of concurrent requests and watches of an HTTP/2 connection: 100 is as strict as a real API
   * server. By default, the runtime decides.
   */
  readonly maxStreams?: number;
  /** Counts the open requests and watches of each connection; needs `maxStreams`. */
  readonly streams?: Streams;
  /** The server's certificate; by default the process's own. */
  readonly certificate?: Certificate;
}

/** A served API. */
export interface ServedKubernetes extends AsyncDisposable {
  /** The address over TLS: `https://127.0.0.1:6443`. */
  readonly url: string;
  /** The address without TLS. kubectl and other clients send no tokens there. */
  readonly plainUrl: string;
  /** The authority's certificate (PEM), which clients must trust. */
  readonly ca: string;
  readonly api: EmbeddedKubernetes;
  /** A kubeconfig (YAML) of the user `admin`. */
  readonly kubeconfig: string;
  /** A kubeconfig (YAML) of the user with a token. */
  kubeconfigOf(token: string, namespace?: string): string;
  /** Stops the server, its watches and pending requests. The API keeps its state, and may be served again. */
  close(): Promise<void>;
}

/**
 * Serves an API, by default on free ports.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { KubeClient } from "../../src/kubernetes/client.ts";
 * import { serveKubernetes } from "./serve.ts";
 *
 * await using served = await serveKubernetes();
 * const client = new KubeClient({ server: served.url, caCerts: [served.ca], token: () => served.api.token });
 * const { items } = await client.list({ group: "", version: "v1", plural: "namespaces" });
 * assert.ok(items.some(({ metadata }) => metadata.name === "default"));
 * client.close();
 * ```
 */
export async function serveKubernetes(
  api: EmbeddedKubernetes = new EmbeddedKubernetes(),
  options: ServeKubernetesOptions = {},
): Promise<ServedKubernetes> {
  const ended = new AbortController();
  const own = options.certificate ?? await certificate();
  const hostname = "127.0.0.1";
  const answer = (request: Request) => api.fetch(withSignal(request, ended.signal));
  const tls = { certificate: own, maxStreams: options.maxStreams };
  const secure = await listen(answer, { hostname, port: options.port, tls, streams: options.streams });
  const plain = await listen(answer, { hostname, port: options.plainPort });
  const url = `https://${hostname}:${secure.port}`;
  const close = async () => {
    ended.abort(new Error("The server was closed"));
    api.endWatches();
    await Promise.all([secure.close(), plain.close()]);
  };
  const kubeconfigOf = (token: string, namespace?: string) => kubeconfigFor({ url, ca: own.ca, token, namespace });
  return {
    url,
    plainUrl: `http://${hostname}:${plain.port}`,
    ca: own.ca,
    api,
    kubeconfig: kubeconfigOf(api.token),
    kubeconfigOf,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The request with a signal that aborts when the caller leaves or the server stops. */
function withSignal(request: Request, ended: AbortSignal): Request {
  return new Request(request, { signal: AbortSignal.any([request.signal, ended]) });
}

function kubeconfigFor(
  { url, ca, token, namespace = "default" }: {
    readonly url: string;
    readonly ca: string;
    readonly token: string;
    readonly namespace: string | undefined;
  },
): string {
  const name = "embedded";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": btoa(ca) } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    "current-context": name,
  });
}
