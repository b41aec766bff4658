/**
 * Times at which something was first seen, by a key.
 *
 * @module
 */

/**
 * The time at which something was first seen; by default now, which is noted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { firstSeen } from "./first_seen.ts";
 *
 * const times = new Map<string, number>();
 * assert.deepEqual([firstSeen(times, "uid", 5), firstSeen(times, "uid", 9)], [5, 5]);
 * ```
 */
export function firstSeen(times: Map<string, number>, key: string, now: number): number {
  const since = times.get(key) ?? now;
  times.set(key, since);
  return since;
}
