/**
 * Situations for tests of plans: a small manifest, Databricks' version of it, and the baseline of both.
 *
 * @module
 */
import type { FieldRules } from "../../resource.ts";
import type { Deviation } from "./diff.ts";
import { appliedFingerprint, type Baseline, BASELINE_VERSION, observedFingerprint, pairsOf } from "./baseline.ts";
import type { Plan, Situation } from "./plan.ts";

/** Field rules of every sort. */
export const rules: FieldRules = {
  keyedBy: { tasks: "task_key", params: "name" },
  immutable: ["path", "principal"],
  createOnly: ["principal"],
  updateOnly: ["branch", "tag"],
  unread: ["tag"],
  irremovable: ["sparse"],
  outputOnly: ["id"],
  spelling: { url: (url) => url.toLowerCase() },
};

/** The fields of a manifest or an answer. */
export type Fields = Record<string, unknown>;

/** A manifest. */
export const desired: Fields = {
  name: "etl",
  tasks: [{ task_key: "a", retries: 1 }, { task_key: "b" }],
  schedule: { tz: "UTC" },
};
/** `desired` in the form that Databricks returns: with defaults. */
export const observed: Fields = {
  ...desired,
  tasks: [{ task_key: "a", retries: 1, run_if: "ALL_SUCCESS" }, { task_key: "b", run_if: "ALL_SUCCESS" }],
  schedule: { tz: "UTC", pause_status: "UNPAUSED" },
  timeout_seconds: 0,
};

/** The baseline after `asked` was written, while Databricks has `held`. */
export function baselineOf(asked: Fields, held: Fields | undefined, more: Partial<Baseline> = {}): Baseline {
  return {
    version: BASELINE_VERSION,
    api: "2.2",
    generation: 1,
    words: true,
    applied: appliedFingerprint(asked, rules),
    ...(held === undefined ? {} : { observed: observedFingerprint(held, rules) }),
    ...more,
  };
}

/** A settled resource: nothing differs from its baseline. */
export function settled(more: Partial<Situation> = {}): Situation {
  return {
    desired,
    observed,
    baseline: baselineOf(desired, observed),
    api: "2.2",
    generation: 1,
    rules,
    updatable: true,
    rotated: false,
    ...more,
  };
}

/** A settled resource with a modified baseline. */
export const withBaseline = (more: Partial<Baseline>, rest: Partial<Situation> = {}) =>
  settled({ baseline: baselineOf(desired, observed, more), ...rest });

/** A resource that was just written, and not observed since. */
export const pending = (asked: Fields, held: Situation["observed"], more: Partial<Baseline> = {}) =>
  settled({ desired: asked, observed: held, baseline: baselineOf(asked, undefined, more) });

/** The plan to do nothing. */
export const none: Plan = { action: "none" };
/** The plan to take a new baseline. */
export const bind: Plan = { action: "bind" };
/** The plan to repair these fields. */
export const drift = (...changes: string[]): Plan => ({ action: "update", cause: "drift", changes });
/** The plan to write the manifest's edit. */
export const manifest = (...changes: string[]): Plan => ({ action: "update", cause: "manifest", changes });
/** The plan to write again what may be a spelling. */
export const doubt = (...differing: Deviation[]): Plan => ({
  action: "update",
  cause: "doubt",
  changes: differing.map(({ path }) => path),
  doubted: pairsOf(differing),
});
/** The plan to report an edit of a field that cannot be changed. */
export const immutable = (field: string): Plan => ({ action: "immutable", field });

/** The tasks of the manifest. */
export const [a, b] = desired.tasks as Fields[];
/** The tasks in Databricks. */
export const [heldA, heldB] = observed.tasks as Fields[];
/** The part of a situation in which the manifest was edited. */
export const edited = { generation: 2 };
