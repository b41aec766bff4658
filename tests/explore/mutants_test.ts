/**
 * Each precaution of the operator is needed, and the exploration would notice its absence.
 *
 * `deno task test:explore --mutants` shows in minutes that it finds each by itself; the shortest sequences that it
 * found are played here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MutantProject, mutants, playOn } from "./mutants.ts";
import { play } from "./play.ts";
import { fromLine } from "./search.ts";

for (const mutant of mutants) {
  Deno.test(`the search finds an operator that ${mutant.name}`, async () => {
    const sequence = fromLine(mutant.line);
    await using project = await MutantProject.make(mutant);
    const violations = await playOn(project, sequence);
    assert.notDeepEqual(violations, []);
    assert.deepEqual((await play(sequence)).violations, []);
  });
}
