import assert from "node:assert/strict";
import {
  defaultDoubts,
  describeDoubts,
  type DoubtName,
  doubts,
  drawDoubts,
  extremeDoubts,
  readDoubt,
} from "./doubts.ts";
import type { Doubt } from "./doubt.ts";
import { MockWorkspace } from "./workspace.ts";

const table = Object.entries(doubts) as [DoubtName, Doubt][];

Deno.test("every doubt is a question with different answers, one of them the default, and a source", () => {
  for (const [name, { question, answers, default: given, source }] of table) {
    assert.match(question, /\?$/, name);
    assert.equal(new Set(answers).size, answers.length, name);
    assert.ok(answers.includes(given), name);
    assert.notEqual(source, "", name);
  }
});

Deno.test("seeds reach every answer of every doubt, and the same seed draws the same answers", () => {
  const settings = Array.from({ length: 100 }, (_, seed) => drawDoubts(seed, { all: true }));
  for (const [name, { answers }] of table) {
    assert.deepEqual(new Set(settings.map((setting) => setting[name])), new Set(answers), name);
  }
  assert.deepEqual(settings, Array.from({ length: 100 }, (_, seed) => drawDoubts(seed, { all: true })));
});

Deno.test("a doubt that is not drawn yet keeps its default under every seed and extreme", () => {
  const kept = table.filter(([, { drawn }]) => !drawn);
  for (const setting of [drawDoubts(1), drawDoubts(2), extremeDoubts("a"), extremeDoubts("b")]) {
    for (const [name, { default: given }] of kept) assert.equal(setting[name], given);
  }
});

Deno.test("the extremes are the first and the last answer of each doubt", () => {
  const [a, b] = [extremeDoubts("a", { all: true }), extremeDoubts("b", { all: true })];
  for (const [name, { answers }] of table) assert.deepEqual([a[name], b[name]], [answers[0], answers.at(-1)]);
});

Deno.test("a workspace gives the default answers, except for chosen ones", () => {
  assert.deepEqual(new MockWorkspace().doubts, defaultDoubts());
  const { doubts: chosen } = new MockWorkspace({ doubts: { wrongToken: "403" } });
  assert.deepEqual(chosen, { ...defaultDoubts(), wrongToken: "403" });
});

Deno.test("a setting as text names the answers that are not the default", () => {
  assert.equal(describeDoubts(defaultDoubts()), "");
  assert.equal(describeDoubts({ ...defaultDoubts(), wrongToken: "403" }), "wrongToken=403");
});

Deno.test("an unknown doubt or answer is rejected with a list of the valid ones", () => {
  assert.deepEqual(readDoubt("wrongToken=403"), { wrongToken: "403" });
  assert.throws(() => readDoubt("nothing=403"), /no doubt "nothing"; there are missingJob, /);
  assert.throws(() => readDoubt("wrongToken=500"), /Doubt "wrongToken" has the answers 401, 403/);
  assert.throws(() => readDoubt("wrongToken"), RangeError);
});
