/**
 * Serves what answers web requests on a port of this machine, with `node:http` and `node:http2`.
 *
 * They give a hold of the connection, which `Deno.serve` does not: a fault has to break it before the headers,
 * a request that hangs has to end when its caller goes away, and an HTTP/2 server has to allow as many streams a
 * connection as the one that it stands for.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "./certificate.ts";
import { denoServe, listenByDeno } from "./deno_tls.ts";

/** Answers a request; rejects when its connection is to be broken. The request's signal aborts when the caller leaves. */
export type Answer = (request: Request) => Promise<Response>;

/** Options of a listener. */
export interface ListenOptions {
  /** A free one without it. */
  readonly port?: number | undefined;
  readonly hostname: string;
  /**
   * Serves HTTP/2 and HTTP/1.1 over TLS with it, plain HTTP/1.1 without it. `maxStreams` says how many requests a connection
   * takes at a time; without it the runtime says, and its own server is used (`deno_tls.ts`).
   */
  readonly tls?: { readonly certificate: Certificate; readonly maxStreams?: number | undefined } | undefined;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Ends the server and breaks its connections. */
  close(): Promise<void>;
}

/** The default limit of concurrent requests and watches of a connection: Go's since CVE-2023-44487. */
const STREAMS = 100;

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** Listens until it is closed. */
export async function listen(answer: Answer, { port = 0, hostname, tls }: ListenOptions): Promise<Listening> {
  if (tls !== undefined && tls.maxStreams === undefined && denoServe !== undefined) {
    return listenByDeno(denoServe, answer, { port, hostname, certificate: tls.certificate });
  }
  const take = (incoming: Incoming, outgoing: Outgoing) => void respond(answer, incoming, outgoing);
  const server = (tls === undefined ? createServer(take) : createSecureServer({
    cert: tls.certificate.chain,
    key: tls.certificate.key,
    allowHTTP1: true,
    settings: { maxConcurrentStreams: tls.maxStreams ?? STREAMS },
  }, take)) as Server;
  // The connections below TLS: a secure server does not report those that it secured, and cannot close them itself.
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.on("sessionError", () => {});
  server.on("tlsClientError", () => {});
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, hostname, resolve);
  await promise;
  return { port: (server.address() as AddressInfo).port, close: () => end(server, sockets) };
}

/**
 * Breaks the connections, and then ends the server. In this order, for a server that ends says goodbye on every HTTP/2
 * connection that still lives, and Deno's node:http2 (2.9) may abort the process over streams that end meanwhile.
 */
async function end(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const gone = [...sockets].map((socket) => new Promise<void>((resolve) => void socket.once("close", () => resolve())));
  for (const socket of sockets) socket.destroy();
  await Promise.all(gone);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  for (const socket of sockets) socket.destroy();
  await promise;
}

async function respond(answer: Answer, incoming: Incoming, outgoing: Outgoing): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => outgoing.writableFinished || gone.abort());
  outgoing.on("error", () => {});
  try {
    const response = await answer(await readRequest(incoming, gone.signal));
    (outgoing as ServerResponse).writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body !== null) await writeBody(response.body, outgoing, gone.signal);
    outgoing.end();
  } catch {
    // A fault that cuts the connection, or a caller that went away: both end the connection without an answer.
    cut(outgoing);
  }
}

/** Breaks the connection of HTTP/1.1; of HTTP/2 only the stream, since others share the connection. */
function cut(outgoing: Outgoing): void {
  if ("stream" in outgoing && outgoing.stream) outgoing.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else (outgoing as ServerResponse).destroy();
}

async function readRequest(incoming: Incoming, signal: AbortSignal): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const fields = Object.entries(headers).filter(([name]) => !name.startsWith(":"))
    .map(([name, value]): [string, string] => [name, String(value)]);
  const host = headers[":authority"] ?? headers.host ?? "localhost";
  const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
  return new Request(new URL(url, `http://${host}`), { method, headers: fields, signal, ...body });
}

async function writeBody(body: ReadableStream<Uint8Array>, outgoing: Outgoing, signal: AbortSignal): Promise<void> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  // Headers at once: who watches waits for them, and not for the first event.
  (outgoing as ServerResponse).flushHeaders?.();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) await write(outgoing, chunk.value);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Writes a chunk and waits until it is sent, so that a cut comes after it. */
function write(outgoing: Outgoing, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  (outgoing as ServerResponse).write(chunk, (error) => error ? reject(error) : resolve());
  return promise;
}
