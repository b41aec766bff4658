/**
 * Measures the lag of the event loop: while one thing computes, nothing else happens in this process.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";

/** The interval between two measurements (ms). Longer blocks are always seen, shorter ones sometimes. */
const INTERVAL = 250;

/**
 * Reports four times a second how many seconds late a timer fired.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FakeClock } from "../base/clock_fake.ts";
 * import { watchEventLoop } from "./event_loop_lag.ts";
 *
 * const clock = new FakeClock();
 * const lags: number[] = [];
 * using _watch = watchEventLoop((seconds) => lags.push(seconds), clock);
 * await clock.advance(500);
 * assert.deepEqual(lags, [0, 0]);
 * ```
 *
 * @returns a function that ends it.
 */
export function watchEventLoop(tell: (seconds: number) => void, clock: Clock): Disposable {
  const look = (dueAt: number) => {
    const now = clock.monotonic();
    tell(Math.max(0, now - dueAt) / 1000);
    timer = clock.setTimeout(() => look(now + INTERVAL), INTERVAL);
  };
  const first = clock.monotonic() + INTERVAL;
  let timer = clock.setTimeout(() => look(first), INTERVAL);
  return { [Symbol.dispose]: () => timer.cancel() };
}
