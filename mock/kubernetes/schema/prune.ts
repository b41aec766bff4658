/**
 * Removes the fields that a schema does not declare, and adds its defaults.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../../src/base/json.ts";
import { expand, fieldOf, itemOf, join, keepsUnknown, objectMeta, type Schema } from "./schema.ts";

const EMBEDDED: Record<string, Schema> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: objectMeta,
};

/**
 * A copy without the fields that the schema does not declare.
 *
 * @param unknown receives the paths of the removed fields.
 */
export function prune(value: Json, schema: Schema, unknown: string[], path = ""): Json {
  if (Array.isArray(value)) {
    const items = itemOf(schema);
    return items ? value.map((item, index) => prune(item, items, unknown, `${path}[${index}]`)) : value;
  }
  return isObject(value) ? pruneFields(value as JsonObject, schema, { unknown, path }) : value;
}

function pruneFields(value: JsonObject, schema: Schema, at: { unknown: string[]; path: string }): JsonObject {
  const { unknown, path } = at;
  const result: JsonObject = {};
  const embedded = schema["x-kubernetes-embedded-resource"] ? EMBEDDED : {};
  for (const [key, item] of Object.entries(value)) {
    const declared = embedded[key] ?? fieldOf(schema, key);
    if (declared) result[key] = prune(item, expand(declared), unknown, join(path, key));
    else if (keepsUnknown(schema)) result[key] = item;
    else unknown.push(join(path, key));
  }
  return result;
}

/**
 * A copy with the defaults of absent fields, in which a `null` that is not allowed is replaced by the default or
 * removed. With `keepsNulls`, one without a default is kept: it comes from a merge of managers' fields, and validation
 * refuses it.
 */
export function withDefaults(value: Json, schema: Schema, keepsNulls = false): Json {
  if (Array.isArray(value)) {
    const items = itemOf(schema);
    return items ? value.map((item) => withDefaults(item, items, keepsNulls)) : value;
  }
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value as JsonObject)) {
    const declared = fieldOf(schema, key);
    const isKept = keepsNulls && declared?.default === undefined;
    if (item === null && declared && !isNullable(declared) && !isKept) continue;
    result[key] = declared ? withDefaults(item, declared, keepsNulls) : item;
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && !Object.hasOwn(result, key)) {
      result[key] = withDefaults(structuredClone(property.default), expand(property));
    }
  }
  return result;
}

function isNullable(schema: Schema): boolean {
  return schema.nullable === true || schema["x-kubernetes-preserve-unknown-fields"] === true && !schema.type;
}

/** A copy without nulls, which the decoder of the built-in kinds ignores. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value as JsonObject).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item)]));
}
