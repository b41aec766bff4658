/**
 * An HTTP/2 server for tests that allows as many streams per connection as an API server does, and counts them.
 *
 * @module
 */
import { createSecureServer, type Http2ServerResponse, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { certificate } from "../../mock/certificate.ts";

/** The maximum number of streams per connection: Go's default since CVE-2023-44487. */
const STREAMS = 100;

/** Serves on a loopback port. Watches stay open; every other request is answered with `{}`. */
export async function http2Server() {
  const { ca, chain, key } = await certificate();
  const sessions = new Set<{ destroy(): void }>();
  const open = new Map<Http2Session, Set<Http2ServerResponse>>();
  let most = 0;
  const server = createSecureServer({ cert: chain, key, settings: { maxConcurrentStreams: STREAMS } });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.once("close", () => sessions.delete(session));
  });
  server.on("request", (request, response) => {
    response.on("error", () => {});
    if (!request.url.includes("watch=true")) return void response.end("{}");
    const { session } = request.stream;
    if (session === undefined) return;
    const watches = open.get(session) ?? new Set();
    open.set(session, watches.add(response));
    most = Math.max(most, watches.size);
    response.once("close", () => watches.delete(response));
    response.writeHead(200);
    response.write("\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ca,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Counts the open watches. */
    watches: () => [...open.values()].reduce((sum, { size }) => sum + size, 0),
    /** Returns the largest number of watches on one connection. */
    most: () => most,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
