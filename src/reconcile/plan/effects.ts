/**
 * The values that a write would change in Databricks. Pure.
 *
 * An update may change more than its cause: where it replaces everything, it also reverts what somebody else changed,
 * and removes what the manifest does not name. An approval covers all of that.
 *
 * @module
 */
import { canonicalJson, isObject, own } from "../../base/json.ts";
import { topField } from "../../resource.ts";
import type { PlanCause } from "../object/status.ts";
import { lessonOf, observedFingerprint, pairOf } from "./baseline.ts";
import { type Deviation, deviations, isEmpty } from "./diff.ts";
import { hashOf, without } from "./fields.ts";
import { elementsOf, isBelow } from "./path.ts";
import { isImmutable, type Plan, type Situation, unasked } from "./plan.ts";
import type { ProposedChange } from "./proposal.ts";
import { inOrder, inWordsOf } from "./spelling.ts";

/** The stand-in for the value of the operator's mark, which contains the object's UID. */
const MARK = "the mark of this object";

/** The changes of a create. */
export function effectsOfCreate(
  { desired, rules }: Pick<Situation, "desired" | "rules">,
  reason: PlanCause,
): ProposedChange[] {
  return Object.entries(inOrder(desired, rules)).flatMap(([field, value]) => {
    if (value === undefined) return [];
    const key = own(rules.keyedBy, field);
    const elements = key === undefined ? undefined : elementsOf(value, key);
    if (elements === undefined) return [{ path: field, from: undefined, to: value, reason }];
    return [...elements].map(([name, to]) => ({ path: `${field}[${name}]`, from: undefined, to, reason }));
  });
}

/**
 * The changes of an update.
 *
 * @param kept Fields that the update keeps although the manifest does not name them.
 */
export function effectsOfUpdate(
  situation: Situation & { readonly observed: Record<string, unknown> },
  { changes, cause }: Plan & { action: "update" },
  kept: readonly string[],
): ProposedChange[] {
  const reason = cause === "manifest" || cause === "rotation" ? cause : "drift";
  const differing = differingIn(situation);
  const isNamed = (path: string) => changes.some((one) => isWithin(path, one) || isBelow(one, path));
  const told = differing.map(({ path, wanted, got }): ProposedChange => ({
    path,
    from: got,
    to: wanted,
    reason: isNamed(path) ? reason : "drift",
  }));
  const rest = changes.filter((path) => !differing.some((one) => isWithin(one.path, path)));
  const removed = removedBy(situation, kept).filter((path) => !changes.includes(path));
  return [
    ...told,
    ...rest.map((path) => valuesAt(situation, path, reason)),
    ...removed.map((path) => valuesAt(situation, path, situation.baseline?.applied === undefined ? reason : "drift")),
  ];
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || isBelow(path, outer);
}

/** The differences that a write removes, without Databricks' known spellings. */
function differingIn(situation: Situation & { observed: Record<string, unknown> }): Deviation[] {
  const { desired, observed, rules, baseline, learned } = situation;
  return deviations(without(desired, unasked(rules)), observed, rules).filter((one) =>
    !isImmutable(situation, one.path) && baseline?.stands?.[one.path] !== pairOf(one) &&
    learned?.has(lessonOf(one)) !== true
  );
}

/** Fields that the manifest does not name and that an update which replaces everything removes. */
function removedBy(situation: Situation & { observed: Record<string, unknown> }, kept: readonly string[]): string[] {
  const { desired, observed, rules, baseline } = situation;
  if (rules.replaces !== true) return [];
  const held = inWordsOf(desired, observed, rules) as Record<string, unknown>;
  const now = observedFingerprint(held, rules);
  return Object.entries(held).filter(([field, value]) =>
    own(desired, field) === undefined && !isEmpty(value) && !kept.includes(field) &&
    canonicalJson(value) !== canonicalJson(own(rules.defaults, field) ?? null) &&
    !isImmutable(situation, field) && rules.outputOnly?.includes(field) !== true &&
    hashOf(own(baseline?.observed, field) ?? null) !== hashOf(own(now, field) ?? null)
  ).map(([field]) => field);
}

function valuesAt(situation: Situation, path: string, reason: PlanCause): ProposedChange {
  if (path === situation.unmarked) return { path, from: undefined, to: MARK, reason };
  const { desired, observed, rules } = situation;
  const held = typeof observed === "string" ? {} : inWordsOf(desired, observed, rules);
  return { path, from: valueAt(held, path, rules), to: valueAt(inOrder(desired, rules), path, rules), reason };
}

/** The value of a top-level field, or of an element of one that is a keyed list. */
function valueAt(value: unknown, path: string, { keyedBy }: Situation["rules"]): unknown {
  const field = topField(path);
  const held = isObject(value) ? own(value, field) : undefined;
  if (path === field) return held;
  const key = own(keyedBy, field);
  return key === undefined ? held : elementsOf(held, key)?.get(path.slice(field.length + 1, -1));
}
