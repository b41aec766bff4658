import assert from "node:assert/strict";
import { jobRuns } from "../../resources/shared/job_runs.ts";
import { MINUTE, World } from "../../../tests/support/run_feeds.ts";
import { LOOKS_PER_POLL, RunFeed } from "./feed.ts";

Deno.test("the newest run is shown, whether it is active or finished", async () => {
  const world = new World();
  const [active, finished, both] = [world.job(), world.job(), world.job()];
  world.start(active);
  world.ran(finished, "FAILED");
  world.start(both);
  world.ran(both);
  await world.poll();
  assert.deepEqual([active, finished, both].map((job) => world.shown(job)), [
    "RUNNING",
    "TERMINATED FAILED",
    "TERMINATED SUCCESS",
  ]);
});

Deno.test("status shows Databricks' state of the run", async () => {
  const world = new World();
  const job = world.job();
  const startedAt = world.clock.now();
  const runId = world.start(job);
  world.workspace.runs.finish(runId, "TIMEDOUT", "too slow");
  await world.poll();
  assert.deepEqual(world.feed.newest(job), {
    jobId: job,
    runId,
    startedAt,
    endedAt: startedAt + 1,
    isOver: true,
    isRepairable: true,
    shown: {
      latest_run_state: {
        life_cycle_state: "TERMINATED",
        result_state: "TIMEDOUT",
        state_message: "too slow",
        user_cancelled_or_timedout: true,
      },
      latest_run: {
        run_id: runId,
        start_time: new Date(startedAt).toISOString(),
        end_time: new Date(startedAt + 1).toISOString(),
        url: `${world.workspace.host}/#job/${job}/run/${runId}`,
      },
    },
  });
});

Deno.test("a job without runs shows NO_RUNS once that is known, and its object is queued", async () => {
  const world = new World();
  const job = world.job();
  assert.equal(world.shown(job), "unknown");
  await world.poll();
  assert.equal(world.shown(job), "none");
  assert.deepEqual(world.take(), [job]);
});

Deno.test("a new job has no runs, without a call", () => {
  const world = new World();
  const job = world.job();
  world.feed.created(job);
  assert.equal(world.shown(job), "none");
});

Deno.test("a run is followed from its start to its end, and each step is reported once", async () => {
  const world = new World();
  const [job, other] = [world.job(), world.job()];
  await world.poll();
  world.take();
  const run = world.start(job);
  await world.poll();
  assert.deepEqual([world.shown(job), world.take()], ["RUNNING", [job]]);
  await world.poll();
  assert.deepEqual(world.take(), []);
  world.workspace.runs.finish(run, "FAILED");
  await world.poll();
  assert.deepEqual([world.shown(job), world.take()], ["TERMINATED FAILED", [job]]);
  assert.equal(world.shown(other), "none");
});

Deno.test("the end of a run that took hours is seen", async () => {
  const world = new World();
  const job = world.job();
  const run = world.start(job);
  await world.poll();
  for (let hour = 0; hour < 5; hour++) {
    await world.clock.advance(60 * MINUTE);
    world.ran(world.job());
    await world.poll();
  }
  world.workspace.runs.finish(run);
  await world.poll();
  assert.equal(world.shown(job), "TERMINATED SUCCESS");
});

Deno.test("a run that begins and ends between two polls is seen", async () => {
  const world = new World();
  const job = world.job();
  await world.poll();
  await world.clock.advance(30_000);
  const run = world.ran(job, "FAILED");
  await world.poll();
  assert.deepEqual([world.shown(job), world.shownId(job)], ["TERMINATED FAILED", run]);
});

Deno.test("hundreds of runs that begin and end between two polls are all seen", async () => {
  const world = new World();
  const jobs = Array.from({ length: 150 }, () => world.job());
  await world.poll();
  for (const job of jobs) world.ran(job);
  await world.poll();
  assert.deepEqual(new Set(jobs.map((job) => world.shown(job))), new Set(["TERMINATED SUCCESS"]));
});

Deno.test("more than a page of active runs is read to its end", async () => {
  const world = new World();
  const jobs = Array.from({ length: 60 }, () => world.job());
  for (const job of jobs) world.start(job);
  await world.clock.advance(10 * MINUTE);
  await world.poll();
  assert.deepEqual(new Set(jobs.map((job) => world.shown(job))), new Set(["RUNNING"]));
});

Deno.test("the end of an older run does not hide a newer run", async () => {
  const world = new World();
  const job = world.job();
  const older = world.start(job);
  const newer = world.start(job);
  await world.poll();
  world.workspace.runs.finish(older, "FAILED");
  await world.poll();
  assert.deepEqual([world.shown(job), world.shownId(job)], ["RUNNING", newer]);
});

for (const count of [40, 600]) {
  Deno.test(`a finished run that is newer than an active one is shown, though ${count} runs of others began since`, async () => {
    const world = new World();
    const [job, busy] = [world.job(), world.job()];
    world.start(job);
    const newest = world.ran(job, "FAILED");
    for (let run = 0; run < count; run++) world.ran(busy);
    await world.poll();
    assert.equal(world.shownId(job), newest);
  });
}

Deno.test("a run that appears in the list a little after its start is seen", async () => {
  const world = new World();
  const [job, other] = [world.job(), world.job()];
  await world.poll();
  const late = world.ran(job, "FAILED");
  await world.clock.advance(30_000);
  world.ran(other);
  const fault = world.workspace.faults.add({
    match: "runs/list",
    edit: (body) => ({ runs: (body.runs ?? []).filter((run: { run_id: bigint }) => String(run.run_id) !== late) }),
  });
  await world.poll();
  fault.remove();
  assert.deepEqual([world.shown(job), world.shown(other)], ["none", "TERMINATED SUCCESS"]);
  await world.poll();
  assert.equal(world.shownId(job), late);
});

Deno.test("of two runs with the same start the one with the higher id is the newest", async () => {
  const world = new World();
  const job = world.job();
  world.workspace.runs.start(job);
  const second = world.workspace.runs.start(job);
  await world.poll();
  assert.equal(world.shownId(job), second);
});

Deno.test("jobs that a bounded fill did not reach do not show NO_RUNS", async () => {
  const world = new World();
  const old = Array.from({ length: 50 }, () => world.job());
  for (const job of old) world.ran(job, "FAILED");
  const [busy, idle] = [world.job(), world.job()];
  for (let count = 0; count < 600; count++) world.workspace.runs.finish(world.workspace.runs.start(busy));
  await world.clock.advance(MINUTE);
  assert.equal(await world.poll(), 1 + 20 + 20, "one page of active runs, 20 of all runs, 20 jobs by themselves");
  const shown = () => [...old, idle].map((job) => world.shown(job));
  assert.ok(!shown().slice(0, -1).includes("none"), shown().join());
  assert.equal(shown().filter((text) => text === "TERMINATED FAILED").length, 20);
  await world.poll();
  await world.poll();
  assert.deepEqual(new Set(shown()), new Set(["TERMINATED FAILED", "none"]));
  assert.equal(world.shown(idle), "none");
  await world.clock.advance(20 * MINUTE);
  await world.poll();
  assert.equal(await world.poll(), 2 + LOOKS_PER_POLL, "everything is known now; failed runs may have been repaired");
});

Deno.test("a job that is added later is known from the lists, or read by itself", async () => {
  const world = new World();
  const [first, later] = [world.job(), world.job()];
  world.wanted = () => [first];
  world.ran(later, "FAILED");
  for (let count = 0; count < 30; count++) world.ran(first);
  await world.poll();
  assert.equal(world.shown(later), "unknown");
  world.wanted = () => [first, later];
  await world.poll();
  assert.equal(world.shown(later), "TERMINATED FAILED");
});

Deno.test("a run of an unmanaged job is skipped", async () => {
  const world = new World();
  const job = world.job();
  await world.poll();
  world.take();
  world.workspace.runs.submit({ name: "one-off", tasks: [] });
  world.workspace.faults.add({
    match: "runs/list",
    edit: (body) => {
      for (const run of body.runs ?? []) delete run.job_id;
    },
  });
  await world.poll();
  assert.deepEqual([world.shown(job), world.take()], ["none", []]);
});

Deno.test("one-off runs fill no pages and cost no calls, however many there are", async () => {
  const world = new World();
  const job = world.job();
  await world.poll();
  for (let count = 0; count < 100; count++) {
    const run = world.workspace.runs.submit({ run_name: "one-off", tasks: [] });
    if (count % 2 === 0) world.workspace.runs.finish(run.run_id);
  }
  world.start(job);
  assert.equal(await world.poll(), 2);
  assert.equal(world.shown(job), "RUNNING");
  assert.equal(await world.poll(), 2);
});

Deno.test("a one-off run is skipped even if the list contains it", async () => {
  const world = new World();
  const job = world.job();
  await world.poll();
  world.take();
  world.workspace.faults.add({
    match: "runs/list",
    edit: (body) => ({
      ...body,
      runs: [{ run_id: 1, job_id: BigInt(job), run_type: "SUBMIT_RUN", state: { life_cycle_state: "RUNNING" } }],
    }),
  });
  await world.poll();
  assert.deepEqual([world.shown(job), world.take()], ["none", []]);
});

Deno.test("the end of an unmanaged job's run costs no call, and is known once the job is managed", async () => {
  const world = new World();
  const [ours, others] = [world.job(), world.job()];
  world.wanted = () => [ours];
  const run = world.start(others);
  await world.clock.advance(20 * MINUTE);
  // A newer one, so that the list of recent runs does not reach back to the other.
  world.ran(ours);
  await world.poll();
  await world.poll();
  world.workspace.runs.finish(run, "FAILED");
  assert.equal(await world.poll(), 2);
  world.wanted = () => [ours, others];
  assert.equal(world.shown(others), "unknown");
  assert.equal(await world.poll(), 3);
  assert.equal(world.shown(others), "TERMINATED FAILED");
});

Deno.test("the runs of ten thousand deleted jobs are forgotten, and NO_RUNS stays correct", async () => {
  const world = new World();
  const [idle, ran, later] = [world.job(), world.job(), world.job()];
  world.ran(ran);
  world.ran(later, "FAILED");
  world.wanted = () => [idle, ran];
  await world.poll();
  await world.clock.advance(20 * MINUTE);
  for (let count = 0; count < 10_010; count++) world.feed.created(`${count}`);
  assert.equal(await world.poll(), 2);
  assert.deepEqual([world.shown(idle), world.shown(ran)], ["none", "TERMINATED SUCCESS"]);
  world.wanted = () => [idle, ran, later];
  assert.equal(world.shown(later), "unknown", "not NO_RUNS");
  assert.equal(await world.poll(), 3);
  assert.equal(world.shown(later), "TERMINATED FAILED");
});

for (const [name, skew] of [["behind", -9], ["ahead of", 9]] as const) {
  Deno.test(`a run is seen though our clock is nine minutes ${name} Databricks'`, async () => {
    const world = new World();
    const job = world.job();
    const clock = { now: () => world.clock.now() + skew * MINUTE, monotonic: () => world.clock.monotonic() };
    const feed = new RunFeed({ runs: jobRuns, clock, jobs: () => [job], onChange: () => {} });
    await feed.poll(world.client);
    for (let count = 0; count < 3; count++) {
      await world.clock.advance(MINUTE);
      const run = world.ran(job);
      await feed.poll(world.client);
      const newest = feed.newest(job);
      assert.equal(typeof newest === "object" ? newest.runId : newest, run);
    }
  });
}

Deno.test("a run that we started is shown before lists contain it, and is not got any more afterwards", async () => {
  const world = new World();
  world.workspace.doubts.listLag = "seconds";
  const job = world.job();
  await world.poll();
  const runId = world.start(job);
  world.feed.started(job, runId);
  const refusal = { status: 403, body: { error_code: "PERMISSION_DENIED", message: "no" } };
  world.workspace.faults.add({ match: "runs/get", ...refusal, times: 1 });
  await world.feed.poll(world.client);
  assert.deepEqual([world.shownId(job), world.feed.last.hasActive], [undefined, true], "it is read soon");
  await world.feed.poll(world.client);
  assert.equal(world.shownId(job), runId);
  world.workspace.runs.finish(runId);
  await world.poll();
  await world.poll();
  assert.equal(world.feed.last.hasActive, false);
});
