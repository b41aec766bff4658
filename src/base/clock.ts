/**
 * A clock as a value, so that tests can control time.
 *
 * Durations are measured with {@link Clock.monotonic}: setting the wall clock back by an hour must not pause the
 * operator for an hour.
 *
 * @module
 */

/** A timer that can be cancelled. */
export interface Timer {
  /** Cancels the timer; does nothing after it has fired. */
  cancel(): void;
}

/** A source of time. */
export interface Clock {
  /** Wall-clock time in ms since the epoch, for timestamps. It may jump. */
  now(): number;
  /** Time in ms from an arbitrary start, for durations. It never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once (without throwing) when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`. */
  setTimeout(fn: () => void, ms: number): Timer;
}

/** The longest delay that the runtime's timers accept; longer ones would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The system clock. Delays are capped at 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
  setTimeout(fn, ms) {
    const timer = setTimeout(fn, Math.max(0, Math.min(ms, LONGEST_MS)));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** {@link Clock.sleep} for a clock that has timers. */
export function sleepOn(clock: Pick<Clock, "setTimeout">, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      timer.cancel();
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = clock.setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}

/** How fast the delays between attempts grow. */
export interface BackoffOptions {
  /** The delay after the first failure, in ms. */
  readonly baseMs: number;
  /** The longest delay, in ms, before jitter. */
  readonly maxMs: number;
  /** The fraction by which a delay may be longer or shorter; 0.2 by default. */
  readonly jitter?: number;
  /** A number in [0, 1); `Math.random` by default. */
  readonly random?: () => number;
}

/**
 * The delay in ms after the given number of earlier failures (0 for the first): it doubles each time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { backoffDelay } from "./clock.ts";
 *
 * const options = { baseMs: 800, maxMs: 30_000, random: () => 0.5 };
 * assert.deepEqual([0, 1, 2, 10].map((failures) => backoffDelay(failures, options)), [800, 1600, 3200, 30_000]);
 * ```
 */
export function backoffDelay(failures: number, options: BackoffOptions): number {
  const { baseMs, maxMs, jitter = 0.2, random = Math.random } = options;
  const delay = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
  return delay * (1 + jitter * (2 * random() - 1));
}
