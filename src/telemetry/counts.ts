/**
 * Counts of objects, which metrics read on each scrape.
 *
 * @module
 */

/** Objects with the same labels: `databricks_managed_resources`. */
export interface ManagedCount {
  readonly kind: string;
  readonly owner: string;
  readonly ready: boolean;
  readonly count: number;
}

/** The plans of a kind: `databricks_plans_pending`. */
export interface PlanCounts {
  readonly kind: string;
  readonly pending: readonly {
    readonly cause: string;
    readonly count: number;
    /** The time since which the oldest plan waits (ms since the epoch). */
    readonly oldest: number;
  }[];
  /** The number of objects whose drift is only reported. */
  readonly drifted: number;
}

/** The declaration of a metric. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}
