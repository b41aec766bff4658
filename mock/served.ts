/**
 * Serves a function that answers web requests on a local port, with `node:http` and `node:http2`.
 *
 * Unlike `Deno.serve`, these give control over the connection: a fault must break it before the headers, a pending
 * request must end when its caller leaves, and an HTTP/2 server must allow as many streams per connection as the server
 * that it stands for.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "./certificate.ts";
import { denoServe, listenByDeno } from "./deno_tls.ts";
import type { Streams } from "./streams.ts";

/** Answers a request; rejects to break its connection. The request's signal aborts when the caller leaves. */
export type Answer = (request: Request) => Promise<Response>;

/** Options of a listener. */
export interface ListenOptions {
  /** The port; by default a free one. */
  readonly port?: number | undefined;
  readonly hostname: string;
  /**
   * With it, HTTP/2 and HTTP/1.1 over TLS; otherwise plain HTTP/1.1. `maxStreams` limits the concurrent requests of a
   * connection; without it the limit is the runtime's, and so is the server (`deno_tls.ts`).
   */
  readonly tls?: { readonly certificate: Certificate; readonly maxStreams?: number | undefined } | undefined;
  /** Counts the requests of each HTTP/2 connection, if the number of streams is limited. */
  readonly streams?: Streams | undefined;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Stops the server and breaks its connections. */
  close(): Promise<void>;
}

/** The default limit of concurrent requests and watches per connection: Go's since CVE-2023-44487. */
const STREAMS = 100;

/** The time (ms) for which an idle connection stays open. */
const KEEP_ALIVE = 300_000;

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** Listens until it is closed. */
export async function listen(answer: Answer, options: ListenOptions): Promise<Listening> {
  const { port = 0, hostname, tls, streams } = options;
  if (tls !== undefined && tls.maxStreams === undefined && denoServe !== undefined) {
    return listenByDeno(denoServe, answer, { port, hostname, certificate: tls.certificate });
  }
  const take = (incoming: Incoming, outgoing: Outgoing) => {
    const session = "stream" in incoming ? incoming.stream.session : undefined;
    if (session !== undefined) outgoing.once("close", streams?.begin(session, incoming.url ?? "") ?? (() => {}));
    void respond(answer, incoming, outgoing);
  };
  const server = (tls === undefined ? createServer(take) : createSecureServer({
    cert: tls.certificate.chain,
    key: tls.certificate.key,
    allowHTTP1: true,
    settings: { maxConcurrentStreams: tls.maxStreams ?? STREAMS },
  }, take)) as Server;
  // Clients keep idle connections for less long (Deno: 90 s). Otherwise the server may close one just as a client sends
  // a write on it, which is then in doubt.
  server.keepAliveTimeout = KEEP_ALIVE;
  // The connections below TLS: a secure server does not report the secured ones, and cannot close them itself.
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
 * Breaks the connections, then stops the server. Otherwise the server would send GOAWAY on every live HTTP/2
 * connection, and Deno's node:http2 (2.9) may abort the process if streams end meanwhile.
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
    // Either a fault cuts the connection, or the caller left: the connection ends without an answer.
    cut(outgoing);
  }
}

/** Breaks an HTTP/1.1 connection; for HTTP/2 only the stream, since the connection is shared. */
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
  // Send headers at once: a watching client waits for them, not for the first event.
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
