/**
 * Comparison by value, where the manifest speaks: for what has no baseline yet (a take-over, an upgrade), and for
 * naming the exact field in a message.
 *
 * @module
 */
import { canonicalJson, isObject, own } from "../../base/json.ts";
import type { FieldRules } from "../../resource.ts";
import { byKey } from "./fields.ts";

/**
 * The paths at which Databricks holds something else than the manifest asks for. What the manifest does not mention
 * does not count, and neither does an empty value that Databricks leaves out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { disagreements } from "./diff.ts";
 *
 * const observed = { name: "etl", timeout_seconds: 0, schedule: { timezone_id: "UTC" } };
 * assert.deepEqual(disagreements({ name: "etl", queue: {}, schedule: { timezone_id: "CET" } }, observed, {}), [
 *   "schedule.timezone_id",
 * ]);
 * ```
 */
export function disagreements(desired: unknown, observed: unknown, rules: FieldRules): string[] {
  return [...walk(desired, observed, { rules, path: "", generic: "" })];
}

interface Place {
  readonly rules: FieldRules;
  /** As shown: `tasks[etl].libraries[0]`. */
  readonly path: string;
  /** As rules name it: `tasks.libraries`. */
  readonly generic: string;
}

function* walk(desired: unknown, observed: unknown, place: Place): Generator<string> {
  if (desired === undefined || (observed === undefined && isEmpty(desired))) return;
  if (isObject(desired) && isObject(observed)) {
    for (const [field, value] of Object.entries(desired)) yield* walk(value, own(observed, field), into(place, field));
  } else if (Array.isArray(desired) && Array.isArray(observed)) {
    yield* walkLists(desired, observed, place);
  } else if (!isSame(desired, observed, place)) {
    yield place.path;
  }
}

function into({ rules, path, generic }: Place, field: string): Place {
  return { rules, path: path ? `${path}.${field}` : field, generic: generic ? `${generic}.${field}` : field };
}

function* walkLists(desired: unknown[], observed: unknown[], place: Place): Generator<string> {
  const key = own(place.rules.keyedBy, place.generic);
  const [wanted, held] = key === undefined ? [] : [byKey(desired, key), byKey(observed, key)];
  if (wanted !== undefined && held !== undefined) {
    for (const name of new Set([...wanted.keys(), ...held.keys()])) {
      const element = { ...place, path: `${place.path}[${name}]` };
      if (wanted.has(name) && held.has(name)) yield* walk(wanted.get(name), held.get(name), element);
      else yield element.path;
    }
  } else if (desired.length !== observed.length) {
    yield place.path;
  } else {
    for (const [index, value] of desired.entries()) {
      yield* walk(value, observed[index], { ...place, path: `${place.path}[${index}]` });
    }
  }
}

function isSame(desired: unknown, observed: unknown, { rules, generic }: Place): boolean {
  const spelling = own(rules.spelling, generic);
  if (spelling !== undefined && typeof desired === "string" && typeof observed === "string") {
    return spelling(desired) === spelling(observed);
  }
  return canonicalJson(desired) === canonicalJson(observed);
}

function isEmpty(value: unknown): boolean {
  if (isObject(value)) return Object.values(value).every(isEmpty);
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === false || value === 0 || value === "";
}
