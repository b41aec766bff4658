/**
 * Comparison by value of the fields in the manifest: used without a baseline (a take-over, an upgrade), and for naming
 * the exact field in a message.
 *
 * @module
 */
import { canonicalJson, isObject, own } from "../../base/json.ts";
import type { FieldRules } from "../../resource.ts";
import { elementsOf, into } from "./path.ts";
import { inOrder, inWordsOf } from "./spelling.ts";

/** A place at which Databricks has another value than the manifest. */
export interface Deviation {
  /** `tasks[etl].libraries[0]` */
  readonly path: string;
  /** The value in the manifest; `undefined` for an element that the manifest does not have. */
  readonly wanted: unknown;
  /** The value in Databricks; `undefined` if the answer omits the field. */
  readonly got: unknown;
}

/**
 * The paths at which Databricks has another value than the manifest. Fields that the manifest does not name do not
 * count, nor do empty values that Databricks omits, or other spellings of the same value.
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
  return deviations(desired, observed, rules).map(({ path }) => path);
}

/** The same, with both values. */
export function deviations(desired: unknown, observed: unknown, rules: FieldRules): Deviation[] {
  const held = inWordsOf(desired, observed, rules);
  return [...walk(inOrder(desired, rules), held, { rules, path: "", generic: "" })];
}

interface Place {
  readonly rules: FieldRules;
  readonly path: string;
  readonly generic: string;
}

function* walk(wanted: unknown, got: unknown, place: Place): Generator<Deviation> {
  if (wanted === undefined || (got === undefined && isEmpty(wanted))) return;
  if (isObject(wanted) && isObject(got)) {
    for (const [field, value] of Object.entries(wanted)) yield* walk(value, own(got, field), below(place, field));
  } else if (Array.isArray(wanted) && Array.isArray(got)) {
    yield* walkLists(wanted, got, place);
  } else if (canonicalJson(wanted) !== canonicalJson(got)) {
    yield { path: place.path, wanted, got };
  }
}

function below({ rules, path, generic }: Place, field: string): Place {
  return { rules, path: into(path, field), generic: into(generic, field) };
}

function* walkLists(wanted: unknown[], got: unknown[], place: Place): Generator<Deviation> {
  const key = own(place.rules.keyedBy, place.generic);
  const [asked, held] = key === undefined ? [] : [elementsOf(wanted, key), elementsOf(got, key)];
  if (asked !== undefined && held !== undefined) {
    for (const name of new Set([...asked.keys(), ...held.keys()])) {
      const path = `${place.path}[${name}]`;
      if (asked.has(name) && held.has(name)) yield* walk(asked.get(name), held.get(name), { ...place, path });
      else yield { path, wanted: asked.get(name), got: held.get(name) };
    }
  } else if (wanted.length !== got.length) {
    yield { path: place.path, wanted, got };
  } else {
    for (const [index, value] of wanted.entries()) {
      yield* walk(value, got[index], { ...place, path: `${place.path}[${index}]` });
    }
  }
}

/** True for a value that Databricks may omit. */
export function isEmpty(value: unknown): boolean {
  if (isObject(value)) return Object.values(value).every(isEmpty);
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === false || value === 0 || value === "";
}
