/**
 * Announces the effects of a take-over before anything is written: the first update that replaces everything removes
 * the fields that the manifest does not name.
 *
 * @module
 */
import { canonicalJson, own } from "../../../base/json.ts";
import { isEmpty } from "../../plan/diff.ts";
import { listed } from "../../plan/show.ts";
import type { Baseline } from "../../plan/baseline.ts";
import { comparedDesired, comparedObserved } from "./baseline.ts";
import type { Managed, Pass } from "../pass.ts";

/** What a take-over adds to the baseline. */
export type TakeOver = Pick<Baseline, "extra" | "kept">;

/** True in the pass that takes over an existing resource, from nobody or from Databricks as the source of truth. */
function isTakeOver({ isTakenOver, status: { baseline } }: Pass): boolean {
  return isTakenOver || (baseline !== undefined && baseline.applied === undefined);
}

/** Reports what the manifest lacks, and who else manages the resource; returns what to remember. */
export function takeOver(pass: Pass, managed: Managed, observed: Record<string, unknown>): TakeOver {
  const kept = keptFields(pass, managed, observed);
  return {
    ...(isTakeOver(pass) ? tell(pass, managed, observed) : {}),
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
  };
}

function tell(pass: Pass, managed: Managed, observed: Record<string, unknown>): TakeOver {
  const { resource, externalLabel } = pass;
  const extra = extraFields(pass, managed, observed);
  if (extra.length > 0) {
    pass.event("Warning", "SettingsNotInManifest", `${externalLabel} has ${notNamed(extra)}`);
  }
  const other = resource.managedBy?.(observed);
  if (other !== undefined) {
    pass.event("Warning", "ManagedElsewhere", `${externalLabel} is managed by ${other}, or both write it in turns`);
  }
  return extra.length === 0 ? {} : { extra };
}

/**
 * The fields that the next update removes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { notNamed } from "./adoption.ts";
 *
 * assert.match(notNamed(["schedule"]), /^schedule, which the manifest does not name: the next update removes it /);
 * assert.match(notNamed(["schedule", "tags"]), /: the next update removes them unless the manifest does$/);
 * ```
 */
export function notNamed(fields: readonly string[]): string {
  const them = fields.length === 1 ? "it" : "them";
  return `${
    listed(fields)
  }, which the manifest does not name: the next update removes ${them} unless the manifest does`;
}

function extraFields(pass: Pass, managed: Managed, observed: Record<string, unknown>): string[] {
  const { fields: { replaces, defaults } } = pass.resource;
  if (replaces !== true) return [];
  const desired = comparedDesired(pass, managed);
  return Object.entries(comparedObserved(pass, managed, observed)).filter(([field, held]) =>
    own(desired, field) === undefined && !isEmpty(held) &&
    canonicalJson(held) !== canonicalJson(own(defaults, field) ?? null)
  ).map(([field]) => field);
}

/** The fields that the update would turn on by omitting them. */
function keptFields({ resource }: Pass, { connection, intent }: Managed, observed: Record<string, unknown>) {
  const kept = resource.keeps?.(observed, connection.workspace) ?? {};
  return Object.fromEntries(Object.entries(kept).filter(([field]) => own(intent.desired, field) === undefined));
}
