/**
 * JSON merge patch (RFC 7396).
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../../src/base/json.ts";

/** Applies the patch to the target; `null` in the patch removes a field. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target as JsonObject } : {};
  for (const [key, value] of Object.entries(patch as JsonObject)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
