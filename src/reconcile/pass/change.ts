/**
 * A change in Databricks, as the log shows it.
 *
 * @module
 */

/** What was done in Databricks for an object, as its line of the log shows it. */
export interface Change {
  readonly action: "create" | "start" | "take over" | "update" | "delete" | "release" | "repair" | "cancel";
  /** The fields or parts that were written. */
  readonly paths?: readonly string[];
}
