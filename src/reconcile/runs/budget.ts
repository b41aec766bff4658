/**
 * The budget of polls while runs are active: a part of the rate limit.
 *
 * @module
 */

import { spreadMs } from "../connect/quota.ts";

/** The part of the rate limit that polls may use while runs are active. */
const BUDGET = 0.1;
/** The shortest pause between two polls (ms). */
const SHORTEST = 1_000;

/**
 * The pause (ms) after a poll that took this many calls.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pauseFor } from "./budget.ts";
 *
 * const settings = { rateLimit: 15, statusPollIntervalMs: 60_000 };
 * assert.equal(pauseFor(1, settings), 1_000);
 * assert.equal(pauseFor(6, settings), 4_000);
 * assert.equal(pauseFor(600, settings), 60_000);
 * ```
 */
export function pauseFor(
  calls: number,
  { rateLimit, statusPollIntervalMs }: { readonly rateLimit: number; readonly statusPollIntervalMs: number },
): number {
  return Math.min(statusPollIntervalMs, Math.max(SHORTEST, spreadMs(calls, { rateLimit, share: BUDGET })));
}
