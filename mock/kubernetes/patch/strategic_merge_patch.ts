/**
 * Strategic merge patch, which kubectl uses for built-in kinds: a merge patch that knows which lists are merged, and by
 * which key. See kubernetes/community, contributors/devel/sig-api-machinery/strategic-merge-patch.md.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../../src/base/json.ts";
import { fieldOf, itemOf, type Schema } from "../schema/schema.ts";
import { equal } from "../values.ts";

const ORDER = "$setElementOrder/";
const DELETE = "$deleteFromPrimitiveList/";

/** Applies the patch to the target. */
export function strategicMergePatch(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (!isObject(patch)) return patch;
  const { $patch: directive, $retainKeys: retained, ...changes } = patch as JsonObject;
  if (directive === "replace") return changes;
  const result: JsonObject = isObject(target) ? retain(target as JsonObject, retained) : {};
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(DELETE)) result[key.slice(DELETE.length)] = drop(result[key.slice(DELETE.length)], value);
    else if (key.startsWith(ORDER)) continue;
    else if (value === null || isObject(value) && (value as JsonObject).$patch === "delete") delete result[key];
    else result[key] = mergeField(result[key], value, fieldOf(schema, key));
  }
  for (const [key, order] of Object.entries(changes)) {
    if (key.startsWith(ORDER)) arrange(result, { key: key.slice(ORDER.length), order, schema });
  }
  return result;
}

function retain(target: JsonObject, keys: Json | undefined): JsonObject {
  if (!Array.isArray(keys)) return { ...target };
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function drop(list: Json | undefined, gone: Json): Json {
  return asList(list).filter((item) => !asList(gone).some((one) => equal(one, item)));
}

function mergeField(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (!Array.isArray(patch)) return strategicMergePatch(target, patch, schema);
  if (schema?.["x-kubernetes-patch-strategy"] !== "merge") return patch;
  const key = schema["x-kubernetes-patch-merge-key"];
  if (key === undefined) {
    const before = asList(target);
    return [...before, ...patch.filter((item) => !before.some((one) => equal(one, item)))];
  }
  return mergeItems(asList(target), patch, { key, schema: itemOf(schema) });
}

function mergeItems(
  target: readonly Json[],
  patch: readonly Json[],
  { key, schema }: { key: string; schema: Schema | undefined },
): Json[] {
  if (patch.some((item) => directiveOf(item) === "replace")) {
    return patch.filter((item) => directiveOf(item) !== "replace");
  }
  const result = [...target];
  for (const item of patch) {
    const index = result.findIndex((one) => equal(keyOf(one, key), keyOf(item, key)));
    if (directiveOf(item) === "delete") {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(strategicMergePatch({}, item, schema));
    else result[index] = strategicMergePatch(result[index], item, schema);
  }
  return result;
}

/** Sorts a list's items into the order of the patch; the other items keep their positions after them. */
function arrange(
  result: JsonObject,
  { key, order, schema }: { key: string; order: Json; schema: Schema | undefined },
): void {
  const mergeKey = fieldOf(schema, key)?.["x-kubernetes-patch-merge-key"];
  const places = asList(order).map((item) => mergeKey === undefined ? item : keyOf(item, mergeKey));
  const list = asList(result[key]);
  if (list.length === 0) return;
  const placeOf = (item: Json) => {
    const place = places.findIndex((one) => equal(one, mergeKey === undefined ? item : keyOf(item, mergeKey)));
    return place < 0 ? places.length : place;
  };
  result[key] = list.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function keyOf(item: Json, key: string): Json | undefined {
  return isObject(item) ? (item as JsonObject)[key] : undefined;
}

function directiveOf(item: Json): Json | undefined {
  return keyOf(item, "$patch");
}
