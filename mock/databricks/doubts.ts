/**
 * What nobody here could verify about Databricks, as switches: each doubt has two or more answers, a workspace gives one of
 * them, and the operator has to be right under all.
 *
 * A new doubt is an entry here and its behaviour where the mock reads `workspace.doubts`. Until the whole suite passes under
 * all of its answers it is not `drawn`: tests ask for its other answers by name.
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

/** A question about Databricks that nobody here could answer by trying it. */
export interface Doubt<
  Answers extends readonly [string, string, ...string[]] = readonly [string, string, ...string[]],
> {
  /** The question that the answers answer. */
  readonly question: string;
  /** The first is extreme "a", the last is extreme "b". */
  readonly answers: Answers;
  /** The answer that a workspace gives when nobody chooses. */
  readonly default: Answers[number];
  /** Who says what. */
  readonly source: string;
  /** U: unverified. S: second-hand, somebody quotes Databricks. */
  readonly mark: "U" | "S";
  /** True: tests draw an answer at random. Set when the suite passes under every answer. */
  readonly drawn?: boolean;
}

/** Checks that the default is among the answers, and keeps the answers' types. */
function doubt<const Answers extends readonly [string, string, ...string[]]>(
  entry: Doubt<Answers>,
): Doubt<Answers> {
  return entry;
}

/** All doubts, by name. */
export const doubts = {
  missingJob: doubt({
    question: "With which status do the Jobs endpoints answer for a job or run that is not there?",
    answers: ["400", "404"],
    default: "400",
    source:
      "400 INVALID_PARAMETER_VALUE in the messages that the official SDKs special-case; 404 in the error reference",
    mark: "U",
  }),
  wrongToken: doubt({
    question: "With which status is a personal access token answered that is wrong or has expired?",
    answers: ["401", "403"],
    default: "401",
    source: "users report both: 401 without a code, and 403 with 'Invalid access token.'",
    mark: "S",
  }),
  duplicateCredential: doubt({
    question: "With which status is a second Git credential of the same provider and user answered?",
    answers: ["400", "409"],
    default: "400",
    source: "the Git credentials reference names the code, not the status",
    mark: "U",
  }),
  listTellsParameters: doubt({
    question: "Does jobs/list with expand_tasks tell a job's parameters?",
    answers: ["yes", "no"],
    default: "yes",
    source: "no: databricks/cli#1803; yes: the reference of 2.2, which counts parameters among the arrays that are cut",
    mark: "S",
  }),
  runAsEchoed: doubt({
    question: "Do jobs/get and jobs/list tell settings.run_as, or only run_as_user_name beside the settings?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the SDK's JobSettings has run_as 'write-only'; recorded answers of clients show it in some workspaces",
    mark: "U",
  }),
};

/** The name of a doubt. */
export type DoubtName = keyof typeof doubts;

/** An answer to each doubt. */
export type Doubts = { [Name in DoubtName]: typeof doubts[Name]["answers"][number] };

/** Which doubts are chosen for; the others keep their default. */
export interface DoubtChoice {
  /** True: all of them. Else only those that are marked as drawn. */
  readonly all?: boolean;
}

const table = Object.entries(doubts) as [DoubtName, Doubt][];

function answerEach(answer: (doubt: Doubt, name: DoubtName) => string): Doubts {
  return Object.fromEntries(table.map(([name, doubt]) => [name, answer(doubt, name)])) as unknown as Doubts;
}

/** The answers that a workspace gives when nobody chooses. */
export function defaultDoubts(): Doubts {
  return answerEach((doubt) => doubt.default);
}

/** A random setting. An answer depends on the seed and on the doubt's name alone, so new doubts leave the others' as they are. */
export function drawDoubts(seed: number, { all = false }: DoubtChoice = {}): Doubts {
  return answerEach((doubt, name) => {
    if (!all && !doubt.drawn) return doubt.default;
    const { answers } = doubt;
    return answers[hashText(`${seed} ${name}`) % answers.length] as string;
  });
}

/** The setting with every doubt's first answer ("a"), or its last ("b"). */
export function extremeDoubts(end: "a" | "b", { all = false }: DoubtChoice = {}): Doubts {
  return answerEach((doubt) => {
    if (!all && !doubt.drawn) return doubt.default;
    return doubt.answers.at(end === "a" ? 0 : -1) as string;
  });
}

/**
 * Reads "name=answer".
 *
 * @throws {RangeError} when there is no such doubt or answer; the message names those that there are.
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

/** A setting in words: the answers that are not the default, as "name=answer"; empty when there are none. */
export function describeDoubts(setting: Doubts): string {
  return table.filter(([name, doubt]) => setting[name] !== doubt.default).map(([name]) => `${name}=${setting[name]}`)
    .join(" ");
}

/** A number from a text (FNV-1a, mixed by murmur3's finalizer): the same on every machine. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
