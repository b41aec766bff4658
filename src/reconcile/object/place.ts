/**
 * A place: a connection as objects refer to it, by name. Most namespaces have one connection; its place is the
 * namespace. Objects with `spec.connection` are in a place of their own, `namespace/connection`.
 *
 * @module
 */
import { nameOf, namespaceOf, type ObjectKey, objectKey } from "../../base/object_key.ts";
import { isObject } from "../../base/json.ts";
import type { KubeObject } from "../../kubernetes/object.ts";

/** Names a connection: `team`, or `team/other`. */
export type Place = string;

/** The name of the connection for objects that name none. */
export const DEFAULT = "default";

/**
 * The place of a namespace's connection.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connectionIn, namespaceIn, placeIn } from "./place.ts";
 *
 * assert.deepEqual([placeIn("team", "default"), placeIn("team", "other")], ["team", "team/other"]);
 * assert.deepEqual([namespaceIn("team/other"), connectionIn("team/other")], ["team", "other"]);
 * assert.deepEqual([namespaceIn("team"), connectionIn("team")], ["team", "default"]);
 * ```
 */
export function placeIn(namespace: string, connection: string = DEFAULT): Place {
  return connection === DEFAULT ? namespace : objectKey(namespace, connection);
}

/** The namespace of a place. */
export function namespaceIn(place: Place): string {
  return place.split("/", 1)[0] ?? "";
}

/** The name of a place's connection. */
export function connectionIn(place: Place): string {
  const namespace = namespaceIn(place);
  return place === namespace ? DEFAULT : place.slice(namespace.length + 1);
}

/** The key of the object that is a place's connection, if it is not a ConfigMap. */
export function connectionKey(place: Place): ObjectKey {
  return objectKey(namespaceIn(place), connectionIn(place));
}

/** The place whose connection is the object with a key. */
export function placeOfConnection(key: ObjectKey): Place {
  return placeIn(namespaceOf(key), nameOf(key));
}

/** The place of an object: the connection that its manifest names. */
export function placeOf({ metadata: { namespace = "" }, spec }: KubeObject): Place {
  const named = isObject(spec) ? spec.connection : undefined;
  return placeIn(namespace, typeof named === "string" && named !== "" ? named : DEFAULT);
}
