/**
 * Compares a manifest with the parameters that a run was started with (Jobs API 2.2, runs/get: `job_parameters` with their
 * defaults, and `overriding_parameters`).
 *
 * @module
 */
import type { ObservedRun } from "./run_telling.ts";

/** The fields of a manifest that `overriding_parameters` shows. */
const OVERRIDES = ["notebook_params", "python_named_params", "sql_params"];

type Texts = Readonly<Record<string, string>>;

/** A field of the manifest, beside an answer about the run. */
interface Shown {
  readonly observed: ObservedRun;
  readonly desired: Readonly<Record<string, unknown>>;
  /** The top-level field that is asked about. */
  readonly field: string;
}

/**
 * True if a run shows that it was started with the current value of a field of the manifest; false if it does not show the
 * field.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isBegunWith } from "./run_parameters.ts";
 *
 * const observed = { job_parameters: [{ name: "day", default: "0", value: "7" }] };
 * const isOf = (job_parameters: Record<string, unknown>) =>
 *   isBegunWith({ observed, desired: { job_parameters }, field: "job_parameters" });
 * assert.deepEqual([isOf({ day: 7 }), isOf({ day: "8" }), isOf({})], [true, false, false]);
 * ```
 */
export function isBegunWith({ observed, desired, field }: Shown): boolean {
  const asked = textsOf(desired[field]);
  if (field === "job_parameters") return isOfParameters(asked, observed.job_parameters);
  const { overriding_parameters: shown } = observed;
  return OVERRIDES.includes(field) && isMap(shown) && isSame(asked, textsOf(shown[field]));
}

/** A parameter that a request does not name has its default. */
function isOfParameters(asked: Texts, shown: unknown): boolean {
  if (!Array.isArray(shown)) return false;
  const parameters = shown.filter(isMap);
  const defaults = textsOf(Object.fromEntries(parameters.map((one) => [one.name, one.default])));
  const held = textsOf(Object.fromEntries(parameters.map((one) => [one.name, one.value ?? one.default])));
  return isSame({ ...defaults, ...asked }, held);
}

function isSame(one: Texts, other: Texts): boolean {
  return Object.keys({ ...one, ...other }).every((name) => one[name] === other[name]);
}

/** The values of a map as text, which is how a request sends them. */
function textsOf(map: unknown): Texts {
  return Object.fromEntries(Object.entries(isMap(map) ? map : {}).map(([name, value]) => [name, String(value)]));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
