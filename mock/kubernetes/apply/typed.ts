/**
 * Splits a value into the fields that can be owned, according to its schema.
 *
 * @module
 */
import { canonicalJson, isObject } from "../../../src/base/json.ts";
import { fieldOf, itemOf, type Schema } from "../schema/schema.ts";

/** A value in parts: a leaf is owned as a whole, the others by part. */
export type Parts =
  | { readonly kind: "leaf" }
  | { readonly kind: "map" | "list"; readonly parts: ReadonlyMap<string, Part> };

/** One part of a map or list. */
export interface Part {
  readonly value: unknown;
  readonly schema: Schema | undefined;
  /** True if the schema names the field: then the parent's type allows it. */
  readonly isDeclared: boolean;
}

const LEAF: Parts = { kind: "leaf" };

/** The parts of a value. A list is atomic by default; a map is atomic only if its schema says so. */
export function partsOf(value: unknown, schema: Schema | undefined): Parts {
  if (Array.isArray(value)) return listParts(value, schema);
  if (!isObject(value) || schema?.["x-kubernetes-map-type"] === "atomic") return LEAF;
  const parts = Object.entries(value).map(([key, item]): [string, Part] => [
    `f:${key}`,
    { value: item, schema: fieldOf(schema, key), isDeclared: schema?.properties?.[key] !== undefined },
  ]);
  return { kind: "map", parts: new Map(parts) };
}

function listParts(list: readonly unknown[], schema: Schema | undefined): Parts {
  const type = schema?.["x-kubernetes-list-type"];
  if (type !== "map" && type !== "set") return LEAF;
  const items = itemOf(schema);
  const parts = list.map((
    value,
  ): [string, Part] => [stepOf(value, schema!), { value, schema: items, isDeclared: false }]);
  return { kind: "list", parts: new Map(parts) };
}

/** The step to a list's item: its keys, or the item itself. */
export function stepOf(item: unknown, schema: Schema): string {
  if (schema["x-kubernetes-list-type"] === "set") return `v:${canonicalJson(item)}`;
  const fields = isObject(item) ? item : {};
  const defaults = itemOf(schema)?.properties ?? {};
  const keys = (schema["x-kubernetes-list-map-keys"] ?? [])
    .map((key) => [key, fields[key] ?? defaults[key]?.default ?? null] as const);
  return `k:${canonicalJson(Object.fromEntries(keys))}`;
}

/** True for a map or list without parts: it is owned as a whole. */
export function isEmpty(parts: Parts | undefined): boolean {
  return parts === undefined || parts.kind !== "leaf" && parts.parts.size === 0;
}
