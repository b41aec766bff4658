/**
 * Schemas of objects: those of CRD versions and of the built-in kinds.
 *
 * @module
 */
import type { Json } from "../../../src/base/json.ts";
import { isObject } from "../../../src/base/json.ts";
import builtin from "./builtin.json" with { type: "json" };

/** An OpenAPI v3 schema, in the form that Kubernetes uses. */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  required?: string[];
  nullable?: boolean;
  default?: Json;
  enum?: Json[];
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-embedded-resource"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: string;
  "x-kubernetes-patch-merge-key"?: string;
  "x-kubernetes-patch-strategy"?: string;
  "x-kubernetes-validations"?: Rule[];
  [keyword: string]: unknown;
}

/** One CEL rule. */
export interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

/** The schemas of the built-in kinds and of their parts, by name. */
export const components = builtin as unknown as Record<string, Schema>;

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

// The fields of a manager are an object with arbitrary keys.
components[`${META}.FieldsV1`]!["x-kubernetes-preserve-unknown-fields"] = true;

/** The schema of metadata, which all kinds share. */
export const objectMeta: Schema = { $ref: `#/components/schemas/${META}.ObjectMeta` };

const expanded = new WeakMap<Schema, Schema>();

/** A schema with its references resolved (one level), for a walk over a value. */
export function expand(schema: Schema): Schema {
  if (schema.$ref === undefined && !(schema.allOf?.length === 1 && schema.allOf[0]!.$ref)) return schema;
  const known = expanded.get(schema);
  if (known) return known;
  const { $ref, allOf, ...own } = schema;
  const name = ($ref ?? allOf![0]!.$ref!).replace("#/components/schemas/", "");
  const target = components[name];
  if (target === undefined) throw new TypeError(`There is no schema "${name}"`);
  const whole = { ...expand(target), ...own };
  expanded.set(schema, whole);
  return whole;
}

/** The schema of an object's field; `undefined` if none is declared. */
export function fieldOf(schema: Schema | undefined, key: string): Schema | undefined {
  const field = schema?.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  if (field) return expand(field);
  return isObject(schema?.additionalProperties) ? expand(schema.additionalProperties as Schema) : undefined;
}

/** The schema of an array's items; `undefined` if none is declared. */
export function itemOf(schema: Schema | undefined): Schema | undefined {
  return schema?.items && expand(schema.items);
}

/** True if a schema keeps undeclared fields. */
export function keepsUnknown(schema: Schema): boolean {
  if (schema["x-kubernetes-preserve-unknown-fields"] || schema.additionalProperties === true) return true;
  // A schema without a type, such as that of values in a JSON schema, allows anything.
  return schema.type === undefined && schema.properties === undefined;
}

/** The path of a field, in the notation of error messages. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
