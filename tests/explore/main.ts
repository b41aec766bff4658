/**
 * `deno task test:explore`: explores systematically, and prints how far it came and what it found.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { classes } from "./classes.ts";
import { Players } from "./players.ts";
import { play, roots } from "./play.ts";
import { type Counterexample, explore, fromLine, toLine } from "./search.ts";

const HELP = `deno task test:explore [--depth N] [--class NAME,…] [--root NAME,…] [--threads N] [--first]
deno task test:explore --replay "job, ready: delete; crash"

  --depth   how many acts a sequence has at most (2)
  --class   ${Object.keys(classes).join(", ")} (all)
  --root    ${Object.keys(roots).join(", ")} (all)
  --threads how many play side by side (as many as there are cores)
  --first   end at the first counterexample
  --replay  play one sequence and print what arrives when`;

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
      replay: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP), 0;
  if (values.replay !== undefined) return await replay(values.replay);
  using players = new Players(Number(values.threads));
  let count = 0;
  for (const name of values.class.split(",")) {
    for (const root of values.root.split(",")) {
      const begun = performance.now();
      const options = { class: name, root, depth: Number(values.depth), players, isFirstEnough: values.first };
      const { played, states, depth, isComplete, counterexamples } = await explore(options);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(
        `${name}, ${root}: ${states} states, ${played} sequences of up to ${depth} acts in ${seconds} s` +
          (isComplete ? "" : "; not all were played"),
      );
      for (const one of counterexamples) console.log(inWords(one));
      count += counterexamples.length;
    }
  }
  return count === 0 ? 0 : 1;
}

/** A counterexample in words. */
export function inWords({ sequence, violations }: Counterexample): string {
  return [`  ${toLine(sequence)}`, ...violations.map((text) => `    => ${text}`)].join("\n");
}

async function replay(line: string): Promise<number> {
  const { isPossible, violations, story } = await play(fromLine(line));
  console.log(story.join("\n"));
  if (!isPossible) console.log("The last act is not possible there");
  for (const text of violations) console.log(`=> ${text}`);
  return violations.length === 0 ? 0 : 1;
}
