/**
 * Writes `docs/doubts.md`: the unverified questions about Databricks, their possible answers, and their tests; and the
 * type of the answers, which importers of the mock use.
 *
 * @module
 */
import type { Doubt, DoubtName } from "../mock/databricks/doubts.ts";
import { accessDoubts } from "../mock/databricks/doubts_access.ts";
import { catalogDoubts } from "../mock/databricks/doubts_catalog.ts";
import { computeDoubts } from "../mock/databricks/doubts_compute.ts";
import { jobDoubts } from "../mock/databricks/doubts_jobs.ts";
import { listDoubts } from "../mock/databricks/doubts_lists.ts";
import { objectDoubts } from "../mock/databricks/doubts_objects.ts";
import { runDoubts } from "../mock/databricks/doubts_runs.ts";

const ROOT = new URL("../", import.meta.url);
/** The folders with tests about single doubts; tests of the mock or of the draw say nothing about the operator. */
const FOLDERS = ["src", "tests"];
const OTHERS = ["tests/support/", "tests/sdk/"];

const sections: readonly (readonly [title: string, table: Partial<Record<DoubtName, Doubt>>])[] = [
  ["Refusals, names and access", accessDoubts],
  ["Jobs", jobDoubts],
  ["Runs", runDoubts],
  ["Lists", listDoubts],
  ["Compute", computeDoubts],
  ["Unity Catalog", catalogDoubts],
  ["Objects of the workspace", objectDoubts],
];

const INTRODUCTION = `# What we do not know about Databricks

These questions could not be tried on a real workspace, and the sources are silent or disagree. So the operator must be
right under every answer. Each doubt is a switch of the mock workspace: \`deno task mock --doubt missingJob=404\`, or
\`new MockWorkspace({ doubts: { missingJob: "404" } })\`.

- **drawn**: contract, cluster and schedule tests draw an answer for each test, and CI runs both extremes. They pass under
  all answers. \`DOUBTS=<seed>\` repeats a draw that a failing test printed; \`DOUBTS=extreme:a\` and \`extreme:b\` choose every
  first or last answer, \`DOUBTS=missingJob=404\` one answer, and \`DOUBTS=all:extreme:b\` also includes doubts that are not drawn yet.
- **not drawn yet**: only the listed tests set other answers than the default (in bold).
- **U**: unverified. **S**: second-hand; the source quotes Databricks.

If you know an answer from a real workspace, please open an issue: a known answer is a fact, and its switch is removed.
`;

/** A doubt, as lines of the document. */
function toLines(
  name: string,
  { question, answers, default: given, source, mark, drawn }: Doubt,
  tests: string[],
): string {
  const choices = answers.map((answer) => answer === given ? `**${answer}**` : answer).join(" · ");
  const about = tests.map((path) => `\`${path}\``).join(", ");
  const held = drawn ? ["drawn"] : ["not drawn yet"];
  if (about !== "") held.push(`tests of its answers: ${about}`);
  return [
    `### ${name}`,
    "",
    question,
    "",
    `- Answers: ${choices}`,
    `- Source (${mark}): ${source}`,
    `- Tests: ${held.join("; ")}`,
    "",
  ].join("\n");
}

/** Generates the document. `tests` returns the files that set an answer by name. */
export function toDoubts(tests: (name: string) => string[]): string {
  const chapters = sections.flatMap(([title, table]) => [
    `## ${title}\n`,
    ...Object.entries(table).map(([name, doubt]) => toLines(name, doubt, tests(name))),
  ]);
  return [INTRODUCTION, ...chapters].join("\n");
}

/** The paths and texts of all test files. */
async function testFiles(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
      const path = `${folder}/${name}`;
      if (isDirectory) await walk(path);
      else if (name.endsWith("_test.ts") && !OTHERS.some((other) => path.startsWith(other))) {
        found.set(path, await Deno.readTextFile(new URL(path, ROOT)));
      }
    }
  };
  for (const folder of FOLDERS) await walk(folder);
  return new Map([...found].sort(([left], [right]) => left < right ? -1 : 1));
}

const ANSWERS = "mock/databricks/doubt_answers.ts";

/** Generates the type of the answers. JSR accepts no inferred types, and an importer sees each question. */
export function toAnswers(): string {
  const table = Object.assign({}, ...sections.map(([, table]) => table)) as Record<string, Doubt>;
  const members = Object.entries(table).map(([name, { question, answers }]) =>
    `  /** ${question} */\n  ${name}: ${answers.map((answer) => JSON.stringify(answer)).join(" | ")};\n`
  );
  return [
    "/** The answers that each doubt may have. Written by `deno task generate` from `doubts_*.ts`. @module */\n\n",
    "/** An answer to each doubt. */\n",
    `export type Doubts = {\n${members.join("")}};\n`,
  ].join("");
}

/** The contents of `docs/doubts.md` and of the file with the type. */
export async function doubtsFiles(): Promise<ReadonlyMap<string, string>> {
  const files = await testFiles();
  const about = (name: string) => {
    const named = new RegExp(`\\b${name}\\b`);
    return [...files].filter(([, text]) => text.includes("doubts") && named.test(text)).map(([path]) => path);
  };
  return new Map([["docs/doubts.md", toDoubts(about)], [ANSWERS, toAnswers()]]);
}
