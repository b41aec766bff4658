/**
 * Determines the kinds that can be ingested: an object with owner `api` can be created for a listed resource, and finds
 * that resource again.
 *
 * @module
 */

/** The part of a declaration that determines it. */
export interface IngestSource {
  readonly toSpec?: unknown;
  readonly external?: { readonly list?: unknown };
  readonly naturalKey?: unknown;
  readonly displayName?: unknown;
  readonly parents?: unknown;
  readonly once?: unknown;
  readonly desiredPath?: string;
  readonly referenceField?: string;
  readonly isReferenceOptional?: boolean;
}

/**
 * True for a kind that `ingest: "true"` includes: those that the predecessor ingested, whose declarations have
 * `toSpec`.
 */
export function isIngestedByDefault({ toSpec }: IngestSource): boolean {
  return toSpec !== undefined;
}

/**
 * True for a kind that can be ingested: one list shows every field, its name or path identifies the resource of a
 * manifest, its fields are below one field of the manifest, and it needs no Secret.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isIngestible } from "./ingest.ts";
 *
 * const listed = { external: { list: () => [] }, displayName: () => "a", desiredPath: "spec.thing" };
 * assert.equal(isIngestible({ ...listed, naturalKey: () => "a" }), true);
 * assert.equal(isIngestible(listed), false, "names that are not unique lead to no resource");
 * ```
 */
export function isIngestible(source: IngestSource): boolean {
  if (isIngestedByDefault(source)) return true;
  const { external, naturalKey, displayName, parents, once, desiredPath = "", referenceField } = source;
  const isListed = external?.list !== undefined && parents === undefined && once === undefined;
  const isFound = naturalKey !== undefined && displayName !== undefined;
  const needsSecret = referenceField !== undefined && source.isReferenceOptional !== true;
  return isListed && isFound && desiredPath.split(".").length === 2 && !needsSecret;
}
