/**
 * Serves a mock workspace on a port of this machine.
 *
 * @module
 */
import { listen } from "../served.ts";
import type { MockWorkspace } from "./workspace.ts";

/** The address to serve on; without a port, a free one. */
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
  const server = await listen((request) => workspace.fetch(request), { port, hostname });
  const { close } = server;
  return { url: `http://${hostname}:${server.port}`, close, [Symbol.asyncDispose]: close };
}
