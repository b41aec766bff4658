/**
 * The differences between two values as lines, for `diff`.
 *
 * @module
 */
import { stringify } from "yaml";
import { escapeControls } from "../../base/text.ts";
import type { Planned, PlannedChange } from "./planned.ts";

/** The most lines that are compared line by line; longer values are shown one after the other. */
const MAX_LINES = 400;

/** An object's changes in Databricks, as a unified diff with a hunk for each field. */
export function diffOf(planned: Planned): string {
  const { kind, namespace, name, resource = "nothing", file, line, changes } = planned;
  if (changes.length === 0) return "";
  const hunks = changes.flatMap((change) => [`@@ ${escapeControls(change.path)} @@`, ...hunkOf(change)]);
  return [`--- Databricks: ${resource}`, `+++ ${file}:${line}: ${kind} ${namespace}/${name}`, ...hunks].join("\n");
}

function hunkOf({ from, to }: PlannedChange): string[] {
  return compared(from === undefined ? [] : linesOf(from), to === undefined ? [] : linesOf(to));
}

/** A value as lines of YAML. */
function linesOf(value: unknown): string[] {
  const text = stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd();
  return text.split("\n").map(escapeControls);
}

/**
 * Two lists of lines merged into one, each line with its sign.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compared } from "./show_diff.ts";
 *
 * assert.deepEqual(compared(["a", "b", "c"], ["a", "c", "d"]), [" a", "-b", " c", "+d"]);
 * ```
 */
export function compared(before: readonly string[], after: readonly string[]): string[] {
  if (before.length > MAX_LINES || after.length > MAX_LINES) {
    return [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
  }
  const common = commonLengths(before, after);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const isKept = i < before.length && j < after.length && before[i] === after[j];
    if (isKept) {
      lines.push(` ${before[i]}`);
      i++;
      j++;
    } else if (i < before.length && (j >= after.length || at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push(`-${before[i++]}`);
    } else lines.push(`+${after[j++]}`);
  }
  return lines;
}

/** For each pair of places, the length of the longest common sequence after them. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i] ?? [];
      row[j] = before[i] === after[j]
        ? at(lengths, i + 1, j + 1) + 1
        : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
