/** A plan that fails is played again, alone: a busy machine does not fail a campaign. */
import assert from "node:assert/strict";
import type { Evidence } from "../oracles/evidence.ts";
import type { Result } from "./judging.ts";
import { lookAgain } from "./look_again.ts";
import type { Plan } from "./plan.ts";
import { type Outcome, readOutcome } from "./reading.ts";
import { Report } from "./report.ts";

function planOf(name: string): Plan {
  return { name, group: "group", story: "story", blows: [] };
}

function resultOf(...messages: string[]): Result {
  const findings = messages.map((message) => ({ oracle: "O1", message }));
  return { findings, isHit: true, seconds: 1, sent: [], evidence: {} as Evidence };
}

/** A campaign whose plans have these results; played alone, the plans in `alone` pass. */
async function campaign(ends: Record<string, Result>, alone: string[]) {
  const lines: string[] = [];
  const report = new Report({ say: (line) => void lines.push(line) });
  for (const [name, result] of Object.entries(ends)) report.add(planOf(name), result);
  const played: string[] = [];
  const play = ({ name }: Plan) => {
    played.push(name);
    return Promise.resolve(alone.includes(name) ? resultOf() : resultOf("again"));
  };
  await lookAgain(report, play);
  await lookAgain(report, play);
  const code = report.print({ parallel: 8 });
  return { code, played, outcome: readOutcome(lines.join("\n")) };
}

Deno.test("a plan that fails once and passes alone is listed, and does not fail the campaign", async () => {
  const { code, played, outcome } = await campaign({ a: resultOf(), b: resultOf("busy", "more") }, ["b"]);
  assert.deepEqual(played, ["b"], "the failed plan is played once more, and the passed one is not");
  const expected: Outcome = { passed: 2, failed: 0, workers: 8, failures: [], unsteady: ["b: O1: busy"] };
  assert.deepEqual(outcome, expected);
  assert.equal(code, 0);
});

Deno.test("a plan that fails twice fails the campaign, and is not played a third time", async () => {
  const { code, played, outcome } = await campaign({ a: resultOf("first"), b: resultOf("busy") }, ["b"]);
  assert.deepEqual(played, ["a", "b"]);
  const expected: Outcome = {
    passed: 1,
    failed: 1,
    workers: 8,
    failures: ["a: O1: first"],
    unsteady: ["b: O1: busy"],
  };
  assert.deepEqual(outcome, expected);
  assert.equal(code, 1);
});

Deno.test("if more than three plans fail, all count, and none is played again", async () => {
  const names = ["a", "b", "c", "d"];
  const ends = Object.fromEntries(names.map((name) => [name, resultOf("broken")]));
  const { code, played, outcome } = await campaign(ends, names);
  assert.deepEqual(played, []);
  assert.equal(outcome.failed, 4);
  assert.equal(outcome.failures.length, 4);
  assert.equal(code, 1);
});
