/**
 * Explores systematically, as deep as fits into a few minutes: no sequence ends wrong.
 *
 * `deno task test:explore --depth 3` goes deeper; `--replay` plays what a failure names.
 *
 * @module
 */
import { classes } from "./classes.ts";
import { Players } from "./players.ts";
import { roots } from "./play.ts";
import { explore, toLine } from "./search.ts";
import { inWords } from "./report.ts";

/** Where two acts are played, and not one: a kind that names its resource's owner, and one that cannot. */
const DEEPER = ["job, ready", "credential, ready"];

for (const name of Object.keys(classes)) {
  for (const root of Object.keys(roots)) {
    const depth = DEEPER.includes(`${name}, ${root}`) ? 2 : 1;
    Deno.test(`no ${depth === 1 ? "act" : "two acts"} upon a ${name} that begins as ${root} can end wrong`, async () => {
      using players = new Players(Math.min(navigator.hardwareConcurrency, 4));
      const found = await explore({ class: name, root, depth, players });
      console.log(inWords({ class: name, root }, found));
      const [first] = found.counterexamples;
      if (first === undefined) return;
      throw new Error(`${found.counterexamples.length} ways to end wrong; --replay "${toLine(first.sequence)}"`);
    });
  }
}
