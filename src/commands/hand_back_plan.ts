/**
 * Gives one object back to the Rust operator that this project replaces. The Rust operator knows its objects by an id
 * in `spec` and by its own finalizer; without them it would create an object's resource in Databricks again.
 *
 * Guarantees:
 * - an object is given back with its id, or not at all;
 * - the id is written to `spec` before it is removed from `status`, so that an interrupted command can be repeated;
 * - an object that was given back is left alone.
 *
 * @module
 */
import type { KubeObject } from "../kubernetes/object.ts";
import { annotation, FINALIZER, ownershipOf, type Status, statusOf } from "../reconcile/object/status.ts";

/** The marks that the predecessor leaves on what it manages. */
interface Marks {
  readonly finalizer: string;
  /** The path of the id below `spec`; absent for kinds whose manifest names the resource. */
  readonly id?: readonly [string, string];
}

const REMOTE = "databricks-operator/remote_api_resource";

/** The kinds that the predecessor has. */
const predecessors: Readonly<Record<string, Marks>> = {
  DatabricksJob: { finalizer: REMOTE, id: ["job", "job_id"] },
  GitCredential: { finalizer: REMOTE, id: ["credential", "credential_id"] },
  Repo: { finalizer: REMOTE, id: ["repository", "id"] },
  DatabricksSecretScope: { finalizer: REMOTE },
  DatabricksSecret: { finalizer: "databricks-operator/remote_secret" },
};
/** The part of the status that the predecessor also has. */
const KEPT = "latest_run_state";

/** The step to take with an object. */
export type HandBackPlan =
  /** There is nothing to give back. */
  | { readonly action: "none"; readonly why: string }
  /** It cannot be given back in its current state. */
  | { readonly action: "refuse"; readonly why: string }
  /** Merge patches: first of the object, if it needs one, then of its status. */
  | {
    readonly action: "give";
    readonly did: string;
    readonly patch: Record<string, unknown> | undefined;
    readonly statusPatch: Record<string, null>;
    /** Settings that the manifest relies on and the predecessor does not support. */
    readonly warnings: readonly string[];
  };

/**
 * Decides what to do with an object of a kind.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { planHandBack } from "./hand_back_plan.ts";
 *
 * const finalizers = ["databricks-operator/external-resource"];
 * const plan = planHandBack("DatabricksJob", { metadata: { finalizers }, spec: { job: {} }, status: { id: "7" } });
 * assert.deepEqual(plan.action === "give" && plan.patch, {
 *   metadata: { finalizers: ["databricks-operator/remote_api_resource"] },
 *   spec: { job: { job_id: 7n } },
 * });
 * ```
 */
export function planHandBack(kind: string, object: KubeObject): HandBackPlan {
  const marks = predecessors[kind];
  if (marks === undefined) return { action: "none", why: "the Rust operator has no such kind" };
  const status = statusOf(object);
  const finalizers = object.metadata.finalizers ?? [];
  const isHeld = finalizers.includes(FINALIZER);
  const refusal = refusalOf(object, status, isHeld);
  if (refusal !== undefined) return { action: "refuse", why: refusal };
  if (status.id === undefined && !isHeld) {
    return { action: "none", why: finalizers.includes(marks.finalizer) ? "is given back already" : "holds nothing" };
  }
  const next = [...finalizers.filter((name) => name !== FINALIZER && name !== marks.finalizer)];
  // An object whose resource was never created gets no finalizer: the Rust operator then creates it from its manifest.
  if (isHeld && status.id !== undefined) next.push(marks.finalizer);
  const spec = idInSpec(kind, object);
  const patch = {
    ...isHeld ? { metadata: { finalizers: next } } : {},
    ...spec && { spec },
  };
  return {
    action: "give",
    did: [...described(marks, status.id), ...isHeld ? [`finalizers ${next.join(", ") || "none"}`] : []].join("; "),
    patch: Object.keys(patch).length === 0 ? undefined : patch,
    statusPatch: Object.fromEntries(
      Object.keys(status).filter((field) => field !== KEPT).map((field) => [field, null]),
    ),
    warnings: warningsOf(object),
  };
}

function refusalOf(object: KubeObject, status: Status, isHeld: boolean): string | undefined {
  const rerun = "start this operator again until";
  if (object.metadata.deletionTimestamp !== undefined && isHeld) {
    return `is being deleted: ${rerun} it is gone`;
  }
  if (status.pending !== undefined) return `may have been created without its id being known: ${rerun} it is Ready`;
  if (isHeld && status.id === undefined && status.create_refused !== true) {
    return `has lost its status, and its id with it: apply the CRDs of this operator and ${rerun} it is Ready`;
  }
}

/**
 * The id, as a patch below `spec` in the place that the kind has for it; empty if it is there already, or if the kind
 * is identified by a name.
 */
export function idInSpec(kind: string, object: KubeObject): Record<string, Record<string, unknown>> | undefined {
  const path = predecessors[kind]?.id;
  const { id } = statusOf(object);
  if (path === undefined || id === undefined) return undefined;
  const [field, idField] = path;
  const part = object.spec?.[field] as Record<string, unknown> | undefined;
  // Ids are int64, and exact.
  return String(part?.[idField] ?? "") === id ? undefined : { [field]: { [idField]: BigInt(id) } };
}

function described({ id: path }: Marks, id: string | undefined): string[] {
  if (id === undefined) return ["nothing was made for it"];
  return [path === undefined ? `known by its name ${id}` : `spec.${path.join(".")} is ${id}`];
}

function warningsOf(object: KubeObject): string[] {
  const warnings: string[] = [];
  if (annotation(object, "paused") === "true") warnings.push("it is paused, which the Rust operator does not know");
  if (annotation(object, "deletionPolicy") === "retain" && ownershipOf(object) === "operator") {
    warnings.push("its deletion-policy is retain, which the Rust operator does not know: it deletes in Databricks");
  }
  return warnings;
}
