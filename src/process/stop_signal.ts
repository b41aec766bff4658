/**
 * SIGTERM and SIGINT, as a wish to stop.
 *
 * @module
 */
import { logger } from "../telemetry/log.ts";

const log = logger("main");
/** A terminal and a task runner each pass one Ctrl-C on, so that it may arrive twice (ms). */
const SAME = 500;

/**
 * Gives a signal that aborts with the first SIGTERM or SIGINT. The second one means "now": the process ends with code 1,
 * wherever it is.
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
