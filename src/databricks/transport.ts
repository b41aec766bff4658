/**
 * The path of requests to Databricks. The operator is written against {@link Transport}; the real one uses the network,
 * the mock answers in-process, and decorators add what tests and operation need.
 *
 * @module
 */
import type { Fence } from "../http/write_fence.ts";

/** Sends one HTTP request and gives its answer. Rejects only when no answer came. */
export interface Transport {
  send(request: Request): Promise<Response>;
  /** Called after a request that was not answered in time: the next one must not use the same connection. */
  renew?(): void;
  /** Closes the connections for good. */
  close?(): void;
}

/** Makes the transport for a workspace, given its origin. */
export type TransportFactory = (host: string) => Transport;

/**
 * The transport that uses the network: the process's connections, and after the first renewal some of its own. Redirects
 * are not followed: a token must not travel to another host, and the REST API never redirects.
 */
export function httpTransport(): Transport {
  let client: Deno.HttpClient | undefined;
  return {
    send: (request) => fetch(request, { redirect: "manual", ...client && { client } }),
    renew() {
      // Requests in flight keep the connection that they have.
      client?.close();
      client = Deno.createHttpClient({});
    },
    close: () => client?.close(),
  };
}

/**
 * A factory whose transports are shared: one for each workspace, however many namespaces use it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shared } from "./transport.ts";
 *
 * const transports = shared(() => ({ send: () => Promise.resolve(new Response("{}")) }));
 * assert.equal(transports("https://a.example"), transports("https://a.example"));
 * assert.notEqual(transports("https://a.example"), transports("https://b.example"));
 * ```
 */
export function shared(factory: TransportFactory): TransportFactory {
  const transports = new Map<string, Transport>();
  return (host) => {
    const transport = transports.get(host) ?? factory(host);
    transports.set(host, transport);
    return transport;
  };
}

/**
 * A transport whose writes (all but GET) ask the fence at the last moment, after everything that they waited for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Fence } from "../http/write_fence.ts";
 * import { fenced } from "./transport.ts";
 *
 * const transport = fenced({ send: () => Promise.resolve(new Response("{}")) }, new Fence(() => false));
 * await transport.send(new Request("https://x.example/api/2.2/jobs/list"));
 * await assert.rejects(transport.send(new Request("https://x.example/api/2.2/jobs/create", { method: "POST" })));
 * ```
 */
export function fenced(transport: Transport, fence: Fence): Transport {
  return {
    async send(request) {
      if (request.method !== "GET") fence.check();
      return await transport.send(request);
    },
    renew: () => transport.renew?.(),
  };
}
