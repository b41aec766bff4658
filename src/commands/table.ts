/**
 * Tables for terminals.
 *
 * @module
 */
import { escapeControls } from "../base/text.ts";

/**
 * A table with aligned columns. Control characters in cells are escaped, since names and messages come from outside.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { table } from "./table.ts";
 *
 * assert.equal(table(["NAME", "READY"], [["etl", "True"], ["nightly", "False"]]), [
 *   "NAME      READY",
 *   "etl       True",
 *   "nightly   False",
 * ].join("\n"));
 * ```
 */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map(escapeControls));
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? "").length)));
  return lines.map((line) => line.map((cell, index) => cell.padEnd((widths[index] ?? 0) + 3)).join("").trimEnd())
    .join("\n");
}
