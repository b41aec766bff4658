/**
 * A rate that falls when the server refuses calls, and rises again to the configured one.
 *
 * @module
 */

/** The factor by which a refusal lowers the rate. */
const DECREASE = 0.85;
/** The least share of the configured rate. */
const FLOOR = 0.1;
/** Refusals within this time (ms) are one: those calls were on their way already. */
const ONE_REFUSAL = 1000;
/** The time (ms) at the lowered rate before a higher one is tried. */
const PATIENCE = 30_000;
/** The time (ms) that the rate takes to grow from zero to the configured rate. */
const RECOVERY = 200_000;

/**
 * Calls a second, lowered by refusals.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { AdaptiveRate } from "./adaptive_rate.ts";
 *
 * const rate = new AdaptiveRate(20);
 * rate.refused(0);
 * assert.equal(rate.at(0), 17);
 * assert.equal(rate.at(30_000), 17);
 * assert.equal(rate.at(50_000), 19);
 * assert.equal(rate.at(90_000), 20);
 * ```
 */
export class AdaptiveRate {
  #configured: number;
  #lowered: number | undefined;
  #refusedAt = -Infinity;

  /** @param configured calls a second at most; 0 for no limit, which is never lowered. */
  constructor(configured: number) {
    this.#configured = Math.max(0, configured);
  }

  /** Changes the most that is allowed; what was learned from refusals stays. */
  configure(configured: number): void {
    this.#configured = Math.max(0, configured);
  }

  /** The rate at a moment (ms of any clock that does not jump). */
  at(now: number): number {
    if (this.#lowered === undefined) return this.#configured;
    const recovering = Math.max(0, now - this.#refusedAt - PATIENCE);
    const rate = this.#lowered + this.#configured * recovering / RECOVERY;
    return Math.min(this.#configured, rate);
  }

  /** True for a rate that refusals have lowered. */
  isLowered(rate: number): boolean {
    return rate < this.#configured;
  }

  /** The server refused a call, because there were too many. */
  refused(now: number): void {
    if (now - this.#refusedAt < ONE_REFUSAL || this.#configured === 0) return;
    this.#lowered = Math.max(this.#configured * FLOOR, this.at(now) * DECREASE);
    this.#refusedAt = now;
  }
}
