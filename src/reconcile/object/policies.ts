/**
 * The policies that decide which writes to Databricks wait for a person.
 *
 * @module
 */

/** The values of `apply`: no write waits, dangerous ones wait, all wait, or nothing is written. */
export const APPLY_POLICIES = ["auto", "guarded", "on-approval", "never"] as const;
/** The values of `drift`. */
export const DRIFT_POLICIES = ["correct", "report"] as const;

/** The writes to Databricks that wait for an approval. */
export type ApplyPolicy = typeof APPLY_POLICIES[number];
/** The policy for drift. */
export type DriftPolicy = typeof DRIFT_POLICIES[number];

/** Both. */
export interface Policy {
  readonly apply: ApplyPolicy;
  readonly drift: DriftPolicy;
}
