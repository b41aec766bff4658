/**
 * CEL as the API server evaluates it in the rules of a CRD (`x-kubernetes-validations`).
 *
 * Caveat: the functions of Kubernetes' libraries for quantities, addresses and versions are missing.
 *
 * @module
 */
import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { isObject } from "../base/json.ts";

/** The part of a structural schema that determines how values are converted. */
export interface TypedSchema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly properties?: Readonly<Record<string, TypedSchema>> | undefined;
  readonly additionalProperties?: boolean | TypedSchema | undefined;
  readonly items?: TypedSchema | undefined;
}

/** A rule, ready to run. */
export type Program = (context: Record<string, unknown>) => unknown;

type Sortable = bigint | number | string;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
})
  .registerFunction(
    "string.replace(string, string): string",
    (text: string, from: string, to: string) => text.replaceAll(from, to),
  )
  .registerFunction("string.charAt(int): string", (text: string, index: bigint) => text.charAt(Number(index)))
  .registerFunction(
    "string.find(string): string",
    (text: string, pattern: string) => text.match(new RegExp(pattern, "u"))?.[0] ?? "",
  )
  .registerFunction("isURL(string): bool", (text: string) => URL.canParse(text))
  .registerFunction(
    "list.isSorted(): bool",
    (items: Sortable[]) => items.every((item, index) => index === 0 || items[index - 1]! <= item),
  )
  .registerFunction("list.sum(): dyn", (items: bigint[]) => items.reduce((total, item) => total + item, 0n))
  .registerFunction("list.min(): dyn", (items: Sortable[]) => items.reduce((a, b) => b < a ? b : a))
  .registerFunction("list.max(): dyn", (items: Sortable[]) => items.reduce((a, b) => b > a ? b : a));

const programs = new Map<string, Program>();

/**
 * Compiles a rule.
 *
 * @throws when it is not CEL.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compile, toCel } from "./cel.ts";
 *
 * const schema = { properties: { size: { type: "integer" } } };
 * assert.equal(compile("self.size > 1")({ self: toCel({ size: 2 }, schema) }), true);
 * ```
 */
export function compile(rule: string): Program {
  const known = programs.get(rule);
  if (known) return known;
  const program = environment.parse(rule) as unknown as Program;
  programs.set(rule, program);
  return program;
}

/**
 * The syntax tree of a rule, before any use of it.
 *
 * @throws when it is not CEL.
 */
export function parseRule(rule: string): ASTNode {
  return environment.parse(rule).ast;
}

const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while"
    .split(" "),
);
const ESCAPES: Record<string, string> = { "__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__" };

/** A value in CEL's types: integers are `bigint`, dates are timestamps, and field names are escaped for CEL. */
export function toCel(value: unknown, schema: TypedSchema | undefined): unknown {
  if (typeof value === "number") {
    const isDouble = schema?.type === "number" || !Number.isInteger(value);
    return isDouble ? value : BigInt(value);
  }
  if (typeof value === "string") return /^date(-?time)?$/.test(schema?.format ?? "") ? new Date(value) : value;
  if (Array.isArray(value)) return value.map((item) => toCel(item, schema?.items));
  if (!isObject(value)) return value;
  const isMap = schema?.properties === undefined;
  // A rule does not see a field that is null.
  const fields = Object.entries(value).filter(([, item]) => isMap || item !== null);
  const shown: Record<string, unknown> = Object.fromEntries(
    fields.map(([key, item]) => [isMap ? key : escape(key), toCel(item, fieldOf(schema, key))]),
  );
  // Since Kubernetes 1.36 a CEL keyword may name a field without an escape.
  for (const [key] of fields) if (!isMap && RESERVED.has(key)) shown[key] = shown[escape(key)];
  return shown;
}

/** The name of a field as rules spell it; `undefined` if they cannot (Kubernetes, "Escape sequences"). */
export function celName(name: string): string | undefined {
  return /^[a-zA-Z_.\-/][\w.\-/]*$/.test(name) ? escape(name) : undefined;
}

function escape(name: string): string {
  return RESERVED.has(name) ? `__${name}__` : name.replace(/__|[.\-/]/g, (part) => ESCAPES[part] ?? part);
}

/** The schema of a field; `undefined` if none is declared. */
export function fieldOf(schema: TypedSchema | undefined, key: string): TypedSchema | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
