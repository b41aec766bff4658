/**
 * Decides which parts (keys of a scope, ACLs) to write and delete. Pure.
 *
 * @module
 */
import { canonicalJson, own } from "../../base/json.ts";
import type { ObservedPart } from "../../resource.ts";
import type { RecordedPart } from "../object/status.ts";

/** The facts that decide about parts. */
export interface PartSituation {
  readonly desired: Readonly<Record<string, unknown>>;
  readonly observed: Readonly<Record<string, ObservedPart>>;
  /** The parts recorded in the status; `undefined` before the first record. */
  readonly recorded: Readonly<Record<string, RecordedPart>> | undefined;
  /** Parts whose write-only value differs from the one that was sent. */
  readonly changed: ReadonlySet<string>;
  /** Parts that an older object holds. */
  readonly claimed: ReadonlySet<string>;
  /** Recorded parts that the list lacks, although it may be an old one. */
  readonly missed?: ReadonlySet<string>;
  /** Parts that were written just now, and that a list may not show yet. */
  readonly done?: ReadonlySet<string>;
  /** Names for which it returns the same value may denote one part. */
  readonly spelling?: (name: string) => string;
  /** Existing parts that may be overwritten though they are not recorded; by default all. */
  readonly mayTake?: (name: string) => boolean;
  readonly exclusive: boolean;
  readonly writeOnly: boolean;
}

/** The decision about parts. */
export interface PartPlan {
  readonly put: readonly string[];
  readonly delete: readonly string[];
  /** Parts that the manifest does not list and that stay all the same, since the operator needs them. */
  readonly keep: readonly string[];
  /** Records that no longer describe a part of this object. */
  readonly forget: readonly string[];
  /** Parts that are wanted, but that somebody else wrote. */
  readonly foreign: readonly string[];
  /** Parts that are wanted but belong to an older object. */
  readonly conflicts: readonly string[];
  /** Wanted parts that are written only after another one, which differs only in spelling, has been dealt with. */
  readonly later: readonly string[];
  /** Wanted parts that Databricks treats as one. */
  readonly merged: readonly string[];
  /** Parts that somebody else changed since the operator wrote them. */
  readonly drifted: readonly string[];
}

/**
 * Decides about the parts of one resource.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { planParts } from "./part_plan.ts";
 *
 * const situation = { observed: {}, recorded: {}, changed: new Set<string>(), claimed: new Set<string>() };
 * const plan = planParts({ ...situation, desired: { a: 1 }, exclusive: false, writeOnly: false });
 * assert.deepEqual(plan.put, ["a"]);
 * ```
 */
export function planParts(situation: PartSituation): PartPlan {
  const { desired, observed, claimed, exclusive } = situation;
  const recorded = situation.recorded ?? {};
  const free = Object.keys(desired).filter((name) => !claimed.has(name));
  const foreign = free.filter((name) => isForeign(name, situation));
  const wanted = free.filter((name) => !foreign.includes(name));
  const merged = wanted.filter((name) => isMerged(name, situation));
  const due = wanted.filter((name) => !merged.includes(name) && !situation.done?.has(name) && isDue(name, situation));
  const later = due.filter((name, index) => due.slice(0, index).some((other) => isAlike(name, other, situation)));
  const put = due.filter((name) => !later.includes(name));
  const unwanted = Object.keys(recorded).filter((name) => !Object.hasOwn(desired, name) && !own(recorded, name)?.kept);
  const gone = unwanted.filter((name) => !claimed.has(name) && Object.hasOwn(observed, name));
  // A list is complete: parts that existed before, and parts that version 0.1 kept, are removed, too.
  const strangers = exclusive
    ? Object.keys(observed).filter((name) => !Object.hasOwn(desired, name) && isStranger(own(recorded, name)))
    : [];
  const isFirst = situation.recorded === undefined;
  return {
    put,
    delete: [...gone, ...strangers],
    keep: [],
    forget: Object.keys(recorded).filter((name) =>
      claimed.has(name) || (unwanted.includes(name) && situation.missed?.has(name) !== true) ||
      (own(recorded, name)?.kept === true && !Object.hasOwn(observed, name))
    ),
    foreign,
    later,
    merged,
    conflicts: Object.keys(desired).filter((name) => claimed.has(name)),
    drifted: [
      ...put.filter((name) => isDrift(name, situation)),
      ...(isFirst ? [] : strangers.filter((name) => !Object.hasOwn(recorded, name))),
    ],
  };
}

/** True for a part that is unchanged in the manifest, but changed in Databricks. */
function isDrift(name: string, { desired, recorded = {}, changed }: PartSituation): boolean {
  const known = own(recorded, name);
  if (known === undefined || known.kept || changed.has(name)) return false;
  return known.value === undefined || known.value === textOf(desired[name]);
}

/** A part's value as the status records it. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : canonicalJson(value);
}

function isStranger(recorded: RecordedPart | undefined): boolean {
  return recorded === undefined || (recorded.kept === true && recorded.needed !== true);
}

function isForeign(name: string, situation: PartSituation): boolean {
  const { desired, observed, recorded = {}, mayTake, writeOnly } = situation;
  if (mayTake === undefined || own(recorded, name) !== undefined || mayTake(name)) return false;
  const held = own(observed, name);
  // If it already has the wanted value, there is nothing to overwrite.
  if (held !== undefined) return writeOnly || canonicalJson(held.value) !== canonicalJson(desired[name]);
  // It is unknown whether a part that differs only in spelling is the same one.
  return Object.keys(observed).some((other) => isAlike(name, other, situation) && own(recorded, other) === undefined);
}

function isAlike(one: string, other: string, { spelling }: PartSituation): boolean {
  return one !== other && spelling !== undefined && spelling(one) === spelling(other);
}

/**
 * True for each of two wanted parts that Databricks treats as one: writing the one that it does not show changed the
 * other.
 */
function isMerged(name: string, situation: PartSituation): boolean {
  const { desired, observed, recorded = {} } = situation;
  const isOf = (hidden: string, shown: string) =>
    own(observed, hidden) === undefined && own(observed, shown)?.stamp !== undefined &&
    own(recorded, hidden)?.stamp === own(observed, shown)?.stamp;
  return Object.keys(desired).some((other) =>
    isAlike(name, other, situation) && (isOf(name, other) || isOf(other, name))
  );
}

function isDue(name: string, { desired, observed, recorded, changed, writeOnly }: PartSituation): boolean {
  const held = own(observed, name);
  if (held === undefined) return true;
  if (!writeOnly) return canonicalJson(held.value) !== canonicalJson(desired[name]);
  const stamp = own(recorded, name)?.stamp;
  return changed.has(name) || stamp === undefined || stamp !== held.stamp;
}
