/**
 * Selects the fields of a resource that are compared, and fingerprints them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { canonicalJson, isObject, own } from "../../base/json.ts";
import { nearest } from "../../base/text.ts";
import type { FieldRules } from "../../resource.ts";
import { elementsOf, into } from "./path.ts";
import { inOrder } from "./spelling.ts";

/** A fingerprint for each top-level field; for a list whose elements have keys, one for each element. */
export type Fingerprint = Record<string, string | Record<string, string>>;

/** Hashes a JSON value to 16 characters: enough to see that a field of one object changed. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("base64url").slice(0, 16);
}

/**
 * Fingerprints the fields of a value. The order of elements in a keyed list does not count.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fingerprint } from "./fields.ts";
 *
 * const rules = { keyedBy: { tasks: "task_key" } };
 * const one = fingerprint({ tasks: [{ task_key: "a" }, { task_key: "b" }] }, rules);
 * const two = fingerprint({ tasks: [{ task_key: "b" }, { task_key: "a" }] }, rules);
 * assert.deepEqual(one, two);
 * ```
 */
export function fingerprint(value: Record<string, unknown>, rules: FieldRules): Fingerprint {
  return plainFingerprint(inOrder(value, rules), rules);
}

/**
 * The same for a value whose lists keep their order, except for elements with keys at the top level: the form of
 * version 0.1.
 */
export function plainFingerprint(value: Record<string, unknown>, rules: FieldRules): Fingerprint {
  const fields = Object.entries(value).filter(([, content]) => content !== undefined);
  return Object.fromEntries(fields.map(([field, content]) => {
    const key = own(rules.keyedBy, field);
    const elements = key === undefined ? undefined : elementsOf(content, key);
    if (elements === undefined) return [field, hashOf(content)];
    return [field, Object.fromEntries([...elements].map(([name, element]) => [name, hashOf(element)]))];
  }));
}

/**
 * The paths at which two fingerprints differ: `schedule`, `tasks[etl]`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { differences } from "./fields.ts";
 *
 * assert.deepEqual(differences({ name: "1", tasks: { a: "1" } }, { tasks: { a: "2", b: "1" } }), [
 *   "name",
 *   "tasks[a]",
 *   "tasks[b]",
 * ]);
 * ```
 */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  return union(before, after).flatMap((field) => {
    const [a, b] = [own(before, field), own(after, field)];
    if (typeof a === "object" && typeof b === "object") {
      return union(a, b).filter((key) => own(a, key) !== own(b, key)).map((key) => `${field}[${key}]`);
    }
    return a === b ? [] : [field];
  });
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

/** The value without the named top-level fields. */
export function without(value: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)));
}

/** The value without the fields, at any depth, that a rule's paths name and `spoken` does not contain. */
export function withoutFields(
  value: unknown,
  spoken: unknown,
  isMeant: (path: string) => boolean,
  path = "",
): unknown {
  if (Array.isArray(value)) {
    const said = Array.isArray(spoken) ? spoken : [];
    return value.map((element, index) => withoutFields(element, said[index], isMeant, path));
  }
  if (!isObject(value)) return value;
  const said = isObject(spoken) ? spoken : {};
  const kept = Object.entries(value).filter(([field]) => Object.hasOwn(said, field) || !isMeant(into(path, field)));
  return Object.fromEntries(
    kept.map(([field, content]) => [field, withoutFields(content, own(said, field), isMeant, into(path, field))]),
  );
}

/**
 * Returns the part of an observed value that counts: the fields that the schema knows, and those that the manifest
 * names. So a field that Databricks adds to its answers later is not drift.
 */
export function project(schema: z.ZodType, observed: unknown, spoken?: unknown): unknown {
  const inner = unwrap(schema);
  if (inner.type === "array" && Array.isArray(observed)) {
    const said = Array.isArray(spoken) ? spoken : [];
    return observed.map((element, index) => project(inner.element as z.ZodType, element, said[index]));
  }
  if (inner.type !== "object" || !isObject(observed)) return observed;
  const shape = inner.shape as Record<string, z.ZodType>;
  const said = isObject(spoken) ? spoken : {};
  const kept = Object.entries(observed).filter(([field]) => Object.hasOwn(shape, field) || Object.hasOwn(said, field));
  return Object.fromEntries(kept.map(([field, value]) => {
    const known = Object.hasOwn(shape, field) ? shape[field] : undefined;
    return [field, known === undefined ? value : project(known, value, said[field])];
  }));
}

/** A field that a schema does not know. */
export interface UnknownField {
  /** `tasks[0].task_kye` */
  readonly path: string;
  /** The field that was probably meant: `task_key`. */
  readonly meant?: string;
}

/**
 * The fields that the schema does not know: newer ones, or misspelt ones.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as z from "zod";
 * import { unknownFields } from "./fields.ts";
 *
 * const schema = z.looseObject({ tasks: z.array(z.looseObject({ task_key: z.string() })) });
 * assert.deepEqual(unknownFields(schema, { tasks: [{ task_kye: "a" }], b: 1 }), [
 *   { path: "tasks[0].task_kye", meant: "task_key" },
 *   { path: "b" },
 * ]);
 * ```
 */
export function unknownFields(schema: z.ZodType, value: unknown, path = ""): UnknownField[] {
  const inner = unwrap(schema);
  if (inner.type === "array" && Array.isArray(value)) {
    return value.flatMap((element, index) => unknownFields(inner.element as z.ZodType, element, `${path}[${index}]`));
  }
  if (inner.type !== "object" || !isObject(value)) return [];
  const shape = inner.shape as Record<string, z.ZodType>;
  return Object.entries(value).flatMap(([field, content]): UnknownField[] => {
    const known = own(shape, field);
    const below = path === "" ? field : `${path}.${field}`;
    if (known !== undefined) return unknownFields(known, content, below);
    if (metaOf(schema, "isOpen") === true) return [];
    const meant = nearest(field, Object.keys(shape).filter((name) => !Object.hasOwn(value, name)));
    return [{ path: below, ...meant !== undefined && { meant } }];
  });
}

type Definition = { type: string; element?: unknown; shape?: unknown; innerType?: z.ZodType; getter?: () => z.ZodType };

/** The schemas of an object's fields; empty if the schema is not an object's. */
export function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> {
  const inner = schema === undefined ? undefined : unwrap(schema);
  return inner?.type === "object" ? inner.shape as Record<string, z.ZodType> : {};
}

/** The schema of a list's elements; `undefined` if the schema is not a list's. */
export function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  const inner = schema === undefined ? undefined : unwrap(schema);
  return inner?.type === "array" ? inner.element as z.ZodType : undefined;
}

/** A value of a schema's metadata, or of the schema that it wraps; `undefined` if neither has it. */
export function metaOf(schema: z.ZodType | undefined, key: string): unknown {
  for (let layer = schema; layer !== undefined; layer = innerOf(layer)) {
    const value = layer.meta()?.[key];
    if (value !== undefined) return value;
  }
  return undefined;
}

function innerOf(schema: z.ZodType): z.ZodType | undefined {
  const { innerType, getter } = schema.def as unknown as Definition;
  return innerType ?? getter?.();
}

/** The definition of the schema inside all wrappers. */
export function unwrap(schema: z.ZodType): Definition {
  const inner = innerOf(schema);
  return inner === undefined ? schema.def as unknown as Definition : unwrap(inner);
}
