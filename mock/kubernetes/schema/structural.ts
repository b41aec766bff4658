/**
 * Checks that a CRD's schema is structural: every field has a type, and defaults and rules are valid.
 *
 * @module
 */
import { field, type FieldError } from "../field_errors.ts";
import { isObject, stringifyJson } from "../../../src/base/json.ts";
import { checkRules } from "../cel/rules.ts";
import type { Schema } from "./schema.ts";
import { validate } from "./validate.ts";

/** Checks the schema of a version. */
export function checkSchema(schema: Schema, path: string): FieldError[] {
  if (!schema.type) return [field.required(`${path}.type`, "must not be empty at the root")];
  if (schema.type !== "object") {
    return [field.invalid(`${path}.type`, schema.type, "must be object at the root")];
  }
  const key = `${path} ${stringifyJson(schema)}`;
  const errors = known.get(key) ?? checkWhole(schema, path);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, errors);
  return errors;
}

/** The errors of schemas that were checked, by their text: the APIs of all tests get the same CRDs. */
const known = new Map<string, FieldError[]>();
const MOST_KNOWN = 200;

function checkWhole(schema: Schema, path: string): FieldError[] {
  const errors = checkNode(schema, path);
  // Rules are compiled against the schema's types, so these must be valid first.
  return errors.length > 0 ? errors : checkRules(schema, path);
}

function checkNode(schema: Schema, path: string): FieldError[] {
  return [
    ...checkType(schema, path),
    ...checkDefault(schema, path),
    ...checkLists(schema, path),
    ...below(schema, path),
  ];
}

function below(schema: Schema, path: string): FieldError[] {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    [property, `${path}.properties[${name}]`] as const
  );
  const others = (["items", "additionalProperties"] as const).flatMap((key) =>
    isObject(schema[key]) ? [[schema[key] as Schema, `${path}.${key}`] as const] : []
  );
  return [...properties, ...others].flatMap(([inner, where]) => checkNode(inner, where));
}

function checkType(schema: Schema, path: string): FieldError[] {
  if (schema.type || schema["x-kubernetes-int-or-string"] || schema["x-kubernetes-preserve-unknown-fields"]) {
    return schema.type === "array" && !schema.items ? [field.required(`${path}.items`)] : [];
  }
  const where = path.endsWith(".items") ? "specified array items" : "specified object fields";
  return [field.required(`${path}.type`, `must not be empty for ${where}`)];
}

function checkDefault(schema: Schema, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  return validate(schema.default, schema, "").map((error) => ({ ...error, path: `${path}.default${error.path}` }));
}

function checkLists(schema: Schema, path: string): FieldError[] {
  if (schema["x-kubernetes-list-type"] !== "map") return [];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (keys.length === 0) return [field.required(`${path}.x-kubernetes-list-map-keys`)];
  const { properties = {}, required = [] } = schema.items ?? {};
  return keys.filter((key) => !required.includes(key) && properties[key]?.default === undefined).map((key) =>
    field.required(
      `${path}.items.properties[${key}].default`,
      `this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    )
  );
}
