/**
 * The CEL types of a structural schema, with bounds of their sizes.
 *
 * A field without a type, such as one below `x-kubernetes-preserve-unknown-fields`, is not declared: a rule that uses
 * it does not compile. (Kubernetes, "Type mapping between OpenAPI and CEL", and "Resource use by validation
 * functions".)
 *
 * @module
 */
import { isObject } from "../../../src/base/json.ts";
import { celName } from "../../../src/kubernetes/cel.ts";
import type { Schema } from "../schema/schema.ts";
import { listOf, mapOf, simpleTypes, type Type } from "./types.ts";

/** The maximum size of a request to the API server (bytes). */
export const MAX_REQUEST = 3 * 1024 * 1024;

/** A type that a schema declares. */
export interface Declared {
  readonly type: Type;
  /** The maximum number of elements of a list or map, or of bytes of a string; 0 for other types. */
  readonly most: number;
  /** The minimum size of a value in JSON (bytes). */
  readonly least: number;
  readonly fields?: ReadonlyMap<string, Declared>;
  readonly key?: Declared;
  readonly element?: Declared;
}

const STRING: Schema = { type: "string" };
const META: Schema = { type: "object", properties: { name: STRING, generateName: STRING } };

/**
 * The type of a schema; `undefined` if rules cannot see its values.
 *
 * @param isRoot true for whole objects, whose name and kind can always be used.
 */
export function declare(schema: Schema, { isRoot, name }: { isRoot: boolean; name: string }): Declared | undefined {
  if (schema["x-kubernetes-int-or-string"]) {
    return { type: simpleTypes.dyn, most: lengthOf(schema) ?? MAX_REQUEST - 2, least: 1 };
  }
  if (schema.type === "array") return declareList(schema, name);
  if (schema.type !== "object") return declareScalar(schema);
  if (isObject(schema.additionalProperties)) return declareMap(schema, name);
  return declareObject(isRoot ? withMeta(schema) : schema, name);
}

function declareInner(schema: Schema, name: string): Declared | undefined {
  return declare(schema, { isRoot: schema["x-kubernetes-embedded-resource"] === true, name });
}

function declareList({ items, maxItems }: Schema, name: string): Declared | undefined {
  const element = items && declareInner(items, `${name}.@idx`);
  if (!element) return undefined;
  const most = bound(maxItems) ?? Math.floor((MAX_REQUEST - 2) / (element.least + 1));
  return { type: listOf(element.type), most, least: 2, element };
}

function declareMap({ additionalProperties, maxProperties }: Schema, name: string): Declared | undefined {
  const element = declareInner(additionalProperties as Schema, `${name}.@elem`);
  if (!element) return undefined;
  // An entry has two quotes, a colon, a comma and at least two bytes of key.
  const most = bound(maxProperties) ?? Math.floor((MAX_REQUEST - 2) / (element.least + 6));
  const key = { type: simpleTypes.string, most: 0, least: 2 };
  return { type: mapOf(key.type, element.type), most, least: 2, key, element };
}

function declareObject({ properties = {}, required = [] }: Schema, name: string): Declared {
  const fields = new Map<string, Declared>();
  let least = 2;
  for (const [key, property] of Object.entries(properties)) {
    const spelt = celName(key);
    const field = declareInner(property, `${name}.${spelt ?? key}`);
    if (!field) continue;
    if (spelt !== undefined) fields.set(spelt, field);
    if (required.includes(key) && property.default === undefined) {
      least += new TextEncoder().encode(key).length + field.least + 4;
    }
  }
  return { type: { kind: "object", name, parameters: [], fields }, most: 0, least, fields };
}

function withMeta(schema: Schema): Schema {
  const { properties: { metadata } = {} } = schema;
  const { name, generateName } = metadata?.properties ?? {};
  const own = name?.type === "string" && generateName?.type === "string" ? metadata! : META;
  return { ...schema, properties: { ...schema.properties, kind: STRING, apiVersion: STRING, metadata: own } };
}

function declareScalar(schema: Schema): Declared | undefined {
  if (schema.type === "boolean") return { type: simpleTypes.bool, most: 0, least: 4 };
  if (schema.type === "number") return { type: simpleTypes.double, most: 0, least: 1 };
  if (schema.type === "integer") return { type: simpleTypes.int, most: 0, least: 1 };
  return schema.type === "string" ? declareString(schema) : undefined;
}

/** Strings, by format. Dates and durations have the lengths of their longest and shortest spellings. */
function declareString(schema: Schema): Declared {
  const { format, maxLength } = schema;
  if (format === "byte") return { type: simpleTypes.bytes, most: bound(maxLength) ?? MAX_REQUEST - 2, least: 2 };
  if (format === "duration") return { type: simpleTypes.duration, most: 32, least: 3 };
  if (format === "date") return { type: simpleTypes.timestamp, most: 12, least: 12 };
  if (format === "date-time") return { type: simpleTypes.timestamp, most: 32, least: 21 };
  return { type: simpleTypes.string, most: lengthOf(schema) ?? longestOf(schema) ?? MAX_REQUEST - 2, least: 2 };
}

/** The maximum bytes of a string of limited length: a character takes up to four. */
function lengthOf({ maxLength }: Schema): number | undefined {
  const length = bound(maxLength);
  return length === undefined ? undefined : length * 4;
}

function longestOf({ enum: values = [] }: Schema): number | undefined {
  if (values.length === 0) return undefined;
  return Math.max(0, ...values.map((value) => typeof value === "string" ? new TextEncoder().encode(value).length : 0));
}

function bound(value: unknown): number | undefined {
  return value === undefined ? undefined : Math.max(0, Number(value));
}
