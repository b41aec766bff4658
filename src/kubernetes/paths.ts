/**
 * The URL paths of resources in the Kubernetes API.
 *
 * @module
 */

/** A kind of objects, in one namespace or in all. */
export interface ResourcePath {
  /** The API group; `""` is the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string | undefined;
}

/** The path of a group's version: `/apis/apps/v1`, `/api/v1`. */
export function groupPath(group: string, version: string): string {
  return group === "" ? `/api/${segment(version)}` : `/apis/${segment(group)}/${segment(version)}`;
}

/**
 * The path of all objects of a kind, or of one of them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resourcePath } from "./paths.ts";
 *
 * const secrets = { group: "", version: "v1", plural: "secrets", namespace: "data" };
 * assert.equal(resourcePath(secrets, "token"), "/api/v1/namespaces/data/secrets/token");
 * assert.throws(() => resourcePath(secrets, ".."), /cannot be a name/);
 * ```
 */
export function resourcePath(path: ResourcePath, name?: string, subresource?: string): string {
  const namespace = path.namespace === undefined ? [] : ["namespaces", path.namespace];
  const rest = [name, subresource].filter((part) => part !== undefined);
  const parts = [...namespace, path.plural, ...rest].map(segment);
  return `${groupPath(path.group, path.version)}/${parts.join("/")}`;
}

/** A kind of objects, or one object, in words: `configmaps "data/settings"`, `nodes`, `secrets in "data"`. */
export function describeResource(path: ResourcePath, name?: string): string {
  const { group, plural, namespace } = path;
  const kind = group === "" ? plural : `${plural}.${group}`;
  if (name !== undefined) return `${kind} "${namespace === undefined ? "" : `${namespace}/`}${name}"`;
  return namespace === undefined ? kind : `${kind} in "${namespace}"`;
}

/** Dots alone would be resolved as path steps, and an empty name would mean the whole list. */
function segment(text: string): string {
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`"${text}" cannot be a name in a Kubernetes path`);
  return encodeURIComponent(text);
}
