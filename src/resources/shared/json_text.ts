/**
 * JSON in a text field, which Databricks formats differently and extends with fields of its own.
 *
 * @module
 */

/** The object in a text; `undefined` if there is none. */
export function parsed(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as never : undefined;
  } catch {
    return undefined;
  }
}

/**
 * True if one text contains everything in the other one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { holdsJson } from "./json_text.ts";
 *
 * assert.ok(holdsJson('{"pages": [{"name": "a"}]}', '{"pages":[{"name":"a","pageType":"CANVAS"}]}\n'));
 * assert.ok(!holdsJson('{"pages": []}', '{"pages":[{"name":"a"}]}'));
 * ```
 */
export function holdsJson(asked: unknown, answered: unknown): boolean {
  const [wanted, held] = [parsed(asked), parsed(answered)];
  return wanted !== undefined && held !== undefined ? holds(wanted, held) : asked === answered;
}

function holds(asked: unknown, answered: unknown): boolean {
  if (Array.isArray(asked)) {
    return Array.isArray(answered) && asked.length === answered.length &&
      asked.every((one, index) => holds(one, answered[index]));
  }
  if (typeof asked !== "object" || asked === null) return asked === answered;
  if (typeof answered !== "object" || answered === null) return false;
  return Object.entries(asked).every(([name, one]) => holds(one, (answered as Record<string, unknown>)[name]));
}
