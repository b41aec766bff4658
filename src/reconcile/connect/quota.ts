/**
 * Parts of the rate limit: computes how slowly a series of calls must be repeated to use no more than a part of it.
 *
 * @module
 */
import { defaults } from "./settings.ts";

/** A part of a rate limit. */
export interface Part {
  /** Calls per second; 0 means no limit, and then the part is one of the default limit. */
  readonly rateLimit: number;
  /** The part, from 0 to 1. */
  readonly share: number;
}

/**
 * The time (ms) that this many calls take within a part of the rate limit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { spreadMs } from "./quota.ts";
 *
 * assert.equal(spreadMs(6, { rateLimit: 15, share: 0.1 }), 4_000);
 * assert.equal(spreadMs(6, { rateLimit: 0, share: 0.1 }), 4_000);
 * ```
 */
export function spreadMs(calls: number, { rateLimit, share }: Part): number {
  return calls / (share * (rateLimit > 0 ? rateLimit : defaults.rateLimit)) * 1000;
}
