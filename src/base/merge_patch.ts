/**
 * JSON merge patches (RFC 7396), which turn one value into another.
 *
 * @module
 */
import { canonicalJson, isObject, own } from "./json.ts";

/**
 * A JSON merge patch (RFC 7396) that turns one value into another; `undefined` when they are equal.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mergePatch } from "./merge_patch.ts";
 *
 * assert.deepEqual(mergePatch({ a: 1, b: { c: 1, d: 2 } }, { b: { c: 3, d: 2 } }), { a: null, b: { c: 3 } });
 * ```
 */
export function mergePatch(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const changes: [string, unknown][] = [];
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [own(before, field), own(after, field)];
    if (old === now || canonicalJson(old) === canonicalJson(now)) continue;
    if (now === undefined) changes.push([field, null]);
    else changes.push([field, isObject(old) && isObject(now) ? mergePatch(old, now) : now]);
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/**
 * Applies a merge patch and returns the result; neither argument is changed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { applyMergePatch } from "./merge_patch.ts";
 *
 * assert.deepEqual(applyMergePatch({ a: 1, b: { c: 1, d: 2 } }, { a: null, b: { c: 3 } }), { b: { c: 3, d: 2 } });
 * ```
 */
export function applyMergePatch(
  value: Record<string, unknown>,
  patch: Record<string, unknown>,
): Record<string, unknown> {
  const result = new Map(Object.entries(value));
  for (const [field, change] of Object.entries(patch)) {
    const old = result.get(field);
    if (change === null) result.delete(field);
    else result.set(field, isObject(change) ? applyMergePatch(isObject(old) ? old : {}, change) : change);
  }
  return Object.fromEntries(result);
}
