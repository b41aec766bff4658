/**
 * Field ownership: the effect of an update or a server-side apply on an object and its managers.
 *
 * This follows sigs.k8s.io/structured-merge-diff, `merge/update.go`, except for managers of several API versions with
 * different schemas.
 *
 * @module
 */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { ApiError } from "../errors.ts";
import type { Schema } from "../schema/schema.ts";
import { compare, type Comparison, fieldsOf } from "./compare.ts";
import { describePath, difference, FieldSet, intersection, union, without, withParents } from "./field_set.ts";
import { keepTimes, keyOf, type Manager, type Share, type Shares, sharesForUpdate, sharesOf } from "./managers.ts";
import { toManagedFields } from "./managers.ts";
import { merge, remove } from "./merge.ts";

/** The writer, the time, and the fields that this kind of write does not own. */
export interface Writer extends Manager {
  readonly time: string;
  /** `status`, or everything else if the status is written. */
  readonly ignored: readonly (readonly string[])[];
}

const NOBODYS = [
  "apiVersion",
  "kind",
  "metadata.name",
  "metadata.namespace",
  "metadata.creationTimestamp",
  "metadata.selfLink",
  "metadata.uid",
  "metadata.clusterName",
  "metadata.generation",
  "metadata.managedFields",
  "metadata.resourceVersion",
];

function ignoredBy(writer: Writer): FieldSet {
  const set = new FieldSet();
  for (const path of NOBODYS) set.insert(path.split(".").map((name) => `f:${name}`));
  for (const path of writer.ignored) set.insert(path.map((name) => `f:${name}`));
  return set;
}

/** An object without its managedFields. */
function bare(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function withShares(object: KubeObject, shares: Shares): KubeObject {
  const managedFields = toManagedFields(shares);
  const { metadata } = bare(object);
  return { ...object, metadata: { ...metadata, ...managedFields.length > 0 && { managedFields } } };
}

/** Removes the changed fields from all other managers. */
function takeFromOthers(shares: Shares, writer: string, change: Comparison): Shares {
  const lost = union(change.added, change.modified, change.removed);
  return new Map([...shares].map(([key, share]) => [
    key,
    key === writer ? share : { ...share, fields: difference(share.fields, lost) },
  ]));
}

/** Records an update: the writer owns the fields that it added and changed. A created object has no `old`. */
export function update(
  old: KubeObject | undefined,
  next: KubeObject,
  by: { writer: Writer; schema: Schema },
): KubeObject {
  const { writer, schema } = by;
  const live = old ?? { metadata: {} };
  const before = sharesForUpdate(live, next, writer.subresource !== undefined);
  const change = compare(bare(live), bare(next), schema);
  const key = keyOf(writer);
  const shares = takeFromOthers(before, key, change);
  const owned = shares.get(key)?.fields ?? new FieldSet();
  const fields = without(difference(union(owned, change.added, change.modified), change.removed), ignoredBy(writer));
  fields.member = false;
  shares.set(key, { ...writer, fields });
  return withShares(next, keepTimes(shares, before));
}

/**
 * Applies a configuration: merges it, removes fields that this manager dropped and nobody else owns, and records the
 * owners. Without `force`, a change of another manager's fields is a conflict.
 *
 * @throws {ApiError} 409 that lists the conflicts.
 */
export function apply(
  live: KubeObject | undefined,
  applied: KubeObject,
  by: { writer: Writer; schema: Schema; force: boolean },
): KubeObject {
  const { writer, schema } = by;
  const old = live ?? { metadata: {} };
  const before = sharesOf(old);
  const key = keyOf(writer);
  const fields = without(fieldsOf(bare(applied), schema), ignoredBy(writer));
  const shares: Shares = new Map(before).set(key, { ...writer, fields });
  const merged = merge(bare(old), bare(applied), schema) as KubeObject;
  const next = giveUp(merged, { shares, last: before.get(key)?.fields, schema });
  const change = compare(bare(old), next, schema);
  if (!by.force) refuseConflicts(shares, key, change);
  return withShares(next, keepTimes(takeFromOthers(shares, key, change), before));
}

/** Removes fields that the manager owned before and that nobody owns now. */
function giveUp(
  merged: KubeObject,
  { shares, last, schema }: { shares: Shares; last: FieldSet | undefined; schema: Schema },
): KubeObject {
  if (!last || last.isEmpty) return merged;
  // An object keeps its metadata, even if the last owned field in it is removed.
  const metadata = new FieldSet();
  metadata.insert(["f:metadata"]);
  const owned = withParents(union(metadata, ...[...shares.values()].map(({ fields }) => fields)));
  return remove(merged, difference(withParents(last), owned), schema) as KubeObject;
}

function refuseConflicts(shares: Shares, writer: string, change: Comparison): void {
  const touched = union(change.added, change.modified);
  const conflicts = [...shares].filter(([key]) => key !== writer).flatMap(([, share]) =>
    [...intersection(share.fields, touched).paths()].map((path) => ({ share, path: describePath(path) }))
  );
  if (conflicts.length === 0) return;
  const causes = conflicts.map(({ share, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${nameOf(share)}`,
    field: path,
  }));
  const count = `${conflicts.length} conflict${conflicts.length === 1 ? "" : "s"}`;
  throw new ApiError(409, "Conflict", `Apply failed with ${count}: ${describe(conflicts)}`, { causes });
}

function describe(conflicts: readonly { share: Share; path: string }[]): string {
  if (conflicts.length === 1) return `conflict with ${nameOf(conflicts[0]!.share)}: ${conflicts[0]!.path}`;
  const byName = Map.groupBy(conflicts, ({ share }) => nameOf(share));
  const lines = [...byName].sort(([a], [b]) => a < b ? -1 : 1).map(([name, ones]) =>
    [`conflicts with ${name}:`, ...ones.map(({ path }) => `- ${path}`)].join("\n")
  );
  return lines.join("\n");
}

function nameOf({ manager, operation, apiVersion, subresource }: Share): string {
  const where = subresource ? ` with subresource "${subresource}"` : "";
  return `"${manager}"${where}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
