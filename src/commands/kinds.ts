/**
 * Finds a kind by a word that a person writes.
 *
 * @module
 */
import { nearest } from "../base/text.ts";
import type { Resource } from "../resource.ts";
import { resources } from "../resources/mod.ts";

/**
 * The kind that a word names: its kind, plural, singular or a short name.
 *
 * @throws when there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resourceNamed } from "./kinds.ts";
 *
 * assert.equal(resourceNamed("dbj").kind, "DatabricksJob");
 * assert.equal(resourceNamed("databricksjobs").kind, "DatabricksJob");
 * ```
 */
export function resourceNamed(word: string, among: readonly Resource[] = resources): Resource {
  const asked = word.trim().toLowerCase();
  const wordsOf = (
    { kind, plural, singular, shortNames }: Resource,
  ) => [kind.toLowerCase(), plural, singular, ...shortNames];
  const found = resources.find((resource) => wordsOf(resource).includes(asked));
  if (found !== undefined) return found;
  const meant = nearest(asked, among.flatMap(wordsOf));
  const known = among.map(({ kind }) => kind).join(", ");
  throw new Error(
    `There is no kind "${word}": ${meant === undefined ? `known are ${known}` : `did you mean ${meant}?`}`,
  );
}
