/**
 * A rate that falls when the server refuses calls, and rises again to the configured one.
 *
 * @module
 */

/** The factor by which a refusal lowers the rate. */
const DECREASE = 0.85;
/** The lowest fraction of the configured rate. */
const FLOOR = 0.1;
/** Refusals within this time (ms) count once: those calls were already in flight. */
const ONE_REFUSAL = 1000;
/** The time (ms) at the lowered rate before a higher one is tried. */
const PATIENCE = 30_000;
/** The time (ms) in which the rate would grow from zero to the configured rate. */
const RECOVERY = 200_000;

/**
 * A rate in calls per second, lowered by refusals.
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

  /** @param configured The maximum in calls per second; 0 means no limit, which refusals do not lower. */
  constructor(configured: number) {
    this.#configured = Math.max(0, configured);
  }

  /** Changes the maximum; the effect of earlier refusals stays. */
  configure(configured: number): void {
    this.#configured = Math.max(0, configured);
  }

  /** The rate at a time (ms of any clock that does not jump). */
  at(now: number): number {
    if (this.#lowered === undefined) return this.#configured;
    const recovering = Math.max(0, now - this.#refusedAt - PATIENCE);
    const rate = this.#lowered + this.#configured * recovering / RECOVERY;
    return Math.min(this.#configured, rate);
  }

  /** True if refusals have lowered the rate. */
  isLowered(rate: number): boolean {
    return rate < this.#configured;
  }

  /** The server refused a call because there were too many. */
  refused(now: number): void {
    if (now - this.#refusedAt < ONE_REFUSAL || this.#configured === 0) return;
    this.#lowered = Math.max(this.#configured * FLOOR, this.at(now) * DECREASE);
    this.#refusedAt = now;
  }
}
