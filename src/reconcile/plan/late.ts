/**
 * Fields that a create cannot set: the update after it applies them, as soon as that is possible.
 *
 * @module
 */
import { own } from "../../base/json.ts";
import { deviations } from "./diff.ts";
import type { Situation } from "./plan.ts";

/**
 * Fields that a create could not set and that Databricks cannot hold yet, such as the code of an app that never ran: it
 * answers `null`. They are applied once an answer shows that they can be; what was never applied cannot have drifted.
 */
export function unapplied({ desired, observed, row, baseline, rules }: Situation): string[] {
  const held = typeof observed === "string" ? row : observed;
  const { updateOnly = [], unread = [] } = rules;
  if (held === undefined) return [];
  return updateOnly.filter((field) =>
    unread.includes(field) && own(desired, field) !== undefined && own(held, field) === null &&
    own(baseline?.applied ?? {}, field) === undefined
  );
}

/** Of the fields that the create could not set, those that are not yet as they are asked for. */
export function lateFields({ rules, desired, observed, gradual }: Situation, asked: readonly string[]): string[] {
  // An answer without the field does not prove that it has the value, not even an empty one.
  const isSo = (field: string) =>
    gradual === true && typeof observed !== "string" && own(observed, field) !== undefined &&
    deviations({ [field]: own(desired, field) }, observed, rules).length === 0;
  return asked.filter((field) => rules.updateOnly?.includes(field) && !isSo(field));
}
