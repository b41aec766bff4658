/**
 * Explores systematically, as deep as possible in three minutes, and checks that no sequence ends wrong.
 *
 * `deno task test:explore --depth 2` goes deeper; `--replay` plays the sequence of a failure.
 *
 * @module
 */
import { classes } from "./classes.ts";
import { Players } from "./players.ts";
import { roots } from "./play.ts";
import { inWords } from "./report.ts";
import { explore, toLine } from "./search.ts";

/** Sequences that are known to end wrong, with the reason; an entry is removed with its fix. */
const open: Readonly<Record<string, string>> = {};

/** Keys of a scope are never ingested. */
const isThere = (name: string, root: string) => !(name === "key" && root === "ingested");

for (const name of Object.keys(classes)) {
  for (const root of Object.keys(roots).filter((root) => isThere(name, root))) {
    Deno.test(`no act on a ${name} that starts as ${root} ends in a violation`, async () => {
      using players = new Players(Math.min(navigator.hardwareConcurrency, 4));
      const found = await explore({ class: name, root, depth: 1, players });
      console.log(inWords({ class: name, root }, found));
      const news = found.counterexamples.map(({ sequence }) => toLine(sequence)).filter((line) => {
        if (!Object.hasOwn(open, line)) return true;
        console.log(`  known: ${open[line]}`);
        return false;
      });
      if (news.length > 0) {
        throw new Error(`Ends wrong: ${news.join("; ")}: deno task test:explore --replay "${news[0]}"`);
      }
    });
  }
}
