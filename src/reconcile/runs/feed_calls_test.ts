import assert from "node:assert/strict";
import fc from "fast-check";
import { MINUTE, truth, World } from "../../../tests/support/run_feeds.ts";

Deno.test("an interrupted first fill is completed later, within the same bounds", async () => {
  const world = new World();
  const jobs = Array.from({ length: 20 }, () => world.job());
  for (const job of jobs) for (let count = 0; count < 26; count++) world.ran(job);
  for (let after = 0; after < 8; after++) {
    const fault = world.workspace.faults.add({ match: "runs/list", after, status: 403 });
    await world.feed.poll(world.client).catch(() => {});
    fault.remove();
  }
  assert.ok(await world.poll() <= 1 + 20 + 20);
  await world.clock.advance(20 * MINUTE);
  await world.poll();
  assert.equal(await world.poll(), 2);
  for (const job of jobs) assert.equal(world.shownId(job), truth(world, job));
});

Deno.test("a first poll that fails after all runs were read does not read them all again", async () => {
  const world = new World();
  const job = world.job();
  for (let count = 0; count < 200; count++) world.ran(job);
  world.job();
  await world.clock.advance(20 * MINUTE);
  world.start(job);
  // The run is active in the recent runs only, so that it is asked for.
  world.workspace.faults.add({ match: "runs/list", times: 1, edit: () => ({}) });
  const fault = world.workspace.faults.add({ match: "runs/get", status: 503, headers: { "retry-after": "60" } });
  await assert.rejects(world.poll());
  fault.remove();
  assert.equal(await world.poll(), 2);
});

Deno.test("a job with hidden runs does not keep the others from being read", async () => {
  const world = new World();
  const jobs = Array.from({ length: 45 }, () => world.job());
  const hidden = jobs.slice(0, 22);
  for (const job of jobs) world.ran(job);
  const busy = world.job();
  for (let count = 0; count < 500; count++) world.ran(busy);
  world.workspace.permissions.hideJobs(new RegExp(hidden.join("|")));
  for (let count = 0; count < 4; count++) await world.poll();
  assert.deepEqual(jobs.filter((job) => world.shown(job) === "unknown"), hidden);
  world.workspace.permissions.allowAll();
  for (let count = 0; count < 2; count++) await world.poll();
  assert.deepEqual(jobs.filter((job) => world.shown(job) === "unknown"), []);
});

Deno.test("an idle poll takes two calls, however many jobs and past runs there are", async () => {
  const calls: number[] = [];
  for (const count of [1, 50, 400]) {
    const world = new World();
    const jobs = Array.from({ length: count }, () => world.job());
    for (const job of jobs.slice(0, 100)) world.ran(job);
    await world.poll();
    await world.clock.advance(20 * MINUTE);
    await world.poll();
    calls.push(await world.poll());
  }
  assert.deepEqual(calls, [2, 2, 2]);
});

Deno.test("a poll takes one more call for each run that ended, and none for active runs", async () => {
  const world = new World();
  const jobs = Array.from({ length: 20 }, () => world.job());
  const runs: string[] = [];
  for (const job of jobs) runs.push(world.start(job));
  await world.clock.advance(10 * MINUTE);
  world.ran(world.job());
  await world.clock.advance(10 * MINUTE);
  await world.poll();
  assert.equal(await world.poll(), 2);
  for (const run of runs.slice(0, 3)) world.workspace.runs.finish(run);
  assert.equal(await world.poll(), 2 + 3);
  assert.equal(await world.poll(), 2);
});

Deno.test("whatever happens to runs, a complete poll shows the current newest run of every job", async () => {
  type Step = { what: "start" | "finish" | "poll" | "outage"; pick: number };
  const step: fc.Arbitrary<Step> = fc.record({
    what: fc.constantFrom("start", "start", "finish", "poll", "outage"),
    pick: fc.nat(1000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const world = new World();
      const jobs = Array.from({ length: 4 }, () => world.job());
      const runs: string[] = [];
      for (const { what, pick } of steps) {
        const run = runs[pick % Math.max(1, runs.length)];
        if (what === "start") runs.push(world.start(jobs[pick % jobs.length] as string));
        else if (what === "finish" && run !== undefined) world.workspace.runs.finish(run);
        else if (what === "poll") await world.poll();
        else if (what === "outage") {
          const fault = world.workspace.faults.add({ match: "runs/", after: pick % 4, status: 403 });
          await world.feed.poll(world.client).catch(() => {});
          fault.remove();
        }
      }
      await world.poll();
      for (const job of jobs) {
        const id = truth(world, job);
        assert.equal(world.shownId(job), id);
        assert.equal(
          world.shown(job),
          id === undefined ? "none" : Object.values(stateOf(world, id)).filter(Boolean).join(" "),
        );
      }
    }),
    { numRuns: 40 },
  );
});

function stateOf({ workspace }: World, runId: string) {
  const { life_cycle_state, result_state } = workspace.runs.require(runId).state;
  return { life_cycle_state, result_state };
}
