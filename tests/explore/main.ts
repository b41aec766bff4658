/**
 * `deno task test:explore`: explores systematically, and prints its progress and its findings.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { classes } from "./classes.ts";
import { MutantProject, mutants } from "./mutants.ts";
import { Players } from "./players.ts";
import { play, roots } from "./play.ts";
import { inWords } from "./report.ts";
import { explore, fromLine } from "./search.ts";

const HELP = `deno task test:explore [--depth N] [--class NAME,…] [--root NAME,…] [--threads N] [--first]
deno task test:explore --mutants [--threads N]
deno task test:explore --replay "job, ready: delete; crash"

  --depth   the maximum number of acts in a sequence (2)
  --class   ${Object.keys(classes).join(", ")} (all)
  --root    ${Object.keys(roots).join(", ")} (all)
  --threads the number of threads (one per core)
  --first   stop at the first counterexample
  --mutants remove each precaution in turn, and find a sequence that fails without it
  --replay  play one sequence, and print every request with its time`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      depth: { type: "string", default: "2" },
      class: { type: "string", default: Object.keys(classes).join(",") },
      root: { type: "string", default: Object.keys(roots).join(",") },
      threads: { type: "string", default: String(navigator.hardwareConcurrency) },
      first: { type: "boolean", default: false },
      mutants: { type: "boolean", default: false },
      replay: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP), 0;
  if (values.replay !== undefined) return await replay(values.replay);
  if (values.mutants) return await findMutants(Number(values.threads));
  using players = new Players(Number(values.threads));
  let count = 0;
  for (const name of values.class.split(",")) {
    for (const root of values.root.split(",")) {
      const options = { class: name, root, depth: Number(values.depth), players, isFirstEnough: values.first };
      const found = await explore(options);
      console.log(inWords(options, found));
      count += found.counterexamples.length;
    }
  }
  return count === 0 ? 0 : 1;
}

/**
 * Explores each mutant with the class, the root and the number of acts that found it before, until a sequence ends
 * wrong.
 */
async function findMutants(threads: number): Promise<number> {
  let missed = 0;
  for (const mutant of mutants) {
    const { acts, ...where } = fromLine(mutant.line);
    await using project = await MutantProject.make(mutant);
    using players = new Players(threads, project.url("tests/explore/player.ts"));
    const found = await explore({ ...where, depth: acts.length, players, isFirstEnough: true });
    console.log(`${mutant.name}\n${inWords(where, found)}`);
    if (found.counterexamples.length === 0) missed++;
  }
  console.log(`${mutants.length - missed} of ${mutants.length} mutants were found`);
  return missed === 0 ? 0 : 1;
}

async function replay(line: string): Promise<number> {
  const { isPossible, violations, story } = await play(fromLine(line));
  console.log(story.join("\n"));
  if (!isPossible) console.log("The last act is not possible there");
  for (const text of violations) console.log(`=> ${text}`);
  return violations.length === 0 ? 0 : 1;
}
