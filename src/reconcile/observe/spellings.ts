/**
 * Finds ids that a list returns in another letter case than an object's status: Databricks may change it where names
 * are ids.
 *
 * @module
 */

/**
 * Returns a function that gives the listed spelling of an id. If two listed names differ only in case, Databricks
 * distinguishes them, and so does the function.
 *
 * @param keepsCase Called in that case.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { spellingsOf } from "./spellings.ts";
 *
 * assert.equal(spellingsOf(["Team", "other"])("team"), "Team");
 * assert.equal(spellingsOf(["Team", "TEAM"])("team"), "team");
 * ```
 */
export function spellingsOf(listed: Iterable<string>, keepsCase?: () => void): (id: string) => string {
  const names = [...listed];
  const spelt = new Map(names.map((id) => [id.toLowerCase(), id]));
  if (spelt.size === names.length) return (id) => spelt.get(id.toLowerCase()) ?? id;
  keepsCase?.();
  return (id) => id;
}
