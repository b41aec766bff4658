/**
 * Prepares text from outside (names, answers, messages) for display.
 *
 * @module
 */

/**
 * Escapes characters that would steer a terminal or break a line: control characters, line separators, and marks that
 * change the direction of writing. Half a surrogate pair becomes U+FFFD, as the API server would make of it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { escapeControls } from "./text.ts";
 *
 * assert.equal(escapeControls("red: \u001b[31m"), "red: \\u001b[31m");
 * ```
 */
export function escapeControls(text: string): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.toWellFormed().replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, escape);
}

/**
 * Cuts a text that is longer than `maxLength` (UTF-16 units), and marks the cut.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shorten } from "./text.ts";
 *
 * assert.equal(shorten("abcdef", 4), "abc…");
 * assert.equal(shorten("abcd", 4), "abcd");
 * ```
 */
export function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1).replace(/\p{Cs}$/u, "")}…` : text;
}

/** The longest word that is compared with others (characters). */
const MAX_WORD = 100;

/**
 * The known word that a misspelt one probably meant; `undefined` if none is near.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nearest } from "./text.ts";
 *
 * assert.equal(nearest("deletion-polcy", ["adopt", "deletion-policy"]), "deletion-policy");
 * assert.equal(nearest("team", ["adopt", "deletion-policy"]), undefined);
 * ```
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const [first] = known.map((one) => ({ one, far: distance(word.toLowerCase(), one.toLowerCase()) })).sort((a, b) =>
    a.far - b.far
  );
  const isNear = first !== undefined && first.far <= Math.max(2, first.one.length / 3) && first.far < word.length;
  return isNear ? first.one : undefined;
}

/** The Levenshtein distance: the number of letters that are added, left out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * A text with a capital first letter.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sentence } from "./text.ts";
 *
 * assert.equal(sentence("put key a"), "Put key a");
 * ```
 */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
