/**
 * Text from elsewhere (names, answers, messages) as it may be shown.
 *
 * @module
 */

/**
 * Escapes what would steer a terminal or break a line: control characters, line separators, and marks that turn the
 * direction of writing. Half a surrogate pair becomes U+FFFD, as the API server would make of it.
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
 * Cuts a text that is longer than `maxLength` (UTF-16 units), and shows that it did.
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
