/**
 * The interval between sweeps if none is set: short lists are read more often than long ones, so that drift is seen
 * within a minute where that costs next to nothing.
 *
 * @module
 */

import { spreadMs } from "../connect/quota.ts";

/** The part of the rate limit that all sweeps of a workspace may use together. */
const BUDGET = 0.02;
/** The shortest interval (ms). */
const SHORTEST = 60_000;

/** The settings on which the interval depends. */
interface SweepSettings {
  readonly rateLimit: number;
  readonly requeueIntervalMs: number;
  readonly isIntervalSet: boolean;
}

/**
 * The costs of sweeps, by workspace.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SweepBudget } from "./sweep_budget.ts";
 *
 * const budget = new SweepBudget();
 * const settings = { rateLimit: 15, requeueIntervalMs: 300_000, isIntervalSet: false };
 * const [jobs, repos] = [{}, {}];
 * budget.note("https://a", jobs, 2);
 * assert.equal(budget.intervalMs("https://a", settings), 60_000);
 * budget.note("https://a", repos, 28);
 * assert.equal(budget.intervalMs("https://a", settings), 100_000);
 * assert.equal(budget.intervalMs("https://a", { ...settings, isIntervalSet: true }), 300_000);
 * budget.forget(repos);
 * budget.note("https://a", jobs, 100);
 * assert.equal(budget.intervalMs("https://a", settings), 300_000);
 * ```
 */
export class SweepBudget {
  readonly #calls = new Map<object, { readonly host: string; readonly calls: number }>();

  /** Notes the calls that a sweep made, and those that follow from it. */
  note(host: string, sweeper: object, calls: number): void {
    this.#calls.set(sweeper, { host, calls });
  }

  /** Forgets a sweeper that has stopped. */
  forget(sweeper: object): void {
    this.#calls.delete(sweeper);
  }

  /** The interval (ms) between two sweeps of a kind. An explicit setting is obeyed. */
  intervalMs(host: string, { rateLimit, requeueIntervalMs, isIntervalSet }: SweepSettings): number {
    if (isIntervalSet) return requeueIntervalMs;
    const costs = [...this.#calls.values()].filter((cost) => cost.host === host);
    const round = costs.reduce((sum, { calls }) => sum + calls, 0);
    return Math.min(requeueIntervalMs, Math.max(SHORTEST, spreadMs(round, { rateLimit, share: BUDGET })));
  }
}
