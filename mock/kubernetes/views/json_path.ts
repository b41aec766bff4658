/**
 * The part of JSONPath that printer columns use: fields, indices, `[*]`, and filters for equality.
 *
 * @module
 */
import { isObject } from "../../../src/base/json.ts";

/** One step of a path. */
export type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all" }
  | { readonly kind: "filter"; readonly path: readonly string[]; readonly value: unknown };

const PART =
  /\.?\[\?\(\s*@\.([\w.\\/-]+)\s*==\s*("[^"]*"|'[^']*'|[\w.-]+)\s*\)\]|\[(\*|-?\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\.((?:[^.[\\]|\\.)+)/gy;

const parsed = new Map<string, readonly Step[]>();

/** Parses a path; an unsupported one finds nothing. */
export function stepsOf(path: string): readonly Step[] {
  const known = parsed.get(path);
  if (known) return known;
  const text = path.startsWith(".") || path.startsWith("[") ? path : `.${path}`;
  const steps = [...text.matchAll(PART)].map(([, filter, value, index, quoted, name]): Step => {
    if (filter !== undefined) return { kind: "filter", path: filter.split("."), value: literal(value!) };
    if (index !== undefined) return index === "*" ? { kind: "all" } : { kind: "index", index: Number(index) };
    return { kind: "field", name: (quoted ?? name!).replace(/\\(.)/g, "$1") };
  });
  parsed.set(path, steps);
  return steps;
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  return text === "true" ? true : text === "false" ? false : Number(text);
}

/**
 * The values at a path.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { find } from "./json_path.ts";
 *
 * const object = { conditions: [{ type: "Ready", status: "True" }] };
 * assert.deepEqual(find(object, '.conditions[?(@.type=="Ready")].status'), ["True"]);
 * ```
 */
export function find(object: unknown, path: string): unknown[] {
  return stepsOf(path).reduce<unknown[]>((values, step) => values.flatMap((value) => follow(value, step)), [object]);
}

function follow(value: unknown, step: Step): unknown[] {
  if (step.kind === "field") return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
  const items: unknown[] = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  if (step.kind === "all") return items;
  if (step.kind === "index") return items.slice(step.index, step.index === -1 ? undefined : step.index + 1);
  return items.filter((item) =>
    step.path.reduce<unknown>((inner, key) => isObject(inner) ? inner[key] : undefined, item) === step.value
  );
}
