/**
 * TLS by the runtime's own server, where the runtime is Deno.
 *
 * Deno's node:http2 (2.9) aborts the whole process now and then, when many streams end while it says goodbye on their
 * connection (an assertion in nghttp2: `closed_next`), and with it every test of a file. Deno's own server does not. It
 * speaks HTTP/2, too; what it cannot do is to choose the number of streams (200 here), or to end a connection before the
 * headers: a fault that cuts there is an answer whose body breaks off.
 *
 * @module
 */
import type { Certificate } from "./certificate.ts";
import { ConnectionCut } from "./injection.ts";
import type { Answer, Listening } from "./served.ts";

/** As much of Deno's server as is used; on other runtimes there is none. */
interface DenoServe {
  (
    options: { port: number; hostname: string; cert: string; key: string; onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
}

/** Deno's server; `undefined` on other runtimes. */
export const denoServe: DenoServe | undefined = (globalThis as { Deno?: { serve?: DenoServe } }).Deno?.serve;

/** Listens until it is closed. */
export function listenByDeno(
  serve: DenoServe,
  answer: Answer,
  { port, hostname, certificate }: { port: number; hostname: string; certificate: Certificate },
): Listening {
  const { chain: cert, key } = certificate;
  const options = { port, hostname, cert, key, onListen: () => {} };
  const server = serve(options, (request) => answer(withoutSignal(request)).catch(() => new Response(brokenOff())));
  return { port: server.addr.port, close: () => server.shutdown() };
}

/**
 * The request without the runtime's signal: whoever reads that makes Deno 2.9 print a notice into a test's output. A
 * caller that leaves ends the body of its answer all the same; a request that hangs ends with the server.
 */
function withoutSignal({ url, method, headers, body }: Request): Request {
  return new Request(url, { method, headers, body });
}

function brokenOff(): ReadableStream {
  const error = new ConnectionCut();
  // The runtime prints the errors of bodies, and one line is enough of it.
  error.stack = `${error.name}: ${error.message}`;
  return new ReadableStream({ pull: (controller) => controller.error(error) });
}
