/**
 * A connection to a workspace on which nothing can be written: the code that makes a plan also writes, so the last step
 * before the network refuses writes.
 *
 * @module
 */
import type { Transport, TransportFactory } from "../../databricks/call/transport.ts";

/** A request for a token, which changes nothing: `/oidc/v1/token`, `/<tenant>/oauth2/v2.0/token`. */
const IS_SIGN_IN = /\/(oidc|oauth2)\/.*token$/;

/**
 * A factory of transports that send reads and requests for tokens only.
 *
 * @param onRefused Called with each refused write: `POST /api/2.2/jobs/create`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readOnly } from "./read_only.ts";
 *
 * const sent: string[] = [];
 * const refused: string[] = [];
 * const send = (request: Request) => {
 *   sent.push(request.method);
 *   return Promise.resolve(new Response("{}"));
 * };
 * const { send: sendReads } = readOnly(() => ({ send }), (write) => refused.push(write))("https://x.example");
 * await sendReads(new Request("https://x.example/api/2.2/jobs/list"));
 * await assert.rejects(sendReads(new Request("https://x.example/api/2.2/jobs/create", { method: "POST" })));
 * assert.deepEqual([sent, refused], [["GET"], ["POST /api/2.2/jobs/create"]]);
 * ```
 */
export function readOnly(factory: TransportFactory, onRefused: (write: string) => void): TransportFactory {
  return (host, network) => {
    const transport = factory(host, network);
    const { renew, close } = transport;
    const guarded: Transport = {
      send: async (request) => {
        const { pathname } = new URL(request.url);
        if (request.method === "GET" || IS_SIGN_IN.test(pathname)) return await transport.send(request);
        onRefused(`${request.method} ${pathname}`);
        throw new TypeError("a plan writes nothing");
      },
      ...renew && { renew: () => renew.call(transport) },
      ...close && { close: () => close.call(transport) },
    };
    return guarded;
  };
}
