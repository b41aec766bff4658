/**
 * A process whose output is captured for a test.
 *
 * @module
 */

/** A process that gets SIGTERM at the end of the test. */
export interface LoggedProcess extends AsyncDisposable {
  /** Returns its output so far, from both streams. */
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
