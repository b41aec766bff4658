/**
 * Deletes objects: preconditions, finalizers, propagation.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { conflict, forbidden, invalid } from "./errors.ts";
import { field } from "./field_errors.ts";
import { CLEANUP } from "./kinds/custom_resource_definition.ts";
import { PERMANENT } from "./kinds/namespace.ts";
import { timestamp } from "./metadata.ts";
import { isFinished, type Objects } from "./objects.ts";
import type { ResourceType } from "./resource_type.ts";
import { clone } from "./values.ts";

/** Options of a deletion. */
export interface Deletion {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  /** The treatment of the object's dependents; by default `Background`. */
  readonly propagation?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** The object, which may still exist because of its finalizers. */
export interface Deleted {
  readonly object: KubeObject;
  readonly isGone: boolean;
}

/** The finalizers of owners that wait for their dependents. */
export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

const POLICIES = ["Foreground", "Background", "Orphan"];

/** Deletes an object, or marks it if it has finalizers. @throws {ApiError} 404, 409 or 422. */
export function remove(objects: Objects, type: ResourceType, key: string, deletion: Deletion = {}): Deleted {
  const { dryRun, propagation, preconditions } = deletion;
  checkPolicy(propagation);
  const object = objects.get(type, key);
  checkPreconditions(type, object, preconditions);
  checkPermanent(type, object);
  const next = object.metadata.deletionTimestamp ? object : marked(object, type, { propagation, now: objects.now() });
  if (isFinished(next)) return { object: dryRun ? object : objects.drop(type, object), isGone: true };
  const isKnown = next === object || dryRun;
  return { object: isKnown ? next : objects.put(type, next), isGone: false };
}

/** The object with the deletion timestamp and the finalizers that its deletion needs. */
function marked(
  object: KubeObject,
  type: ResourceType,
  { propagation, now }: { propagation: string | undefined; now: number },
): KubeObject {
  const next = clone(object);
  const { metadata } = next;
  const own = propagation === "Foreground" ? [FOREGROUND] : propagation === "Orphan" ? [ORPHAN] : [];
  const cleanup = type.kind === "CustomResourceDefinition" ? [CLEANUP] : [];
  const finalizers = [...new Set([...metadata.finalizers ?? [], ...own, ...cleanup])];
  metadata.deletionTimestamp = timestamp(now);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (type.kind === "Namespace" && !type.isCustom) next.status = { ...next.status, phase: "Terminating" };
  else if (cleanup.length === 0) metadata.deletionGracePeriodSeconds = 0;
  if (type.isCustom) metadata.generation = (metadata.generation ?? 0) + 1;
  return next;
}

function checkPolicy(policy: string | undefined): void {
  if (policy === undefined || POLICIES.includes(policy)) return;
  const error = field.unsupported("propagationPolicy", policy, [...POLICIES, "nil"]);
  throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [error]);
}

function checkPreconditions(type: ResourceType, { metadata }: KubeObject, asked: Deletion["preconditions"]): void {
  const named = { ...type, plural: type.kind };
  const { name = "", uid, resourceVersion } = metadata;
  if (asked?.uid !== undefined && asked.uid !== uid) {
    const why = `the UID in the precondition (${asked.uid}) does not match the UID in record (${uid}). ` +
      "The object might have been deleted and then recreated";
    throw conflict(named, name, why);
  }
  if (asked?.resourceVersion !== undefined && asked.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${asked.resourceVersion}) does not match the ` +
      `ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(named, name, why);
  }
}

function checkPermanent(type: ResourceType, { metadata: { name = "" } }: KubeObject): void {
  if (type.isCustom || type.kind !== "Namespace" || !PERMANENT.includes(name) || name === "kube-node-lease") return;
  throw forbidden(type, name, "this namespace may not be deleted");
}
