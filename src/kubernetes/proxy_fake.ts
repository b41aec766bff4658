/**
 * A network for tests that can lose a connection silently.
 *
 * @module
 */

/** A TCP proxy to a port of this computer; `silence()` drops all data of its existing connections. */
export function deadlyProxy(port: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: { conns: Deno.Conn[]; isSilent: boolean }[] = [];
  const serve = async (near: Deno.Conn) => {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const connection = { conns: [near, far], isSilent: false };
    connections.push(connection);
    const filter = () =>
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, to) => connection.isSilent ? undefined : to.enqueue(chunk),
      });
    const pipes = [[near, far], [far, near]] as const;
    await Promise.allSettled(pipes.map(([from, to]) => from.readable.pipeThrough(filter()).pipeTo(to.writable)));
  };
  const served: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const conn of listener) served.push(serve(conn));
  })();
  return {
    port: listener.addr.port,
    connections: () => connections.length,
    silence: () => connections.forEach((connection) => connection.isSilent = true),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const { conns } of connections) {
        for (const conn of conns) {
          try {
            conn.close();
          } catch { /* closed by its pipe */ }
        }
      }
      await Promise.all([accepting, ...served]);
    },
  };
}
