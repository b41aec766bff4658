/**
 * A clock for durations, even if a test sets the time back.
 *
 * @module
 */

/**
 * Reads a clock without ever going back: when the clock is set back, time continues from there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { steady } from "./steady.ts";
 *
 * let now = 5000;
 * const ms = steady(() => now);
 * const begun = ms();
 * now = 1000;
 * assert.equal(ms() - begun, 0);
 * now = 1300;
 * assert.equal(ms() - begun, 300);
 * ```
 */
export function steady(now: () => number): () => number {
  let last = now();
  let back = 0;
  return () => {
    const current = now();
    if (current < last) back += last - current;
    last = current;
    return current + back;
  };
}
