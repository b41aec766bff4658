/**
 * The key of a Kubernetes object: `namespace/name`, as client-go's stores and queues write it.
 *
 * @module
 */

/** Names an object of one kind: `team/load`; `/load` when it is cluster-scoped. */
export type ObjectKey = string;

/** The key of an object. */
export function objectKey(namespace: string, name: string): ObjectKey {
  return `${namespace}/${name}`;
}

/**
 * The namespace of an object; empty when it is cluster-scoped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nameOf, namespaceOf, objectKey } from "./object_key.ts";
 *
 * const key = objectKey("team", "load");
 * assert.deepEqual([key, namespaceOf(key), nameOf(key)], ["team/load", "team", "load"]);
 * assert.deepEqual([namespaceOf("/load"), nameOf("/load")], ["", "load"]);
 * ```
 */
export function namespaceOf(key: ObjectKey): string {
  return key.slice(0, key.indexOf("/"));
}

/** The name of an object. */
export function nameOf(key: ObjectKey): string {
  return key.slice(key.indexOf("/") + 1);
}

/** Names an object among those of all kinds: `databricksjobs/team/load`. */
export type KindKey = string;

/** The key of an object among those of all kinds. */
export function kindKey(plural: string, key: ObjectKey): KindKey {
  return `${plural}/${key}`;
}

/**
 * The kind and the key of an object.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { kindKey, splitKindKey } from "./object_key.ts";
 *
 * const key = kindKey("databricksjobs", "team/load");
 * assert.deepEqual(splitKindKey(key), { plural: "databricksjobs", key: "team/load" });
 * ```
 */
export function splitKindKey(key: KindKey): { readonly plural: string; readonly key: ObjectKey } {
  const slash = key.indexOf("/");
  return { plural: key.slice(0, slash), key: key.slice(slash + 1) };
}
