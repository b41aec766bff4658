/**
 * Values as JSON or YAML, for other programs.
 *
 * @module
 */
import { stringify } from "yaml";
import { stringifyJson } from "../base/json.ts";

/**
 * A value as JSON or as YAML; long integers stay exact.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { structured } from "./structured.ts";
 *
 * assert.equal(structured([{ id: 901234567890123456n, url: undefined }], "yaml"), "- id: 901234567890123456");
 * assert.equal(structured({ ready: true }, "json"), '{\n  "ready": true\n}');
 * ```
 */
export function structured(value: unknown, form: "json" | "yaml"): string {
  if (form === "json") return stringifyJson(value, 2);
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd();
}
