/**
 * The baseline in the status, by which drift is seen and named after a restart: fingerprints of manifest and answer,
 * without values.
 *
 * @module
 */
import { canonicalJson, isObject, parseJson } from "../../base/json.ts";
import { applyMergePatch, mergePatch } from "../../base/merge_patch.ts";
import type { FieldRules } from "../../resource.ts";
import type { Deviation } from "./diff.ts";
import { type Fingerprint, fingerprint, hashOf, without } from "./fields.ts";
import { generic } from "./path.ts";

/** The version of the baseline's format; with another one, comparison is by value, once. */
export const BASELINE_VERSION = 1;
/** The most paths in each list of the baseline: more differences than that are not a matter of spelling. */
const MAX_PATHS = 100;

/** The baseline. */
export interface Baseline {
  readonly version: number;
  /** The version of the Databricks API that answered. */
  readonly api: string;
  /** The generation of the manifest that `applied` is computed from. */
  readonly generation: number;
  /**
   * Also covered by `applied`: values that the manifest only names, such as ids of other objects and the text of a
   * ConfigMap.
   */
  readonly inputs?: string;
  /** The fingerprint of the desired state; absent while Databricks is the source of truth. */
  readonly applied?: Fingerprint;
  /**
   * The fingerprint of the observed state after the operator's write, in the manifest's spelling; absent until it was
   * observed.
   */
  readonly observed?: Fingerprint;
  /** True if lists were sorted and answers converted to the manifest's spelling: version 0.1 did neither. */
  readonly words?: boolean;
  /** Set if `observed` is from a list's row, which may omit fields of a get. */
  readonly from?: "list";
  /** From the list's row that was seen with `observed`, if it differs from that. */
  readonly listed?: string;
  /** True until the result of a create was observed. */
  readonly created?: boolean;
  /** The differences right after the operator's write that were written once more, by path. */
  readonly doubted?: Readonly<Record<string, string>>;
  /** The differences that remain, by path: Databricks' spelling of a value, or a value that it does not apply. */
  readonly stands?: Readonly<Record<string, string>>;
  /** The values before the operator's last write, by path. */
  readonly was?: Readonly<Record<string, string>>;
  /** The reverted paths, until it was observed whether the repair holds. */
  readonly repaired?: readonly string[];
  /** Fields that were removed from the manifest and that no call can clear in Databricks. */
  readonly left?: readonly string[];
  /** Fields that existed at a take-over and that the manifest does not name, until the first write. */
  readonly extra?: readonly string[];
  /** Fields outside the manifest that updates include, to keep their values from before a take-over. */
  readonly kept?: Readonly<Record<string, unknown>>;
  /** True once the resource was seen to carry the operator's mark. */
  readonly marked?: boolean;
}

/** Begins the text of a baseline: the version of the text's format. */
const TEXT_VERSION = "1 ";

/**
 * A baseline as one line of text. Of `observed` it contains only what differs from `applied`: most fields of a resource
 * are as requested.
 */
export function baselineText({ observed, ...rest }: Baseline): string {
  const { applied } = rest;
  const differs = observed === undefined || applied === undefined ? undefined : mergePatch(applied, observed) ?? {};
  return TEXT_VERSION + canonicalJson(differs === undefined ? { ...rest, observed } : { ...rest, differs });
}

/**
 * The baseline in a text; `undefined` for one that another version wrote or a person changed: then comparison is by
 * value.
 */
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

/** The fingerprint of the desired state. `created` omits what a create cannot set. */
export function appliedFingerprint(
  desired: Record<string, unknown>,
  rules: FieldRules,
  options: { created?: boolean } = {},
): Fingerprint {
  return fingerprint(options.created ? without(desired, rules.updateOnly ?? []) : desired, rules);
}

/** The fingerprint of the state in Databricks. */
export function observedFingerprint(observed: Record<string, unknown>, rules: FieldRules): Fingerprint {
  return fingerprint(without(observed, rules.outputOnly ?? []), rules);
}

/** Identifies a deviation by its wanted and actual values. */
export function pairOf({ wanted, got }: Deviation): string {
  return hashOf([wanted ?? null, got ?? null]);
}

/** Identifies the same deviation in another object. */
export function lessonOf(deviation: Deviation): string {
  return `${generic(deviation.path)} ${pairOf(deviation)}`;
}

/** The deviations by path, in the baseline's form. */
export function pairsOf(deviations: readonly Deviation[]): Record<string, string> {
  return Object.fromEntries(deviations.slice(0, MAX_PATHS).map((one) => [one.path, pairOf(one)]));
}

/** The observed values at deviating paths, in the baseline's form. */
export function heldAt(deviations: readonly Deviation[]): Record<string, string> {
  return Object.fromEntries(deviations.slice(0, MAX_PATHS).map(({ path, got }) => [path, hashOf(got ?? null)]));
}
