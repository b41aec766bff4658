/**
 * SIGTERM and SIGINT as an abort signal.
 *
 * @module
 */
import { logger } from "../telemetry/log.ts";

const log = logger("main");
/** One Ctrl-C may arrive twice, since a terminal and a task runner each pass it on (ms). */
const SAME = 500;

/**
 * Returns a signal that aborts on the first SIGTERM or SIGINT. The second one means "now": the process exits with code
 * 1, wherever it is.
 */
export function listenForStop(): AbortSignal {
  const stop = new AbortController();
  let askedAt = 0;
  const ask = () => {
    if (!stop.signal.aborted) {
      askedAt = performance.now();
      stop.abort(new Error("The process is to stop"));
    } else if (performance.now() - askedAt > SAME) {
      log.warning("Asked to stop a second time: ending at once");
      Deno.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, ask);
  return stop.signal;
}

/** Resolves when a signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
