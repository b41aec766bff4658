/**
 * Serves a mock workspace on a port of this machine.
 *
 * It is `node:http` and not `Deno.serve` because only that gives a hold of the socket: a fault has to break the
 * connection before the headers, and a request that hangs has to end when its caller goes away.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MockWorkspace } from "./workspace.ts";

/** Where to serve; without a port, on a free one. */
export interface ServeOptions {
  port?: number;
  hostname?: string;
}

/** A workspace that is being served. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  /** Ends the server, and the requests that hang. */
  close(): Promise<void>;
}

/** Serves a workspace until it is closed. Programs may also use the port as their HTTP proxy, whatever host they ask. */
export async function serve(
  workspace: Pick<MockWorkspace, "fetch">,
  { port = 0, hostname = "127.0.0.1" }: ServeOptions = {},
): Promise<Served> {
  const server = createServer((incoming, outgoing) => void answer(workspace, incoming, outgoing));
  await listen(server, port, hostname);
  const url = `http://${hostname}:${(server.address() as AddressInfo).port}`;
  const close = () => end(server);
  return { url, close, [Symbol.asyncDispose]: close };
}

function listen(server: Server, port: number, hostname: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, hostname, resolve);
  return promise;
}

function end(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}

async function answer(
  workspace: Pick<MockWorkspace, "fetch">,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const response = await workspace.fetch(await readRequest(incoming, gone.signal));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    for await (const chunk of response.body ?? []) await write(outgoing, chunk);
    outgoing.end();
  } catch {
    // A fault that cuts the connection, or a caller that went away: both end the connection without an answer.
    outgoing.destroy();
  }
}

async function readRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
  return new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    method,
    headers: fields,
    signal,
    ...body,
  });
}

/** Writes a chunk and waits until it is sent, so that a cut comes after it. */
function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  outgoing.write(chunk, (error) => error ? reject(error) : resolve());
  return promise;
}
