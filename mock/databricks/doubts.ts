/**
 * Doubts: switches for facts about Databricks that could not be verified. Each doubt has two or more answers, a
 * workspace gives one of them, and the operator must be right under all of them.
 *
 * To add a doubt, add an entry to `doubts_*.ts`, run `deno task generate`, and implement it where the mock reads
 * `workspace.doubts`. Until the whole suite passes under all of its answers it is not `drawn`: tests choose its other
 * answers by name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawDoubts, extremeDoubts } from "./doubts.ts";
 * import { MockWorkspace } from "./workspace.ts";
 *
 * const workspace = new MockWorkspace({ doubts: { missingJob: "404" } });
 * assert.equal(workspace.doubts.missingJob, "404");
 * workspace.doubts.missingJob = "400"; // Databricks changes its mind
 * assert.deepEqual(drawDoubts(7), drawDoubts(7));
 * assert.equal(extremeDoubts("b", { all: true }).missingJob, "404");
 * ```
 *
 * @module
 */

import type { Doubt } from "./doubt.ts";
import type { Doubts } from "./doubt_answers.ts";
import { accessDoubts } from "./doubts_access.ts";
import { catalogDoubts } from "./doubts_catalog.ts";
import { computeDoubts } from "./doubts_compute.ts";
import { jobDoubts } from "./doubts_jobs.ts";
import { listDoubts } from "./doubts_lists.ts";
import { objectDoubts } from "./doubts_objects.ts";
import { runDoubts } from "./doubts_runs.ts";

export type { Answers, Doubt } from "./doubt.ts";
export type { Doubts } from "./doubt_answers.ts";

/** The name of a doubt. */
export type DoubtName = keyof Doubts;

/** All doubts by name, each with its own answers. */
export type DoubtTable = {
  readonly [Name in DoubtName]: Doubt<readonly [Doubts[Name], Doubts[Name], ...Doubts[Name][]]>;
};

/** All doubts by name, from the files of each subject. */
export const doubts: DoubtTable = {
  ...accessDoubts,
  ...jobDoubts,
  ...runDoubts,
  ...listDoubts,
  ...computeDoubts,
  ...catalogDoubts,
  ...objectDoubts,
};

/** Selects the doubts to set; the others keep their default. */
export interface DoubtChoice {
  /** True: all doubts. Otherwise only those that are marked as drawn. */
  readonly all?: boolean;
}

const table = Object.entries(doubts) as [DoubtName, Doubt][];

function answerEach(answer: (doubt: Doubt, name: DoubtName) => string): Doubts {
  return Object.fromEntries(table.map(([name, doubt]) => [name, answer(doubt, name)])) as unknown as Doubts;
}

/** The answers that a workspace gives unless a test chooses others. */
export function defaultDoubts(): Doubts {
  return answerEach((doubt) => doubt.default);
}

/** A random setting. Each answer depends only on the seed and the doubt's name, so new doubts do not change others. */
export function drawDoubts(seed: number, { all = false }: DoubtChoice = {}): Doubts {
  return answerEach((doubt, name) => {
    if (!all && !doubt.drawn) return doubt.default;
    const { answers } = doubt;
    return answers[hashText(`${seed} ${name}`) % answers.length] as string;
  });
}

/** The setting with the first answer ("a") or the last answer ("b") of each doubt. */
export function extremeDoubts(end: "a" | "b", { all = false }: DoubtChoice = {}): Doubts {
  return answerEach((doubt) => {
    if (!all && !doubt.drawn) return doubt.default;
    return doubt.answers.at(end === "a" ? 0 : -1) as string;
  });
}

/**
 * Reads "name=answer".
 *
 * @throws {RangeError} if there is no such doubt or answer; the message lists the valid ones.
 */
export function readDoubt(text: string): Partial<Doubts> {
  const [name = "", answer = ""] = text.split("=", 2);
  if (!Object.hasOwn(doubts, name)) {
    throw new RangeError(`There is no doubt "${name}"; there are ${Object.keys(doubts).join(", ")}`);
  }
  const { answers }: Doubt = doubts[name as DoubtName];
  if (!answers.includes(answer)) throw new RangeError(`Doubt "${name}" has the answers ${answers.join(", ")}`);
  return { [name]: answer };
}

/** A setting as text: the answers that are not the default, as "name=answer"; empty if there are none. */
export function describeDoubts(setting: Doubts): string {
  return table.filter(([name, doubt]) => setting[name] !== doubt.default).map(([name]) => `${name}=${setting[name]}`)
    .join(" ");
}

/** Hashes a text to a number (FNV-1a, mixed by murmur3's finalizer): the same on every machine. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
