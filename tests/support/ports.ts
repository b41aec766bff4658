/**
 * Ports for programs that tests start.
 *
 * @module
 */

/** A free port of the loopback interface. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
