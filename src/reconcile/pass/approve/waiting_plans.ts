/**
 * The plans that wait for an approval, and the objects whose drift is only reported: for the metrics.
 *
 * @module
 */
import type { PlanCause } from "../../../resource/status.ts";

/** Plans that are alike: `databricks_plans_pending`. */
export interface PendingCount {
  readonly cause: PlanCause;
  readonly count: number;
  /** The time since which the oldest one waits (ms since the epoch). */
  readonly oldest: number;
}

interface Waiting {
  readonly cause: PlanCause;
  /** ms since the epoch. */
  readonly since: number;
}

/**
 * The plans of one kind that wait, by the UIDs of their objects. A start looks at every object, so they need no storage.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { WaitingPlans } from "./waiting_plans.ts";
 *
 * const plans = new WaitingPlans();
 * plans.note("a", { cause: "drift", since: 5 });
 * plans.note("b", { cause: "drift", since: 3 });
 * assert.deepEqual(plans.counts(), [{ cause: "drift", count: 2, oldest: 3 }]);
 * ```
 */
export class WaitingPlans {
  readonly #waiting = new Map<string, Waiting>();
  readonly #drifted = new Set<string>();

  /** A plan waits. */
  note(uid: string, waiting: Waiting): void {
    this.#waiting.set(uid, waiting);
  }

  /** No plan of the object waits. */
  settle(uid: string): void {
    this.#waiting.delete(uid);
  }

  /** The object differs from Databricks, and that is only reported; or it does not. */
  drifted(uid: string, isDrifted: boolean): void {
    if (isDrifted) this.#drifted.add(uid);
    else this.#drifted.delete(uid);
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.#waiting.delete(uid);
    this.#drifted.delete(uid);
  }

  /** The number of objects whose drift is only reported. */
  get driftedCount(): number {
    return this.#drifted.size;
  }

  /** The number and the age of what waits, by cause. */
  counts(): PendingCount[] {
    const byCause = Map.groupBy(this.#waiting.values(), ({ cause }) => cause);
    return [...byCause].map(([cause, plans]) => ({
      cause,
      count: plans.length,
      oldest: Math.min(...plans.map(({ since }) => since)),
    }));
  }
}
