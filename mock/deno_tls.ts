/**
 * TLS on Deno: TLS is terminated in front of Deno's own HTTP server.
 *
 * Deno's node:http2 (2.9) occasionally aborts the whole process, and with it every test of a file, when many streams
 * end while it sends GOAWAY on their connection (an assertion in nghttp2: `closed_next`). Deno's own server does not,
 * and supports HTTP/2 too; but over TLS it leaves Nagle's algorithm on, so an answer of 1 to 64 KB waits 40 ms for the
 * client's acknowledgement of its first packet. So node:tls terminates TLS, with `noDelay`, and forwards the bytes to
 * Deno's server on a second local port, where they do not wait.
 *
 * Limits: the number of streams is fixed (200), and a connection cannot be closed before the headers: a fault that cuts
 * there becomes an answer whose body breaks off.
 *
 * A client may delay its requests in the same way: Deno's own does over HTTP/2, for bodies of 1 to 64 KB. No server can
 * change that.
 *
 * @module
 */
import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer } from "node:tls";
import type { Certificate } from "./certificate.ts";
import { ConnectionCut } from "./injection.ts";
import type { Answer, Listening } from "./served.ts";

/** The part of Deno's server that is used here; other runtimes do not have it. */
interface DenoServe {
  (
    options: { port: number; hostname: string; cert?: string; key?: string; onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
}

/** The part of Deno that is used here. */
interface Runtime {
  readonly serve: DenoServe;
  readonly version: { readonly deno: string };
}

const runtime = (globalThis as { Deno?: Runtime }).Deno;

/** Deno's server; `undefined` on other runtimes. */
export const denoServe: DenoServe | undefined = runtime?.serve;

/** The address and the certificate to listen with. */
interface Place {
  readonly port: number;
  readonly hostname: string;
  readonly certificate: Certificate;
}

/** Listens until it is closed. */
export async function listenByDeno(serve: DenoServe, answer: Answer, place: Place): Promise<Listening> {
  const { port, hostname, certificate: { chain: cert, key } } = place;
  const handler = (request: Request) => answer(withoutSignal(request)).catch(() => new Response(brokenOff()));
  if (!canEndTls()) {
    const server = serve({ port, hostname, cert, key, onListen: () => {} }, handler);
    return { port: server.addr.port, close: () => server.shutdown() };
  }
  const plain = serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  return await endTls(plain, place);
}

/** Deno 2.4's node:tls has no working servers, but its own server does not delay answers. */
function canEndTls(): boolean {
  const [major = 0, minor = 0] = runtime?.version.deno.split(".").map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 9);
}

/** Terminates TLS in front of a plain server. */
async function endTls(
  plain: ReturnType<DenoServe>,
  { port, hostname, certificate: { chain: cert, key } }: Place,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const secure = createServer({ cert, key, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
    const inner = connect(plain.addr.port, "127.0.0.1");
    join(socket, inner, sockets);
    join(inner, socket, sockets);
  });
  secure.on("tlsClientError", () => {});
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  secure.once("error", reject);
  secure.listen(port, hostname, resolve);
  await promise;
  const close = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    secure.close(() => resolve());
    for (const socket of sockets) socket.destroy();
    await Promise.all([promise, plain.shutdown()]);
  };
  return { port: (secure.address() as AddressInfo).port, close };
}

/** Forwards the data of one connection to another without delay, and ends both together. */
function join(from: Socket, to: Socket, sockets: Set<Socket>): void {
  sockets.add(from);
  from.setNoDelay(true);
  from.on("error", () => {});
  from.once("close", () => {
    sockets.delete(from);
    to.destroy();
  });
  from.pipe(to);
}

/**
 * The request without the runtime's signal: reading that signal makes Deno 2.9 print a warning into a test's output. A
 * caller that leaves still ends its answer's body; a pending request ends with the server.
 */
function withoutSignal({ url, method, headers, body }: Request): Request {
  return new Request(url, { method, headers, body });
}

function brokenOff(): ReadableStream {
  const error = new ConnectionCut();
  // The runtime prints the errors of bodies; one line is enough.
  error.stack = `${error.name}: ${error.message}`;
  return new ReadableStream({ pull: (controller) => controller.error(error) });
}
