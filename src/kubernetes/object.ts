/**
 * Kubernetes objects: the fields that the operator uses.
 *
 * @module
 */
import { type ObjectKey, objectKey } from "../base/object_key.ts";

/** The operator's field manager; the API server records it beside each field that it owns. */
export const FIELD_MANAGER = "databricks-kube-operator";

/** Metadata of an object. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFields[];
  /** The result of {@link specManagers}, computed before `managedFields` was dropped. Only stored objects have it. */
  specManagers?: readonly string[];
  /** True if `managedFields` named the operator as an owner of fields of `spec`. Only stored objects have it. */
  ownsSpec?: boolean;
  [key: string]: unknown;
}

/** A reference to an object's owner. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The fields that a writer owns. */
export interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
  [key: string]: unknown;
}

/** Any object. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
  [key: string]: unknown;
}

/** One page of a list. */
export interface KubeList {
  apiVersion?: string;
  kind?: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: KubeObject[];
}

/** One frame of a watch. An error arrives as an exception instead. */
export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: KubeObject;
}

/** The key of an object: `"namespace/name"`, or `"/name"` when it is cluster-scoped. */
export function keyOf(object: { metadata: { namespace?: string; name?: string } }): ObjectKey {
  return objectKey(object.metadata.namespace ?? "", object.metadata.name ?? "");
}

/**
 * Compares two resourceVersions as integers: negative if `a` is older, 0 if they are equal.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareVersions } from "./object.ts";
 *
 * assert.ok(compareVersions("9", "10") < 0);
 * assert.ok(compareVersions("9007199254740993", "9007199254740992") > 0);
 * ```
 */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The managers other than `own` that wrote the object's `spec`, sorted; a manager that wrote only the status is not
 * among them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { specManagers } from "./object.ts";
 *
 * const managedFields = [{ manager: "kubectl-client-side-apply", fieldsV1: { "f:spec": {} } }];
 * assert.deepEqual(specManagers({ metadata: { managedFields } }), ["kubectl-client-side-apply"]);
 * ```
 */
export function specManagers(object: KubeObject, own = FIELD_MANAGER): readonly string[] {
  return [...new Set(ownersOfSpec(object))].filter((name) => name !== own).sort();
}

function ownersOfSpec({ metadata: { managedFields = [] } }: KubeObject): string[] {
  return managedFields.filter(isOfSpec).map(({ manager = "" }) => manager);
}

function isOfSpec({ subresource, fieldsV1 }: ManagedFields): boolean {
  return !subresource && fieldsV1 !== undefined && Object.hasOwn(fieldsV1, "f:spec");
}

/**
 * An object's `managedFields` without `own` as an owner of fields of `spec`. Written back, this keeps the values, and
 * their other owners may remove them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { managedFieldsWithoutSpec } from "./object.ts";
 *
 * const ours = { manager: "databricks-kube-operator", fieldsV1: { "f:spec": {}, "f:metadata": {} } };
 * const theirs = { manager: "kustomize-controller", fieldsV1: { "f:spec": {} } };
 * assert.deepEqual(managedFieldsWithoutSpec({ metadata: { managedFields: [ours, theirs] } }), [
 *   { manager: "databricks-kube-operator", fieldsV1: { "f:metadata": {} } },
 *   theirs,
 * ]);
 * ```
 */
export function managedFieldsWithoutSpec(object: KubeObject, own = FIELD_MANAGER): ManagedFields[] {
  return (object.metadata.managedFields ?? []).flatMap((entry) => {
    if (entry.manager !== own || !isOfSpec(entry)) return [entry];
    const { "f:spec": _spec, ...fieldsV1 } = entry.fieldsV1 ?? {};
    return Object.keys(fieldsV1).length === 0 ? [] : [{ ...entry, fieldsV1 }];
  });
}

/** A time (ms since the epoch) in Kubernetes' format, to the second (metav1.Time). */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "");
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * A copy of an object for a store: without `managedFields`, from which `metadata.specManagers` is taken, and without
 * kubectl's copy of the manifest. Both are often larger than the object itself.
 */
export function slim(object: KubeObject): KubeObject {
  const { managedFields, annotations, ...metadata } = object.metadata;
  if (managedFields) {
    metadata.specManagers = specManagers(object);
    if (ownersOfSpec(object).includes(FIELD_MANAGER)) metadata.ownsSpec = true;
  }
  if (annotations) {
    const { [LAST_APPLIED]: _manifest, ...kept } = annotations;
    metadata.annotations = kept;
  }
  return { ...object, metadata };
}
