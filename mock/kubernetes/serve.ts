/**
 * Serves an embedded Kubernetes API on a port of this machine.
 *
 * Caveat: a fault that cuts a connection before the headers is told by an answer whose body breaks off, since
 * `Deno.serve` always sends headers.
 *
 * @module
 */
import { stringify } from "yaml";
import { cutError } from "./cut.ts";
import { EmbeddedKubernetes } from "./server.ts";

/** An API that is being served. */
export interface ServedKubernetes extends AsyncDisposable {
  readonly url: string;
  readonly api: EmbeddedKubernetes;
  /** A kubeconfig (YAML) of the user `admin`. */
  readonly kubeconfig: string;
  /** A kubeconfig (YAML) of the user with a token. */
  kubeconfigOf(token: string, namespace?: string): string;
  /** Ends the server, its watches, and the requests that hang. The API keeps its state, and may be served again. */
  close(): Promise<void>;
}

/**
 * Serves an API, on a free port without one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { KubeClient } from "../../src/kubernetes/client.ts";
 * import { serveKubernetes } from "./serve.ts";
 *
 * await using served = await serveKubernetes();
 * const client = new KubeClient({ server: served.url, token: () => served.api.token });
 * const { items } = await client.list({ group: "", version: "v1", plural: "namespaces" });
 * assert.ok(items.some(({ metadata }) => metadata.name === "default"));
 * client.close();
 * ```
 */
export function serveKubernetes(
  api: EmbeddedKubernetes = new EmbeddedKubernetes(),
  { port = 0 }: { port?: number } = {},
): Promise<ServedKubernetes> {
  const ended = new AbortController();
  const server = Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    (request) => answer(api, request, ended.signal),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const close = async () => {
    ended.abort(new Error("The server was closed"));
    api.endWatches();
    await server.shutdown();
  };
  return Promise.resolve({
    url,
    api,
    kubeconfig: kubeconfigFor(url, api.token),
    kubeconfigOf: (token, namespace) => kubeconfigFor(url, token, namespace),
    close,
    [Symbol.asyncDispose]: close,
  });
}

async function answer(api: EmbeddedKubernetes, request: Request, ended: AbortSignal): Promise<Response> {
  try {
    return await api.fetch(await addressed(request, ended));
  } catch {
    // A fault that cuts the connection, or the server's end.
    const body = new ReadableStream({ pull: (controller) => controller.error(cutError()) });
    return new Response(body, { headers: { "content-type": "application/json" } });
  }
}

/**
 * The request as the API knows it. kubectl sends no tokens over plain HTTP, so that its kubeconfig has the token in the
 * path: `/as/token/api/v1/…`.
 */
async function addressed(request: Request, signal: AbortSignal): Promise<Request> {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  const [, token, path] = url.pathname.match(/^\/as\/([^/]+)(\/.*)$/) ?? [];
  if (token !== undefined) {
    url.pathname = path!;
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${decodeURIComponent(token)}`);
  }
  const body = await request.bytes();
  return new Request(url, { method: request.method, headers, signal, ...body.length > 0 && { body } });
}

function kubeconfigFor(url: string, token: string, namespace = "default"): string {
  const name = "embedded";
  const server = `${url}/as/${encodeURIComponent(token)}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    "current-context": name,
  });
}
