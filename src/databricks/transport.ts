/**
 * How requests reach Databricks. The operator is written against {@link Transport}; the real one uses the network, the
 * mock answers in-process, and decorators add what tests and operation need.
 *
 * @module
 */
import type { Fence } from "../http/write_fence.ts";

/** Sends one HTTP request and gives its answer. Rejects only when no answer came. */
export interface Transport {
  send(request: Request): Promise<Response>;
}

/** Makes the transport for a workspace, given its origin. */
export type TransportFactory = (host: string) => Transport;

/**
 * The transport that uses the network. Redirects are not followed: a token must not travel to another host, and the
 * REST API never redirects.
 */
export function httpTransport(): Transport {
  return { send: (request) => fetch(request, { redirect: "manual" }) };
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
  };
}
