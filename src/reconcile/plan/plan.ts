/**
 * Decides what is to be done about a managed resource. Pure: no I/O, no clock.
 *
 * Drift needs no table of Databricks' defaults. The baseline holds fingerprints of what was asked for and of what
 * Databricks answered after that; drift is a field of the answer that differs from them now.
 *
 * @module
 */
import type { FieldRules } from "../../resource.ts";
import { disagreements } from "./diff.ts";
import { differences, type Fingerprint, fingerprint, without } from "./fields.ts";

/** The version of the baseline's own format; another one makes comparison go by value, once. */
export const BASELINE_VERSION = 1;

/** What status keeps, so that drift is seen and named after a restart. */
export interface Baseline {
  readonly version: number;
  /** The version of the Databricks API that answered. */
  readonly api: string;
  /** The generation of the manifest that `applied` stands for. */
  readonly generation: number;
  /** Of what the manifest asked for; absent while Databricks is the source of truth. */
  readonly applied?: Fingerprint;
  /** Of what Databricks held after our write; absent until that was observed. */
  readonly observed?: Fingerprint;
  /** True when the same write was made twice: what Databricks answers now is what it makes of the manifest. */
  readonly repeated?: boolean;
}

/** What is to be decided about. */
export interface Situation {
  readonly desired: Record<string, unknown>;
  /** What is compared of the external resource; `absent` when it is gone, `unknown` when it was not asked for. */
  readonly observed: Record<string, unknown> | "absent" | "unknown";
  readonly baseline: Baseline | undefined;
  readonly api: string;
  readonly generation: number;
  readonly rules: FieldRules;
  /** True when the kind has an update. */
  readonly updatable: boolean;
  /** True when a write-only value is to be sent. */
  readonly rotated: boolean;
}

/** Why an update is made. */
export type Cause = "manifest" | "drift" | "rotation";

/** What is to be done. */
export type Plan =
  | { readonly action: "none" }
  /** Nothing to write in Databricks; what it holds becomes the baseline. */
  | { readonly action: "bind" }
  | { readonly action: "update"; readonly cause: Cause; readonly changes: readonly string[] }
  | { readonly action: "recreate" }
  /** The field cannot be changed where it is. */
  | { readonly action: "immutable"; readonly field: string };

/** Decides about a resource that the manifest owns and that is bound to an external one. */
export function plan(situation: Situation): Plan {
  if (situation.observed === "absent") return { action: "recreate" };
  const { baseline } = situation;
  const trusted = baseline?.applied !== undefined && baseline.version === BASELINE_VERSION &&
    baseline.api === situation.api;
  const change = trusted ? byFingerprint(situation, baseline) : byValue(situation);
  const field = unchangeable(situation, change.paths);
  if (field !== undefined) return { action: "immutable", field };
  if (change.paths.length > 0) return { action: "update", cause: change.cause, changes: change.paths };
  if (situation.rotated) return { action: "update", cause: "rotation", changes: [] };
  const isNew = !trusted || change.rebase === true || baseline.observed === undefined ||
    baseline.generation !== situation.generation;
  return isNew && situation.observed !== "unknown" ? { action: "bind" } : { action: "none" };
}

interface Change {
  readonly cause: Cause;
  readonly paths: string[];
  /** True when the baseline was of no use, so that a new one is needed. */
  readonly rebase?: boolean;
}

function byFingerprint(situation: Situation, baseline: Baseline): Change {
  const { desired, observed, rules, generation } = situation;
  const asked = differences(baseline.applied ?? {}, appliedFingerprint(desired, rules));
  // The manifest is the same, so a newer operator reads it differently: that alone is no reason to write.
  if (asked.length > 0 && baseline.generation === generation) return updateOnly(situation, asked) ?? byValue(situation);
  if (asked.length > 0) return { cause: "manifest", paths: named(asked, situation) };
  if (typeof observed === "string") return { cause: "drift", paths: [] };
  if (baseline.observed === undefined) return afterOurWrite(situation, baseline);
  const drifted = differences(baseline.observed, observedFingerprint(observed, rules));
  return { cause: "drift", paths: named(drifted, situation) };
}

/**
 * The first look after our write. What differs may be somebody's edit, so it is written once more; what differs even then
 * is Databricks' own way to keep it, and writing it again would never end.
 */
function afterOurWrite(situation: Situation, { repeated }: Baseline): Change {
  if (repeated) return { cause: "drift", rebase: true, paths: [] };
  const { desired, rules } = situation;
  return byValue({ ...situation, desired: without(desired, rules.unread ?? []) });
}

/** Fields that the create could not set are applied by the update that follows it. */
function updateOnly({ rules }: Situation, asked: string[]): Change | undefined {
  const late = asked.filter((field) => rules.updateOnly?.includes(field));
  return late.length === 0 ? undefined : { cause: "manifest", paths: late };
}

function byValue({ desired, observed, rules, baseline }: Situation): Change {
  if (typeof observed === "string") return { cause: "drift", paths: [] };
  return {
    // What was never applied cannot have drifted.
    cause: baseline?.applied === undefined ? "manifest" : "drift",
    rebase: true,
    paths: disagreements(without(desired, rules.createOnly ?? []), observed, rules),
  };
}

/** Names the exact fields below a changed top-level field, where manifest and answer show them. */
function named(paths: string[], { desired, observed, rules }: Situation): string[] {
  if (typeof observed === "string") return paths;
  const exact = disagreements(desired, observed, rules);
  return paths.flatMap((path) => {
    const below = exact.filter((one) => one.startsWith(path) && /^[.[]/.test(one.slice(path.length)));
    return below.length > 0 ? below : [path];
  });
}

function unchangeable({ rules, updatable }: Situation, paths: string[]): string | undefined {
  if (!updatable) return paths[0];
  return paths.find((path) => rules.immutable?.includes(path.split(/[.[]/)[0] ?? path));
}

/** The fingerprint of what is asked for. `created` leaves out what a create cannot set. */
export function appliedFingerprint(
  desired: Record<string, unknown>,
  rules: FieldRules,
  options: { created?: boolean } = {},
): Fingerprint {
  return fingerprint(options.created ? without(desired, rules.updateOnly ?? []) : desired, rules);
}

/** The fingerprint of what Databricks holds. */
export function observedFingerprint(observed: Record<string, unknown>, rules: FieldRules): Fingerprint {
  return fingerprint(without(observed, rules.outputOnly ?? []), rules);
}
