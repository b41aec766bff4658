/**
 * A process whose output a test reads.
 *
 * @module
 */

/** A process that ends, as SIGTERM ends it, with the test. */
export interface LoggedProcess extends AsyncDisposable {
  /** Returns what it wrote so far, to either stream. */
  log(): string;
}

/** Reads the output of a process whose streams are piped. */
export function logged(child: Deno.ChildProcess): LoggedProcess {
  let log = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) log += chunk;
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  return {
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await reading;
    },
  };
}
