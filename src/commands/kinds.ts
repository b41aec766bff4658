/**
 * Finds a kind by a word that a person writes.
 *
 * @module
 */
import { nearest } from "../base/text.ts";
import { connectionKind } from "../connection.ts";
import type { Resource } from "../resource.ts";
import { resources } from "../resources/mod.ts";

/**
 * The kind that a word names: by its kind, plural, singular or a short name.
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
  const known = `known are ${among.map(({ kind }) => kind).join(", ")}`;
  throw new Error(
    `There is no kind "${word}": ${meant === undefined ? known : `did you mean ${meant}? Otherwise ${known}`}`,
  );
}

/**
 * The kinds of a comma-separated list, each once and in the registry's order; all without a list. The connection kind
 * belongs to every choice, so the list may name it.
 *
 * @throws when a word names no kind, or the list has no kind that manages anything.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resourcesNamed } from "./kinds.ts";
 *
 * const chosen = resourcesNamed("DatabricksRun,DatabricksJob");
 * assert.deepEqual(chosen.map(({ kind }) => kind), ["DatabricksJob", "DatabricksRun"]);
 * ```
 */
export function resourcesNamed(list: string | undefined): readonly Resource[] {
  if (list === undefined) return resources;
  const words = list.split(",").filter((word) => !isConnection(word));
  const chosen = new Set(words.map((word) => resourceNamed(word)));
  if (chosen.size > 0) return resources.filter((resource) => chosen.has(resource));
  throw new Error(`"${list}" names no kind that manages anything: add one, or leave --kinds out for all kinds`);
}

function isConnection(word: string): boolean {
  const { kind, plural, singular, shortNames } = connectionKind;
  return [kind.toLowerCase(), plural, singular, ...shortNames].includes(word.trim().toLowerCase());
}
