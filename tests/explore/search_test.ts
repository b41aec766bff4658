/** Tests playing, naming and searching sequences. */
import assert from "node:assert/strict";
import { classes } from "./classes.ts";
import { play, type Sequence } from "./play.ts";
import { explore, fromLine, toLine } from "./search.ts";

const READY = { class: "job", root: "ready" };

for (const name of Object.keys(classes)) {
  Deno.test(`a sequence around a ${name} ends in the same state each time`, async () => {
    const sequence = {
      class: name,
      root: "ready",
      acts: ["gateway answers 404 for 40 s", "edit", "crash", "wait 6 s"],
    };
    const [first, second] = [await play(sequence), await play(sequence)];
    assert.equal(first.state, second.state);
    assert.deepEqual(first.story.map(withoutHost), second.story.map(withoutHost));
  });
}

/** Removes the workspace's host, which is unique. */
function withoutHost(line: string): string {
  return line.replace(/mock-[0-9a-f-]+/g, "mock");
}

Deno.test("an act without an effect leads to no new state", async () => {
  const [before, after] = [await play({ ...READY, acts: [] }), await play({ ...READY, acts: ["apply"] })];
  assert.equal(after.state, before.state);
});

Deno.test("acts with an effect lead to different states", async () => {
  const acts = ["edit", "delete", "annotate retain", "edit in Databricks", "crash", "gateway answers 404 for 40 s"];
  const states = await Array.fromAsync(acts, async (act) => (await play({ ...READY, acts: [act] })).state);
  assert.equal(new Set(states).size, acts.length);
});

Deno.test("the line of a counterexample plays the same sequence again", () => {
  const sequence: Sequence = { ...READY, acts: ["delete", "gateway answers 200, empty for 40 s"] };
  assert.equal(toLine(sequence), "job, ready: delete; gateway answers 200, empty for 40 s");
  assert.deepEqual(fromLine(toLine(sequence)), sequence);
  assert.throws(() => fromLine("delete; crash"), /is no sequence/);
});

Deno.test("an unknown act is rejected", async () => {
  await assert.rejects(play({ ...READY, acts: ["pray"] }), /There is no act "pray"/);
});

Deno.test("the search finds the shortest sequence, and continues from no state twice and from no violation", async () => {
  const played: string[] = [];
  // The state of every sequence is its last act; a sequence with a delete followed by a crash is wrong.
  const players = {
    size: 1,
    play: ({ acts }: Sequence, isNew: (state: string) => boolean) => {
      played.push(acts.join("; "));
      const violations = acts.join().includes("delete,crash") ? ["lost 7"] : [];
      const state = acts.at(-1) ?? "";
      return Promise.resolve({ isPossible: true, isNew: isNew(state), state, doubtsRead: [], violations });
    },
  };
  const found = await explore({ ...READY, depth: 5, players });
  assert.deepEqual(found.counterexamples.map(({ sequence }) => toLine(sequence)), ["job, ready: delete; crash"]);
  assert.deepEqual([found.depth, found.isComplete], [2, true]);
  assert.ok(!played.some((line) => line.startsWith("delete; crash; ")));
});
