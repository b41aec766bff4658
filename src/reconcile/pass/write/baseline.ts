/**
 * The comparable parts of manifest and answer, and the baseline that the status keeps of both.
 *
 * @module
 */
import {
  appliedFingerprint,
  type Baseline,
  BASELINE_VERSION,
  observedFingerprint,
  pairsOf,
} from "../../plan/baseline.ts";
import { hashOf, project, without } from "../../plan/fields.ts";
import { isUnfollowed, rowHash, type Situation } from "../../plan/plan.ts";
import { unapplied } from "../../plan/late.ts";
import { leftBehind, settledDeviations } from "../../plan/standing.ts";
import { inWordsOf } from "../../plan/spelling.ts";
import type { Intent, Resource } from "../../../resource.ts";
import type { Managed, Pass } from "../pass.ts";

/** The desired state, without the parts. */
export function comparedDesired(pass: Pass, { intent }: Managed): Record<string, unknown> {
  const field = pass.resource.parts?.field;
  return field === undefined ? intent.desired : without(intent.desired, [field]);
}

/** The comparable part of an observed resource: known fields and those in the manifest, without computed ones. */
export function comparedObserved({ resource }: Pass, { intent }: Managed, observed: Record<string, unknown>) {
  return comparedOf(resource, intent, observed);
}

/** The same for a kind and an intent. */
export function comparedOf(resource: Resource, { desired, owner }: Intent, observed: Record<string, unknown>) {
  const { fields } = resource;
  const compared = resource.comparable(observed, owner);
  const known = project(resource.comparableSchema, compared, desired) as Record<string, unknown>;
  const unfollowed = Object.keys(known).filter((field) => isUnfollowed(field, desired, fields));
  return without(known, [...fields.outputOnly ?? [], ...unfollowed]);
}

/**
 * The baseline after a write, from the request. The result in Databricks is observed soon.
 *
 * @param options.later Fields that the write did not apply.
 */
export function writtenBaseline(
  pass: Pass,
  managed: Managed,
  options: { created?: boolean; later?: readonly string[] } = {},
): Baseline {
  const { resource } = pass;
  return {
    version: BASELINE_VERSION,
    api: resource.apiVersion(managed.connection.workspace),
    generation: pass.generation,
    ...managed.inputs !== undefined && { inputs: managed.inputs },
    words: true,
    ...(options.created ? { created: true } : {}),
    applied: appliedFingerprint(without(comparedDesired(pass, managed), options.later ?? []), resource.fields, options),
  };
}

/** The baseline of the current state in Databricks. */
export function observedBaseline(pass: Pass, managed: Managed, situation: Situation): Baseline {
  const { observed, row, desired, rules, baseline } = situation;
  const whole = typeof observed === "string" ? undefined : observed;
  // A row does not replace the result of a get.
  const isKept = whole === undefined && baseline?.observed !== undefined && baseline.from !== "list";
  const held = inWordsOf(desired, whole ?? row ?? {}, rules) as Record<string, unknown>;
  const stands = isKept ? baseline.stands ?? {} : pairsOf(settledDeviations(situation));
  const left = leftBehind(situation);
  const listed = row === undefined ? baseline?.listed : rowHash(situation, row);
  const was = Object.entries(baseline?.was ?? {}).filter(([path]) => Object.hasOwn(stands, path));
  const seen = isKept ? baseline.observed : observedFingerprint(held, rules);
  return {
    ...writtenBaseline(pass, managed, { later: unapplied(situation) }),
    observed: seen,
    ...(whole === undefined && !isKept ? { from: "list" } : {}),
    ...(listed === undefined || listed === hashOf(seen) ? {} : { listed }),
    ...(Object.keys(stands).length === 0 ? {} : { stands }),
    ...(was.length === 0 ? {} : { was: Object.fromEntries(was) }),
    ...(left.length === 0 ? {} : { left }),
    ...(baseline?.marked ? { marked: true } : {}),
    ...(baseline?.extra === undefined ? {} : { extra: baseline.extra }),
    ...(baseline?.kept === undefined ? {} : { kept: baseline.kept }),
  };
}

/** True while the result of the operator's last write is unknown. */
export function needsBaseline({ status: { baseline } }: Pass): boolean {
  return baseline !== undefined && (baseline.observed === undefined || baseline.repaired !== undefined);
}
