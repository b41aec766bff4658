/**
 * Values in messages: short, on one line, without confidential ones.
 *
 * @module
 */
import { isObject, stringifyJson } from "../../base/json.ts";
import { escapeControls, shorten } from "../../base/text.ts";
import type { FieldRules } from "../../resource.ts";
import type { Deviation } from "./diff.ts";
import { generic } from "./path.ts";

/** The most characters of a value that are shown. */
const MAX_VALUE = 64;
/** The most paths that are named. */
const MAX_NAMED = 10;
/** The stand-in for a confidential value. */
export const MASK = "***";

/**
 * A value in the form that messages show.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shown } from "./show.ts";
 *
 * const rules = { confidential: ["parameters"] };
 * assert.equal(shown("max_retries", 3, rules), "3");
 * assert.equal(shown("tasks[a].parameters[0]", "s3cret", rules), "***");
 * assert.equal(shown("task", { key: "a", parameters: ["s3cret"] }, rules), '{"key":"a","parameters":"***"}');
 * ```
 */
export function shown(path: string, value: unknown, rules: FieldRules): string {
  return value === undefined ? "nothing" : shownIn(MAX_VALUE, { path, value, rules });
}

/** A value without its confidential parts. */
export function withoutConfidential(
  path: string,
  value: unknown,
  { confidential = [] }: Pick<FieldRules, "confidential">,
): unknown {
  return generic(path).split(".").some((step) => confidential.includes(step)) ? MASK : masked(value, confidential);
}

/** {@link shown} with a limit of characters, for an existing value. */
export function shownIn(
  maxLength: number,
  { path, value, rules: { confidential = [] } }: {
    readonly path: string;
    readonly value: unknown;
    readonly rules: FieldRules;
  },
): string {
  const kept = withoutConfidential(path, value, { confidential });
  return kept === MASK ? MASK : shorten(escapeControls(stringifyJson(kept)), maxLength);
}

function masked(value: unknown, confidential: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => masked(one, confidential));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, one]) => [
      field,
      confidential.includes(field) ? MASK : masked(one, confidential),
    ]),
  );
}

/** Changed paths, with both values if they are known: `name from "a" to "b", queue`. */
export function changesOf(paths: readonly string[], deviations: readonly Deviation[], rules: FieldRules): string {
  const known = new Map(deviations.map((one) => [one.path, one]));
  return listed(paths.map((path) => {
    const one = known.get(path);
    if (one === undefined) return path;
    return `${path} from ${shown(path, one.got, rules)} to ${shown(path, one.wanted, rules)}`;
  }));
}

/** The first of many names. */
export function listed(names: readonly string[]): string {
  return names.slice(0, MAX_NAMED).join(", ") + (names.length > MAX_NAMED ? ", …" : "");
}
