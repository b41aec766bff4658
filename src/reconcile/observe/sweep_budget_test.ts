/** The intervals of sweeps if none is set, and their cost. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../../mock/databricks/workspace.ts";
import { World } from "../../../tests/support/sweeper.ts";
import { SweepBudget } from "./sweep_budget.ts";

const HOUR = 3_600_000;
/** 2 % of the default rate limit of 15 calls a second. */
const MOST_PER_HOUR = 0.02 * 15 * 3600;

Deno.test("drift of one of 200 jobs is seen within a minute by default", async () => {
  await using world = new World({}, { isIntervalSet: false });
  world.pages = [{ a: 1 }, { b: 1 }];
  world.bound.set("a", ["team/a"]);
  world.sweeper.start();
  await world.clock.advance(HOUR);
  world.take();
  world.pages = [{ a: 2 }, { b: 1 }];
  await world.clock.advance(60_000);
  assert.deepEqual(world.take(), ["team/a"]);
});

for (const [lists, pages] of [[1, 1], [1, 2], [5, 1], [29, 1], [5, 20]] as const) {
  Deno.test(`${lists} lists of ${pages} pages use at most 2 % of the rate limit, or have the longest interval`, async () => {
    const budget = new SweepBudget();
    const mock = new MockWorkspace();
    const worlds = Array.from({ length: lists }, () => new World({}, { isIntervalSet: false, budget, mock }));
    for (const world of worlds) {
      world.pages = Array.from({ length: pages }, (_, page) => ({ [`job-${page}`]: 1 }));
      world.sweeper.start();
    }
    // In turns, since each has its own clock.
    for (let minute = 0; minute < 60; minute++) {
      for (const world of worlds) await world.clock.advance(HOUR / 60);
    }
    const calls = pages * worlds.reduce((sum, { lists }) => sum + lists, 0);
    const rarest = pages * lists * HOUR / 300_000;
    assert.ok(calls <= Math.max(MOST_PER_HOUR, rarest) + pages * lists, `${calls} calls an hour`);
    for (const world of worlds) await world[Symbol.asyncDispose]();
  });
}
