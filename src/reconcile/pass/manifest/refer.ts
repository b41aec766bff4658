/**
 * Replaces the names of other objects by their ids, before a manifest is checked, compared or sent.
 *
 * @module
 */
import { objectKey } from "../../../base/object_key.ts";
import type { KubeObject } from "../../../kubernetes/client.ts";
import { conditionOf } from "../../object/conditions.ts";
import { BlockedError } from "../../object/outcome.ts";
import { type References, targetOf } from "../../object/references.ts";
import { statusOf } from "../../object/status.ts";
import { type Reference, referencesOf, withIds, withKnownIds } from "../../plan/references.ts";
import type { Pass } from "../pass.ts";

/** Options for resolving names. */
export interface Resolver {
  readonly references: References;
  /** The workspace that the object is in. */
  readonly host: string;
}

/**
 * The manifest with ids.
 *
 * @throws {BlockedError} that names what is missing or not ready, and the remedy.
 */
export function resolve(pass: Pass, spec: Record<string, unknown>, resolver: Resolver): Record<string, unknown> {
  const { references: before = {} } = pass.status;
  if (isBegun(pass)) return withKnownIds(pass.resource.spec, spec, before);
  const from = targetOf(pass.resource.kind, pass.key);
  const found = referencesOf(pass.resource.spec, spec);
  resolver.references.note(
    from,
    new Set(found.map((reference) => targetOf(reference.kind, objectKey(pass.namespace, reference.name)))),
  );
  const ids = new Map(found.map((reference) => [reference.path, idOf(pass, reference, resolver)]));
  const now = Object.fromEntries(found.map(({ kind, name, path }) => [`${kind}/${name}`, ids.get(path) ?? ""]));
  if (found.length > 0) pass.status.references = now;
  else if (Object.keys(before).length > 0) delete pass.status.references;
  return withIds(pass.resource.spec, spec, ({ path }) => ids.get(path));
}

/** True for a one-time resource that was started: it consists of what it referred to then, whatever became of that. */
function isBegun({ resource, status: { id, pending, references } }: Pass): boolean {
  return resource.once !== undefined && (id !== undefined || (pending !== undefined && references !== undefined));
}

/**
 * The manifest with its earlier ids, for a deletion: the referenced objects may be gone, and some names contain their
 * ids.
 */
export function withIdsOfBefore({ resource, status }: Pass, spec: Record<string, unknown>): Record<string, unknown> {
  return withKnownIds(resource.spec, spec, status.references);
}

function idOf(pass: Pass, reference: Reference, { references, host }: Resolver): string {
  const { path, kind, name, namespace, idField, isDouble } = reference;
  if (isDouble) throw new BlockedError("InvalidSpec", `${path}: ${idField} is given, too: keep one of them`);
  if (namespace !== undefined && namespace !== pass.namespace) {
    const advice = `references stay in their namespace: give ${idField} instead, or create a ${kind} here`;
    throw new BlockedError("InvalidSpec", `${path}: "${namespace}/${name}" is in another namespace; ${advice}`);
  }
  const key = objectKey(pass.namespace, reference.name);
  const object = references.find(kind, key);
  const what = `${path}: ${kind} "${name}"`;
  if (object === "unmanaged") {
    const wayOut = `add ${kind} to --kinds (the chart's value kinds), or give ${idField} instead`;
    throw new BlockedError("InvalidSpec", `${what}: this operator does not work on this kind: ${wayOut}`);
  }
  const unknown = references.unknown(kind, key);
  if (unknown !== undefined) throw notReady(`${what} is not known: ${unknown}`);
  if (object === undefined) throw notReady(`${what} does not exist: create it, or give ${idField} instead`);
  const problem = problemOf(pass, object, { reference, host });
  if (problem === undefined) return statusOf(object).id ?? "";
  const circle = references.circle(targetOf(pass.resource.kind, pass.key));
  if (circle === undefined) throw notReady(`${what} ${problem}`);
  const told = circle.map((target) => target.replace(`${pass.namespace}/`, "")).join(" → ");
  throw new BlockedError(
    "ReferenceNotReady",
    `${what} refers back to this object (${told}), so neither can be created first: remove one of the references`,
  );
}

/** The reason why an object's id cannot be used; `undefined` if it can. */
function problemOf(
  { resource: { once }, status: { references = {} } }: Pass,
  object: KubeObject,
  { reference: { kind, name }, host }: { readonly reference: Reference; readonly host: string },
): string | undefined {
  const { id, workspace, pending, conditions } = statusOf(object);
  const ready = conditionOf(conditions, "Ready");
  const see = `see kubectl describe ${kind.toLowerCase()} ${name}`;
  if (id === undefined || pending !== undefined) return `is not in Databricks yet${because(ready?.reason)}: ${see}`;
  if (workspace !== host) return `is in another workspace (${workspace}): create one in this one`;
  // An id in use stays in use while its resource restarts or is searched for: only a new id must be known to be good.
  if (references[`${kind}/${name}`] === id) return undefined;
  if (object.metadata.deletionTimestamp !== undefined) {
    return `is being deleted: remove the reference, or create it again`;
  }
  // A one-time resource must use what was applied beside it, not what existed before.
  if (once !== undefined && ready?.observedGeneration !== object.metadata.generation) {
    return `was edited, and the edit is not in Databricks yet: ${see}`;
  }
  return ready?.status === "True" ? undefined : `is not Ready yet${because(ready?.reason)}: ${see}`;
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}

function notReady(message: string): BlockedError {
  return new BlockedError("ReferenceNotReady", message, "retry");
}
