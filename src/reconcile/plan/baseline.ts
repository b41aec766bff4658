/**
 * The baseline in the status, by which drift is seen and named after a restart: fingerprints of manifest and answer, no
 * values.
 *
 * @module
 */
import { canonicalJson, isObject, parseJson } from "../../base/json.ts";
import { applyMergePatch, mergePatch } from "../../base/merge_patch.ts";
import type { FieldRules } from "../../resource.ts";
import type { Deviation } from "./diff.ts";
import { type Fingerprint, fingerprint, hashOf, without } from "./fields.ts";
import { generic } from "./path.ts";

/** The version of the baseline's own format; another one makes comparison go by value, once. */
export const BASELINE_VERSION = 1;
/** The number of paths in each list of the baseline: more differences than that are no matter of spelling. */
const MAX_PATHS = 100;

/** The baseline. */
export interface Baseline {
  readonly version: number;
  /** The version of the Databricks API that answered. */
  readonly api: string;
  /** The generation of the manifest that `applied` stands for. */
  readonly generation: number;
  /** Of what `applied` stands for too, and the manifest only names: ids of other objects, the text of a ConfigMap. */
  readonly inputs?: string;
  /** The fingerprint of the desired state; absent while Databricks is the source of truth. */
  readonly applied?: Fingerprint;
  /** The fingerprint of the observed state after our write, in the manifest's words; absent until it was observed. */
  readonly observed?: Fingerprint;
  /** True when lists were put in order and answers read in the manifest's words: version 0.1 did not. */
  readonly words?: boolean;
  /** Set when `observed` is of a list's row, which may omit fields of a get. */
  readonly from?: "list";
  /** Of the list's row that was seen with `observed`, where it differs from that. */
  readonly listed?: string;
  /** True until it was observed what a create made. */
  readonly created?: boolean;
  /** The differences right after our write that were written once more, by path. */
  readonly doubted?: Readonly<Record<string, string>>;
  /** The differences that remain: Databricks' spelling of a value, or a value that it does not apply. By path. */
  readonly stands?: Readonly<Record<string, string>>;
  /** The values before our last write, by path. */
  readonly was?: Readonly<Record<string, string>>;
  /** The paths that were set back, until it was observed whether that holds. */
  readonly repaired?: readonly string[];
  /** Fields that left the manifest and that no call can clear in Databricks. */
  readonly left?: readonly string[];
  /** Fields that were there at a take-over and that the manifest does not name, until the first write. */
  readonly extra?: readonly string[];
  /** Fields outside the manifest that updates name, to keep the value from before a take-over. */
  readonly kept?: Readonly<Record<string, unknown>>;
  /** True once the resource was seen to carry our mark. */
  readonly marked?: boolean;
}

/** Begins the text of a baseline: the version of the text's own format. */
const TEXT_VERSION = "1 ";

/**
 * A baseline as one line of text. Of `observed` it holds what differs from `applied`: most fields of a resource are as
 * they were asked for.
 */
export function baselineText({ observed, ...rest }: Baseline): string {
  const { applied } = rest;
  const differs = observed === undefined || applied === undefined ? undefined : mergePatch(applied, observed) ?? {};
  return TEXT_VERSION + canonicalJson(differs === undefined ? { ...rest, observed } : { ...rest, differs });
}

/** The baseline of a text; `undefined` for one that another version wrote or a person changed: comparison goes by value. */
export function parseBaseline(text: string): Baseline | undefined {
  const content = text.startsWith(TEXT_VERSION) ? parsed(text.slice(TEXT_VERSION.length)) : undefined;
  if (!isObject(content) || typeof content.version !== "number") return undefined;
  const { differs, ...baseline } = content;
  if (!isObject(differs) || !isObject(baseline.applied)) return baseline as unknown as Baseline;
  return { ...baseline, observed: applyMergePatch(baseline.applied, differs) } as unknown as Baseline;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
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

/** Knows a deviation again, by what was wanted and what is there instead. */
export function pairOf({ wanted, got }: Deviation): string {
  return hashOf([wanted ?? null, got ?? null]);
}

/** Knows the same deviation again in another object. */
export function lessonOf(deviation: Deviation): string {
  return `${generic(deviation.path)} ${pairOf(deviation)}`;
}

/** The deviations by path, as the baseline keeps them. */
export function pairsOf(deviations: readonly Deviation[]): Record<string, string> {
  return Object.fromEntries(deviations.slice(0, MAX_PATHS).map((one) => [one.path, pairOf(one)]));
}

/** The observed values at deviating paths, in the baseline's form. */
export function heldAt(deviations: readonly Deviation[]): Record<string, string> {
  return Object.fromEntries(deviations.slice(0, MAX_PATHS).map(({ path, got }) => [path, hashOf(got ?? null)]));
}
