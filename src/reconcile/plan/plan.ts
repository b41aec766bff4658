/**
 * Decides what to do about a managed resource. Pure: no I/O, no clock.
 *
 * Drift detection needs no table of Databricks' defaults. The baseline holds fingerprints of what was requested and of
 * what Databricks answered after that; drift is a field whose answer now differs from them.
 *
 * A list's row is weaker evidence than a get: a field that it lacks proves nothing, and a change that it shows is
 * confirmed by a get before anything is written.
 *
 * @module
 */
import { own } from "../../base/json.ts";
import { type FieldRules, topField } from "../../resource.ts";
import {
  appliedFingerprint,
  type Baseline,
  BASELINE_VERSION,
  lessonOf,
  observedFingerprint,
  pairOf,
  pairsOf,
} from "./baseline.ts";
import { type Deviation, deviations } from "./diff.ts";
import { differences, hashOf, plainFingerprint, without, withoutFields } from "./fields.ts";
import { lateFields, unapplied } from "./late.ts";
import { isBelow } from "./path.ts";
import { inOrder, inWordsOf } from "./spelling.ts";

/** The facts that decide about a resource. */
export interface Situation {
  readonly desired: Record<string, unknown>;
  /** The comparable part of the external resource; `absent` if it is gone, `unknown` if it was not read. */
  readonly observed: Record<string, unknown> | "absent" | "unknown";
  /** The newest row of the list, if it may contain less than a get. */
  readonly row?: Record<string, unknown> | undefined;
  readonly baseline: Baseline | undefined;
  readonly api: string;
  readonly generation: number;
  /** Identifies the values that the manifest only names: see {@link Baseline}. */
  readonly inputs?: string | undefined;
  readonly rules: FieldRules;
  /** True if the kind has an update. */
  readonly updatable: boolean;
  /** True if an update takes several calls: after an interruption, only the rest is written. */
  readonly gradual?: boolean;
  /** True if a write-only value is to be sent. */
  readonly rotated: boolean;
  /** The path of the operator's mark (an ownership tag), if it existed and is gone. */
  readonly unmarked?: string | undefined;
  /** The path of the operator's mark, if it is missing and never seen: it counts right after a write that set it. */
  readonly unseenMark?: string | undefined;
  /** Spellings of the same values that other objects have taught: see {@link lessonOf}. */
  readonly learned?: ReadonlySet<string>;
  /** True for a field that Databricks began to return for all resources at once, by its path as in rules. */
  readonly isNew?: (field: string) => boolean;
}

/**
 * The cause of an update. `doubt`: a difference right after the operator's own write may be somebody's edit or
 * Databricks' own spelling, and a second write shows which.
 */
export type Cause = "manifest" | "drift" | "rotation" | "doubt";

/** The decision about a resource. */
export type Plan =
  | { readonly action: "none" }
  /** The list's row is not enough to decide: read the whole resource. */
  | { readonly action: "look" }
  /** Nothing to write in Databricks; its current state becomes the baseline. */
  | {
    readonly action: "bind";
    /** Doubtful differences that turned out to be an edit, which the second write reverted. */
    readonly corrected?: readonly string[];
  }
  | {
    readonly action: "update";
    readonly cause: Cause;
    readonly changes: readonly string[];
    /** The doubtful differences, by path, to recognize them after the write. */
    readonly doubted?: Readonly<Record<string, string>>;
  }
  | { readonly action: "recreate" }
  /** The field cannot be changed in place. */
  | { readonly action: "immutable"; readonly field: string };

/** Decides about a resource that the manifest owns and that is bound to an external one. */
export function plan(situation: Situation): Plan {
  if (situation.observed === "absent") return { action: "recreate" };
  const { baseline } = situation;
  const trusted = isTrusted(situation) ? baseline : undefined;
  const change = trusted === undefined ? byValue(situation) : byFingerprint(situation, trusted);
  if (change === "look") return { action: "look" };
  const field = unchangeable(situation, change);
  if (field !== undefined) return { action: "immutable", field };
  const changes = change.paths.filter((path) => change.cause === "manifest" || !isImmutable(situation, path));
  if (changes.length > 0) {
    return { action: "update", cause: change.cause, changes, ...(change.doubted ? { doubted: change.doubted } : {}) };
  }
  if (situation.rotated) return { action: "update", cause: "rotation", changes: [] };
  if (situation.unmarked !== undefined) {
    if (situation.observed === "unknown") return { action: "look" };
    return { action: "update", cause: "drift", changes: [situation.unmarked] };
  }
  const isNew = trusted === undefined || change.rebase === true || trusted.observed === undefined ||
    !isSameManifest(situation, trusted) || trusted.words !== true;
  if (!isNew || !isSeen(situation)) return { action: "none" };
  return { action: "bind", ...(change.corrected?.length ? { corrected: change.corrected } : {}) };
}

interface Change {
  readonly cause: Cause;
  readonly paths: readonly string[];
  /** True if the baseline was unusable or is outdated, so that a new one is needed. */
  readonly rebase?: boolean;
  readonly corrected?: readonly string[];
  readonly doubted?: Readonly<Record<string, string>>;
}

const nothing: Change = { cause: "drift", paths: [] };
const rebased: Change = { ...nothing, rebase: true };

/** True if the baseline is of this version, for this version of the API. */
export function isTrusted({ baseline, api }: Situation): boolean {
  return baseline?.applied !== undefined && baseline.version === BASELINE_VERSION && baseline.api === api;
}

function isSeen({ observed, row }: Situation): boolean {
  return observed !== "unknown" || row !== undefined;
}

function byFingerprint(situation: Situation, baseline: Baseline): Change | "look" {
  const later = unapplied(situation);
  const asked = askedAnew(situation, baseline).filter((field) => !later.includes(field));
  // The manifest is unchanged, so a newer operator reads it differently: that alone is no reason to write.
  const { observed, row, gradual = false } = situation;
  const canLook = observed === "unknown" && row !== undefined;
  // Of an update in several calls, only the calls that are still needed are made.
  if (asked.length > 0 && gradual && canLook) return "look";
  if (asked.length > 0 && isSameManifest(situation, baseline)) {
    const late = lateFields(situation, asked);
    return late.length === 0 ? byValue(situation) : { cause: "manifest", paths: late };
  }
  if (asked.length > 0) {
    const change = edited(situation, asked);
    // An edit that needs no write is judged by the state in Databricks.
    return change.paths.length === 0 && canLook ? "look" : change;
  }
  if (typeof observed !== "string") {
    return baseline.observed === undefined
      ? afterOurWrite(situation, baseline, observed)
      : sinceBaseline(situation, baseline, observed);
  }
  return row === undefined ? nothing : byRow(situation, baseline, row);
}

/** True if neither the manifest nor the values that it names have changed (which version 0.1 does not record). */
export function isSameManifest({ generation, inputs }: Situation, baseline: Baseline): boolean {
  return baseline.generation === generation && (baseline.inputs === undefined || baseline.inputs === inputs);
}

function askedAnew({ desired, rules }: Situation, { applied = {}, words }: Baseline): string[] {
  const asked = differences(applied, appliedFingerprint(desired, rules));
  if (asked.length === 0 || words === true) return asked;
  return differences(applied, plainFingerprint(desired, rules)).length === 0 ? [] : asked;
}

/** The manifest's changes, without those that have no effect in Databricks or are already in effect. */
function edited(situation: Situation, asked: string[]): Change {
  const { desired, observed, rules } = situation;
  const isGone = (path: string) => own(desired, topField(path)) === undefined;
  const differing = typeof observed === "string"
    ? undefined
    : new Set(deviations(desired, observed, rules).map(({ path }) => topField(path)));
  const paths = asked.filter((path) => {
    const field = topField(path);
    if (isGone(path) && (rules.irremovable?.includes(field) || isUnfollowed(field, desired, rules))) return false;
    // A field that somebody changed in Databricks, and that the manifest now sets to the same value.
    const isSo = own(desired, field) !== undefined && differing?.has(field) === false;
    // A field that the answer omits may differ, though that alone is not drift.
    const isTold = typeof observed !== "string" && own(observed, field) !== undefined;
    if (isSo && isTold && situation.gradual === true && !unasked(rules).includes(field)) return false;
    return !(isSo && rules.immutable?.includes(field) && !rules.createOnly?.includes(field));
  });
  return { cause: "manifest", paths: named(paths, situation), rebase: true };
}

/**
 * The first observation after the operator's write. A difference may be somebody's edit, so it is written once more,
 * without a report. A difference that remains even then is Databricks' own spelling, and writing it again would never
 * end.
 */
function afterOurWrite(situation: Situation, baseline: Baseline, observed: Record<string, unknown>): Change {
  const { desired, rules, learned } = situation;
  const { doubted = {}, stands = {} } = baseline;
  const differing = [...deviations(without(desired, unasked(rules)), observed, rules), ...missingMark(situation)]
    .filter(({ path }) => !isImmutable(situation, path));
  const isKnown = (one: Deviation) =>
    [doubted[one.path], stands[one.path]].includes(pairOf(one)) || learned?.has(lessonOf(one)) === true;
  const open = differing.filter((one) => !isKnown(one));
  if (open.length > 0) return { cause: "doubt", paths: open.map(({ path }) => path), doubted: pairsOf(open) };
  const held = new Set(differing.map(({ path }) => path));
  return { ...rebased, corrected: Object.keys(doubted).filter((path) => !held.has(path)) };
}

/** The operator's mark, as a difference right after the write that set it. */
function missingMark({ unseenMark }: Situation): Deviation[] {
  return unseenMark === undefined ? [] : [{ path: unseenMark, wanted: "our mark", got: undefined }];
}

/** Fields whose answer says nothing about the operator's write. */
export function unasked({ unread = [], createOnly = [] }: FieldRules): string[] {
  return [...unread, ...createOnly];
}

/** The changes since the baseline was taken. */
function sinceBaseline(situation: Situation, baseline: Baseline, observed: Record<string, unknown>): Change {
  const drifted = driftedFields(situation, baseline, observed);
  const added = baseline.repaired === undefined ? [] : addedByRepair(situation, baseline, drifted);
  if (drifted.length > added.length) return { cause: "drift", paths: named(drifted, situation) };
  const now = observedFingerprint(inWords(situation, observed), situation.rules);
  const doubted = Object.fromEntries(added.map((path) => [path, hashOf(own(now, topField(path)))]));
  const open = added.filter((path) => baseline.doubted?.[path] !== doubted[path]);
  if (open.length > 0) return { cause: "doubt", paths: open, doubted };
  return isCurrent(situation, baseline) && baseline.from === undefined && baseline.repaired === undefined
    ? nothing
    : rebased;
}

/** Fields outside the manifest and outside the operator's own repair: Databricks may have added them at that write. */
function addedByRepair(
  { desired, observed, rules }: Situation,
  { repaired = [] }: Baseline,
  drifted: string[],
): string[] {
  const differing = new Set(deviations(desired, observed, rules).map(({ path }) => topField(path)));
  const written = new Set(repaired.map(topField));
  return drifted.filter((path) => !differing.has(topField(path)) && !written.has(topField(path)));
}

function driftedFields(situation: Situation, baseline: Baseline, observed: Record<string, unknown>): string[] {
  const { desired, rules, row, isNew } = situation;
  const before = baseline.observed ?? {};
  const now = observedFingerprint(inWords(situation, observed), rules);
  const changed = differences(before, now).filter((path) =>
    !isLeftAlone(situation, topField(path)) && !isImmutable(situation, path)
  );
  if (changed.length > 0 && baseline.words !== true && isUnchangedInOldWords(observed, before, rules)) return [];
  const told = row === undefined ? undefined : observedFingerprint(inWords(situation, row), rules);
  const known = isNew && new Set(differences(before, observedFingerprint(withoutNew(situation, observed), rules)));
  return changed.filter((path) => {
    const field = topField(path);
    if (known?.has(path) === false) return false;
    if (baseline.from !== "list") return true;
    // The baseline is from a row: a field that a row omits, or spells differently than a get, has not changed.
    if (told === undefined) return deviations({ [field]: own(desired, field) }, observed, rules).length > 0;
    return !(hashOf(own(told, field) ?? null) === hashOf(own(before, field) ?? null));
  });
}

/** True if nothing changed by the comparison of version 0.1, which did not sort lists. */
function isUnchangedInOldWords(observed: Record<string, unknown>, before: object, rules: FieldRules): boolean {
  const plain = plainFingerprint(without(observed, rules.outputOnly ?? []), rules);
  return differences(before as Baseline["observed"] & object, plain).length === 0;
}

/** True for a field that is left alone as long as the manifest does not name it. */
export function isUnfollowed(field: string, desired: Record<string, unknown>, rules: FieldRules): boolean {
  const askers = own(rules.onlyIfAsked, field);
  return askers?.every((asker) => own(desired, asker) === undefined) === true;
}

function isLeftAlone({ desired, rules }: Situation, field: string): boolean {
  const isIrremovable = rules.irremovable?.includes(field) === true && own(desired, field) === undefined;
  return isIrremovable || isUnfollowed(field, desired, rules);
}

/** A row is compared with the row before it. */
function byRow(situation: Situation, baseline: Baseline, row: Record<string, unknown>): Change | "look" {
  if (baseline.observed === undefined) {
    const asked = without(situation.desired, unasked(situation.rules));
    const differing = [...deviations(asked, row, situation.rules), ...missingMark(situation)];
    return differing.length === 0 && baseline.doubted === undefined ? rebased : "look";
  }
  if (isCurrent(situation, baseline)) return baseline.repaired === undefined ? nothing : rebased;
  const changed = differences(baseline.observed, observedFingerprint(inWords(situation, row), situation.rules));
  return changed.length === 0 ? rebased : "look";
}

/** True if the newest row is the one in the baseline; also if there is no row. */
export function isCurrent(situation: Situation, { listed, observed }: Baseline): boolean {
  return situation.row === undefined || (listed ?? hashOf(observed)) === rowHash(situation, situation.row);
}

/** The hash of a list's row, as in the baseline. */
export function rowHash(situation: Pick<Situation, "desired" | "rules">, row: Record<string, unknown>): string {
  return hashOf(observedFingerprint(inWords(situation, row), situation.rules));
}

/** An answer without the fields that Databricks began to return and the manifest does not name. */
export function withoutNew(situation: Situation, observed: Record<string, unknown>): Record<string, unknown> {
  const { desired, rules, isNew = () => false } = situation;
  return withoutFields(inWords(situation, observed), inOrder(desired, rules), isNew) as Record<string, unknown>;
}

/** An answer in the manifest's spelling. */
export function inWords({ desired, rules }: Pick<Situation, "desired" | "rules">, held: Record<string, unknown>) {
  return inWordsOf(desired, held, rules) as Record<string, unknown>;
}

function byValue({ desired, observed, rules, baseline, row }: Situation): Change | "look" {
  if (typeof observed === "string") return row === undefined ? nothing : "look";
  const differing = deviations(without(desired, rules.createOnly ?? []), observed, rules);
  return {
    // A state that was never applied cannot have drifted.
    cause: baseline?.applied === undefined ? "manifest" : "drift",
    rebase: true,
    // An answer that omits an immutable field does not prove that it differs.
    paths: differing.filter(({ path, got }) => got !== undefined || !rules.immutable?.includes(topField(path)))
      .map(({ path }) => path),
  };
}

/** Names the exact fields below a changed top-level field, if manifest and answer show them. */
function named(paths: readonly string[], { desired, observed, rules }: Situation): string[] {
  if (typeof observed === "string") return [...paths];
  const exact = deviations(desired, observed, rules).map(({ path }) => path);
  return paths.flatMap((path) => {
    const below = exact.filter((one) => isBelow(one, path));
    return below.length > 0 ? below : [path];
  });
}

/** An immutable field that the manifest changes. One that somebody changed in Databricks blocks nothing else. */
function unchangeable(situation: Situation, { cause, paths }: Change): string | undefined {
  return cause === "manifest" ? paths.find((path) => isImmutable(situation, path)) : undefined;
}

/** True for a field that no update changes. */
export function isImmutable({ rules, updatable }: Situation, path: string): boolean {
  return !updatable || rules.immutable?.includes(topField(path)) === true;
}
