/**
 * Converts an answer to the manifest's spelling. Databricks reorders lists, spells names differently, and fills in
 * values that it was left to choose. The kind's rules define what is equivalent; nothing after this sees it as a
 * difference.
 *
 * @module
 */
import { canonicalJson, isObject, own } from "../../base/json.ts";
import type { FieldRules } from "../../resource.ts";
import { elementsOf, into } from "./path.ts";

/**
 * An answer in the manifest's spelling. Keyed and unordered lists are sorted the same way on both sides.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inWordsOf } from "./spelling.ts";
 *
 * const rules = { keyedBy: { hooks: "id" }, spelling: { mode: (text: string) => text.toLowerCase() } };
 * assert.deepEqual(
 *   inWordsOf({ mode: "AUTO" }, { mode: "auto", hooks: [{ id: "b" }, { id: "a" }] }, rules),
 *   { mode: "AUTO", hooks: [{ id: "a" }, { id: "b" }] },
 * );
 * ```
 */
export function inWordsOf(desired: unknown, observed: unknown, rules: FieldRules): unknown {
  return translate(desired, observed, { rules, generic: "" });
}

/** A value with its keyed and unordered lists sorted. */
export function inOrder<T>(value: T, rules: FieldRules): T {
  return inWordsOf(undefined, value, rules) as T;
}

interface Place {
  readonly rules: FieldRules;
  readonly generic: string;
}

function translate(desired: unknown, observed: unknown, place: Place): unknown {
  if (desired !== undefined && standsFor(desired, observed, place)) return desired;
  if (Array.isArray(observed)) return translateList(Array.isArray(desired) ? desired : [], observed, place);
  if (!isObject(observed)) return observed;
  const said = isObject(desired) ? desired : {};
  const known = Object.keys(observed).map((field): [string, unknown] => [
    field,
    translate(own(said, field), observed[field], below(place, field)),
  ]);
  const untold = Object.keys(said).filter((field) =>
    !Object.hasOwn(observed, field) && said[field] !== undefined &&
    standsFor(said[field], undefined, below(place, field))
  );
  return Object.fromEntries([...known, ...untold.map((field): [string, unknown] => [field, said[field]])]);
}

function below({ rules, generic }: Place, field: string): Place {
  return { rules, generic: into(generic, field) };
}

/** True if the answer means what was requested, in whatever spelling. */
function standsFor(desired: unknown, observed: unknown, { rules, generic }: Place): boolean {
  if (own(rules.answers, generic)?.(desired, observed)) return true;
  const spelling = own(rules.spelling, generic);
  return spelling !== undefined && typeof desired === "string" && typeof observed === "string" &&
    spelling(desired) === spelling(observed);
}

function translateList(desired: unknown[], observed: unknown[], place: Place): unknown[] {
  const { rules, generic } = place;
  const key = own(rules.keyedBy, generic);
  const held = key === undefined ? undefined : elementsOf(observed, key);
  if (key !== undefined && held !== undefined) {
    const said = elementsOf(desired, key);
    return [...held].sort(([a], [b]) => compare(a, b)).map(([name, one]) => translate(said?.get(name), one, place));
  }
  if (!rules.unordered?.includes(generic)) {
    return observed.map((one, index) => translate(desired[index], one, place));
  }
  const elements = observed.map((one) => translate(undefined, one, place));
  return elements.map((one) => ({ one, text: canonicalJson(one) })).sort((a, b) => compare(a.text, b.text))
    .map(({ one }) => one);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
