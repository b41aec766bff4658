/**
 * The plans that wait for an approval, and the objects whose drift is only reported: for the metrics.
 *
 * @module
 */
import type { PlanCause } from "../../../resource/status.ts";

/** Plans with the same labels: `databricks_plans_pending`. */
export interface PendingCount {
  readonly cause: PlanCause;
  readonly count: number;
  /** The time since which the oldest plan waits (ms since the epoch). */
  readonly oldest: number;
}

interface Waiting {
  readonly cause: PlanCause;
  /** In ms since the epoch. */
  readonly since: number;
}

/**
 * The waiting plans of one kind, by the UIDs of their objects. They need no storage, since a start reconciles every
 * object.
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

  /** The object differs from Databricks, and that is only reported; or it no longer differs. */
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

  /** The number of waiting plans, and the age of the oldest, by cause. */
  counts(): PendingCount[] {
    const byCause = Map.groupBy(this.#waiting.values(), ({ cause }) => cause);
    return [...byCause].map(([cause, plans]) => ({
      cause,
      count: plans.length,
      oldest: Math.min(...plans.map(({ since }) => since)),
    }));
  }
}
