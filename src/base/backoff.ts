/**
 * Growing delays between attempts.
 *
 * @module
 */
import { backoffDelay, type BackoffOptions } from "./clock.ts";

/**
 * Delays between attempts, one series for each key: 1 s, 2 s, 4 s, … 300 s, each ±20 %.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Backoff } from "./backoff.ts";
 *
 * const backoff = new Backoff({ random: () => 0.5 });
 * assert.deepEqual([backoff.next("a"), backoff.next("a"), backoff.next("b")], [1000, 2000, 1000]);
 * backoff.reset("a");
 * assert.equal(backoff.next("a"), 1000);
 * ```
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #failures = new Map<string, number>();

  constructor(options: Partial<BackoffOptions> = {}) {
    this.#options = { baseMs: 1000, maxMs: 300_000, ...options };
  }

  /** The delay before the key's next attempt, in ms; it grows each time. */
  next(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return backoffDelay(failures, this.#options);
  }

  /** The number of consecutive failures of a key. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Starts over for a key that succeeded or is gone. */
  reset(key: string): void {
    this.#failures.delete(key);
  }
}
