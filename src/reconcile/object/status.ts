/**
 * A managed resource as the reconciler sees it: its metadata, and the status that the operator keeps in it.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { escapeControls, nearest, shorten } from "../../base/text.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import type { Ownership, StoredStatus } from "../../resource/status.ts";
import { type Baseline, baselineText, parseBaseline } from "../plan/baseline.ts";
import { APPLY_POLICIES, DRIFT_POLICIES } from "./policies.ts";

export type {
  Approved,
  Ownership,
  Pending,
  PendingPlan,
  PlanAction,
  PlanCause,
  RecordedPart,
  RepairRequest,
  RunRequest,
  Source,
  SyncRequest,
} from "../../resource/status.ts";

/** Prefix of all annotations and finalizers. */
const PREFIX = "databricks-operator";
/** The finalizer that holds an object until its external resource is gone. */
export const FINALIZER = `${PREFIX}/external-resource`;
/** The predecessor's finalizers: evidence that it managed the object. */
export const PREDECESSOR_FINALIZERS = [`${PREFIX}/remote_api_resource`, `${PREFIX}/remote_secret`];
/** The annotations that users set. */
export const annotations = {
  owner: `${PREFIX}/owner`,
  adopt: `${PREFIX}/adopt`,
  paused: `${PREFIX}/paused`,
  apply: `${PREFIX}/apply`,
  approve: `${PREFIX}/approve`,
  drift: `${PREFIX}/drift`,
  sync: `${PREFIX}/sync`,
  deletionPolicy: `${PREFIX}/deletion-policy`,
} as const;

/** The status that the operator keeps in an object, with its baseline as an object. */
export type Status = Omit<StoredStatus, "baseline"> & {
  /** The baseline for drift detection. It is stored as `fingerprints`; only version 0.1 stored it here. */
  baseline?: Baseline;
};

/** The status of an object; empty if it has none. */
export function statusOf(object: KubeObject): Status {
  return isObject(object.status) ? object.status as Status : {};
}

/** A copy of a stored status to work on, with its baseline as an object. */
export function unfold(stored: Status): Status {
  const { fingerprints, ...status } = structuredClone(stored);
  // Version 0.1 leaves `fingerprints` unchanged when it writes its `baseline`.
  const baseline = status.baseline ?? (fingerprints === undefined ? undefined : read(fingerprints));
  return baseline === undefined ? status : { ...status, baseline };
}

/**
 * A status in its stored form: the baseline is one text, so that `kubectl describe` shows one line of it and not a
 * hundred.
 */
export function fold({ baseline, ...status }: Status): Status {
  return baseline === undefined ? status : { ...status, fingerprints: textOf(baseline) };
}

/** The texts of baselines that were read, so that one that no pass replaces is not written anew. */
const texts = new WeakMap<Baseline, string>();

/** The text that a baseline was read from, or has. */
export function textOf(baseline: Baseline): string {
  return texts.get(baseline) ?? baselineText(baseline);
}

function read(text: string): Baseline | undefined {
  const baseline = parseBaseline(text);
  if (baseline !== undefined) texts.set(baseline, text);
  return baseline;
}

/** The value of one of the operator's annotations. */
export function annotation(object: KubeObject, name: keyof typeof annotations): string | undefined {
  return object.metadata.annotations?.[annotations[name]];
}

/**
 * The values that each annotation may have. `approve` is free, since a value that names no plan approves nothing;
 * `sync` is any text.
 */
const allowed: Record<Exclude<keyof typeof annotations, "approve" | "sync">, readonly string[]> = {
  owner: ["operator", "api"],
  adopt: ["true", "false"],
  paused: ["true", "false"],
  deletionPolicy: ["delete", "retain"],
  apply: APPLY_POLICIES,
  drift: DRIFT_POLICIES,
};

const UID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const UIDS = new RegExp(`^${UID}(,${UID})*$`);

/** True if the object may take over an existing resource. */
export function mayAdopt(object: KubeObject): boolean {
  return annotation(object, "adopt") === "true" || formerUids(object).length > 0;
}

/** The UIDs under which Databricks knows the object besides its own: those from before it was restored. */
export function formerUids(object: KubeObject): string[] {
  const value = annotation(object, "adopt") ?? "";
  return UIDS.test(value) ? value.split(",") : [];
}

/**
 * Returns the problem of an object's annotations; `undefined` if there is none. An invalid value must not be mistaken
 * for its opposite: neither `deletion-policy: Retain` nor `deletion-polcy: retain` permits a deletion.
 */
export function annotationProblem(object: KubeObject): string | undefined {
  const problems = [...unknownAnnotations(object), ...invalidAnnotations(object)];
  return problems.length === 0 ? undefined : problems.join("; ");
}

function unknownAnnotations(object: KubeObject): string[] {
  const known: readonly string[] = Object.values(annotations);
  const bare = (key: string) => key.slice(`${PREFIX}/`.length);
  const keys = Object.keys(object.metadata.annotations ?? {}).filter((key) => key.startsWith(`${PREFIX}/`)).sort();
  return keys.filter((key) => !known.includes(key)).map((key) => {
    // Without the prefix, which would make any two of them look alike.
    const near = nearest(bare(key), known.map(bare));
    const meant = near === undefined ? undefined : `${PREFIX}/${near}`;
    const advice = meant === undefined
      ? `remove it; known are ${known.join(", ")}`
      : `did you mean ${meant}? Correct it, or remove it`;
    return `annotation ${shorten(key, 80)} is not known to this version, so all work stops: ${advice}`;
  });
}

function invalidAnnotations(object: KubeObject): string[] {
  const names = Object.keys(allowed) as (keyof typeof allowed)[];
  return names.flatMap((name) => {
    const value = annotation(object, name);
    if (value === undefined || allowed[name].includes(value)) return [];
    if (name === "adopt" && formerUids(object).length > 0) return [];
    const said = escapeControls(JSON.stringify(shorten(value, 80)));
    const values = allowed[name].map((one) => JSON.stringify(one)).join(" or ");
    const more = name === "adopt" ? ", or the former UIDs of this object, in lower case and separated by commas" : "";
    return [`annotation ${annotations[name]}: ${said} must be ${values}${more}`];
  });
}

/** The source of truth of an object: the manifest, unless the annotation is `api`. */
export function ownershipOf(object: KubeObject): Ownership {
  return annotation(object, "owner") === "api" ? "api" : "operator";
}

/** True if the predecessor managed the object. */
export function hasPredecessorFinalizer(object: KubeObject): boolean {
  return object.metadata.finalizers?.some((name) => PREDECESSOR_FINALIZERS.includes(name)) ?? false;
}

/** True if the object has the operator's finalizer. */
export function hasFinalizer(object: KubeObject): boolean {
  return object.metadata.finalizers?.includes(FINALIZER) ?? false;
}

/** The number of objects that have not ended, by the phase in their status. */
export function phasesOf(objects: readonly KubeObject[]): { phase: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const object of objects) {
    const { phase, final } = statusOf(object) as Status & { phase?: unknown };
    if (typeof phase === "string" && final !== true) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return [...counts].map(([phase, count]) => ({ phase, count }));
}
