/**
 * Serves a mock workspace on a port of this machine.
 *
 * @module
 */
import { listen } from "../served.ts";
import type { MockWorkspace } from "./workspace.ts";

/** The address to serve on; by default on a free port. */
export interface ServeOptions {
  port?: number;
  hostname?: string;
}

/** A workspace that is being served. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  /** Stops the server, and aborts pending requests. */
  close(): Promise<void>;
}

/** Serves a workspace until it is closed. The port is also an HTTP proxy that answers for any host. */
export async function serve(
  workspace: Pick<MockWorkspace, "fetch">,
  { port = 0, hostname = "127.0.0.1" }: ServeOptions = {},
): Promise<Served> {
  const server = await listen((request) => workspace.fetch(request), { port, hostname });
  const { close } = server;
  return { url: `http://${hostname}:${server.port}`, close, [Symbol.asyncDispose]: close };
}
