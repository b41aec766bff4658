/**
 * The durations of a leader election.
 *
 * @module
 */

/** Times in ms, named as in client-go. */
export interface LeaderTimes {
  /** The time for which other replicas respect a renewal; whole seconds. */
  readonly leaseMs: number;
  /** The time after a renewal for which the holder works on if it cannot renew again. */
  readonly renewDeadlineMs: number;
  /** The interval at which the lease is renewed, or checked. */
  readonly retryMs: number;
}

/** The times of client-go. */
export const defaultLeaderTimes: LeaderTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/**
 * Refuses times that could allow two leaders at once, or end a term after one failed renewal.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkTimes, defaultLeaderTimes } from "./times.ts";
 *
 * checkTimes(defaultLeaderTimes);
 * assert.throws(() => checkTimes({ ...defaultLeaderTimes, leaseMs: 10_000 }), /must be shorter than the lease/);
 * ```
 *
 * @throws {RangeError} that names the two times.
 */
export function checkTimes({ leaseMs, renewDeadlineMs, retryMs }: LeaderTimes): void {
  const [lease, deadline, retry] = [leaseMs, renewDeadlineMs, retryMs].map((ms) => `${ms / 1000} s`);
  if (!Number.isInteger(leaseMs / 1000)) throw new RangeError(`The lease duration (${lease}) must be whole seconds`);
  if (renewDeadlineMs >= leaseMs) {
    throw new RangeError(`The renew deadline (${deadline}) must be shorter than the lease duration (${lease})`);
  }
  if (retryMs * 2 > renewDeadlineMs) {
    throw new RangeError(`The retry period (${retry}) must be at most half the renew deadline (${deadline})`);
  }
}
