/**
 * Differences between manifest and answer that remain: an equivalent spelling, or a value that Databricks does not
 * apply. Pure.
 *
 * @module
 */
import { topField } from "../../resource.ts";
import { own } from "../../base/json.ts";
import { type Baseline, pairOf } from "./baseline.ts";
import { type Deviation, deviations, isEmpty } from "./diff.ts";
import { differences, hashOf, plainFingerprint, without } from "./fields.ts";
import { isImmutable, type Situation, unasked } from "./plan.ts";

/** A field that does not match the manifest, whatever is written. */
export interface Standing extends Deviation {
  /**
   * `ignored`: it was written to no effect. `moved`: it is immutable and was changed in Databricks. `left`: it should
   * be removed, and no call can do that.
   */
  readonly why: "ignored" | "moved" | "left";
}

/** The differences that remain between a resource and its manifest although there is nothing left to write. */
export function standing(situation: Situation): Standing[] {
  const { desired, observed, rules, baseline } = situation;
  if (typeof observed === "string") return [];
  const left = (baseline?.left ?? []).filter((field) => own(observed, field) !== undefined);
  const differing = deviations(without(desired, unasked(rules)), observed, rules);
  return [
    ...differing.flatMap((one): Standing[] => {
      if (isImmutable(situation, one.path)) return isMoved(situation, one) ? [{ ...one, why: "moved" }] : [];
      // An empty value, if no call can set it, counts as if the field had been removed from the manifest.
      const isLeft = one.wanted === "" && rules.irremovable?.includes(topField(one.path)) === true;
      return isIgnored(one, baseline) ? [{ ...one, why: isLeft ? "left" : "ignored" }] : [];
    }),
    ...left.map((path): Standing => ({ path, wanted: undefined, got: own(observed, path), why: "left" })),
  ];
}

/** True if a difference is an edit: one right after the operator's own create is a spelling of Databricks. */
function isMoved({ baseline }: Situation, one: Deviation): boolean {
  return baseline?.observed !== undefined && one.got !== undefined && baseline.stands?.[one.path] !== pairOf(one);
}

/** The deviations that become permanent when the answer becomes the baseline. */
export function settledDeviations(situation: Situation): Deviation[] {
  const { desired, observed, row, rules, baseline } = situation;
  const held = typeof observed === "string" ? row : observed;
  if (held === undefined) return [];
  return deviations(without(desired, unasked(rules)), held, rules).filter((one) =>
    !isImmutable(situation, one.path) || baseline?.created === true || baseline?.stands?.[one.path] === pairOf(one) ||
    isOldWord(situation, one)
  );
}

/** Version 0.1 kept no list of remaining differences: those in its baseline existed when it was taken. */
function isOldWord({ baseline, observed, rules }: Situation, { path }: Deviation): boolean {
  if (baseline?.observed === undefined || baseline.words === true || typeof observed === "string") return false;
  const changed = differences(baseline.observed, plainFingerprint(without(observed, rules.outputOnly ?? []), rules));
  return !changed.some((one) => topField(one) === topField(path));
}

/** Fields that were removed from the manifest, that no call can clear, and that Databricks still has. */
export function leftBehind({ desired, observed, rules, baseline }: Situation): string[] {
  const { applied = {}, left = [] } = baseline ?? {};
  return (rules.irremovable ?? []).filter((field) =>
    own(desired, field) === undefined && (own(applied, field) !== undefined || left.includes(field)) &&
    (typeof observed === "string" || !isEmpty(own(observed, field)))
  );
}

/** True if Databricks dropped or kept a value that was overwritten; another spelling of a text is not that. */
function isIgnored({ path, wanted, got }: Deviation, baseline: Baseline | undefined): boolean {
  if (wanted === undefined) return false;
  if (got === undefined || baseline?.was?.[path] === hashOf(got)) return true;
  if (Array.isArray(wanted) && Array.isArray(got)) return got.length < wanted.length;
  const isPlain = (value: unknown) => ["number", "bigint", "boolean"].includes(typeof value);
  return isPlain(wanted) && isPlain(got);
}
