/**
 * The setting `ingest`: the kinds whose resources get an object if they have none.
 *
 * @module
 */
import { isIngestedByDefault, isIngestible, type Resource } from "../../resource.ts";
import { resources } from "../../resources/mod.ts";

/** True for the kinds of the predecessor, false for none, else the plurals of the chosen ones. */
export type IngestChoice = boolean | readonly string[];

const ingestible = resources.filter(isIngestible).map(({ plural }) => plural);

/** A plural without the prefix that most kinds have: `jobs`. */
function shortOf(plural: string): string {
  return plural.replace(/^databricks/, "");
}

/** The setting's words for single kinds: `jobs`, `repos`. `databricksjobs` is equivalent. */
export const ingestWords: readonly string[] = ingestible.map(shortOf).sort();

/** The values that the setting may have, for messages. */
export const INGEST_MUST = `be "true", "false", "all", or plural names of kinds, separated by commas: ${
  ingestWords.join(", ")
}`;

/**
 * Reads the setting; `undefined` for an invalid text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readIngest } from "./ingest_choice.ts";
 *
 * assert.equal(readIngest("True"), true);
 * assert.deepEqual(readIngest("jobs, databrickspipelines"), ["databricksjobs", "databrickspipelines"]);
 * assert.equal(readIngest("jbos"), undefined);
 * ```
 */
export function readIngest(text: string): IngestChoice | undefined {
  const words = text.toLowerCase().split(",").map((word) => word.trim());
  const [only] = words.length === 1 ? words : [];
  if (only === "true" || only === "false") return only === "true";
  if (only === "all") return ingestible;
  const asked = new Set(words.map(shortOf));
  const chosen = ingestible.filter((plural) => asked.has(shortOf(plural)));
  return chosen.length === asked.size ? chosen : undefined;
}

/** True if a kind's resources get objects. */
export function ingests({ ingest }: { readonly ingest: IngestChoice }, resource: Resource): boolean {
  if (typeof ingest === "boolean") return ingest && isIngestedByDefault(resource);
  return ingest.includes(resource.plural) && isIngestible(resource);
}

/**
 * The kinds that a setting names but that are not managed (plurals), so that the word has no effect. `all` means the
 * managed kinds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ingestedInVain } from "./ingest_choice.ts";
 *
 * assert.deepEqual(ingestedInVain("jobs, pipelines", ["databricksjobs"]), ["DatabricksPipeline"]);
 * assert.deepEqual(ingestedInVain("all", ["databricksjobs"]), []);
 * ```
 */
export function ingestedInVain(text: string, worked: readonly string[]): string[] {
  const choice = text.trim().toLowerCase() === "all" ? true : readIngest(text) ?? true;
  if (typeof choice === "boolean") return [];
  return resources.filter(({ plural }) => choice.includes(plural) && !worked.includes(plural)).map(({ kind }) => kind);
}
