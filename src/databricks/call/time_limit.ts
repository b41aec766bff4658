/**
 * A time limit for one request and its answer.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";

/** A signal that aborts after a time; dispose of it when the work has ended. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Starts a time limit. When it expires, its signal aborts with a `TimeoutError` that states the limit.
 *
 * @param ms The time limit (ms).
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FakeClock } from "../../base/clock_fake.ts";
 * import { timeLimit } from "./time_limit.ts";
 *
 * const clock = new FakeClock();
 * {
 *   using limit = timeLimit(clock, 20_000);
 *   await clock.advance(20_000);
 *   assert.equal(limit.signal.reason.message, "no answer within 20 s");
 * }
 * assert.equal(clock.pending, 0);
 * ```
 */
export function timeLimit(clock: Pick<Clock, "setTimeout">, ms: number): TimeLimit {
  const limit = new AbortController();
  const reason = new DOMException(`no answer within ${ms / 1000} s`, "TimeoutError");
  const timer = clock.setTimeout(() => limit.abort(reason), ms);
  return { signal: limit.signal, [Symbol.dispose]: () => timer.cancel() };
}
