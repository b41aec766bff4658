import assert from "node:assert/strict";
import fc from "fast-check";
import { doubts } from "../../../mock/databricks/doubts.ts";
import { classify, NotFoundError } from "../../databricks/errors.ts";
import type { CallInput, Endpoint, Workspace } from "../../resource.ts";
import { jobRuns } from "../../resources/shared/job_runs.ts";
import { MINUTE, World } from "../../../tests/support/run_feeds.ts";
import { LOOKS_PER_POLL, RunFeed } from "./feed.ts";

/** The id of a job's newest run in the workspace. */
function truth({ workspace }: World, job: string): string | undefined {
  const runs = workspace.runs.list().filter((run) => run.job_id === job);
  return runs.sort((a, b) => b.start_time - a.start_time)[0]?.run_id;
}

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

Deno.test("status shows what Databricks says about the run", async () => {
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

Deno.test("a job that never ran is said to have no runs once that is known, and its object is told", async () => {
  const world = new World();
  const job = world.job();
  assert.equal(world.shown(job), "unknown");
  await world.poll();
  assert.equal(world.shown(job), "none");
  assert.deepEqual(world.take(), [job]);
});

Deno.test("a job that was made just now has no runs, without a call", () => {
  const world = new World();
  const job = world.job();
  world.feed.created(job);
  assert.equal(world.shown(job), "none");
});

Deno.test("a run that begins, goes on and ends is followed, and each step is told once", async () => {
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

Deno.test("a run that is hours old when it ends is seen to end", async () => {
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

Deno.test("an older run that ends does not hide a newer one", async () => {
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

Deno.test("of two runs that began in the same moment the one with the higher id is the newest", async () => {
  const world = new World();
  const job = world.job();
  world.workspace.runs.start(job);
  const second = world.workspace.runs.start(job);
  await world.poll();
  assert.equal(world.shownId(job), second);
});

Deno.test("NO_RUNS is not said of jobs that a bounded fill did not reach", async () => {
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
  assert.equal(await world.poll(), 2 + LOOKS_PER_POLL, "all is known now; runs that failed may have been repaired");
});

Deno.test("a job that is wanted later is known from the lists, or asked for by itself", async () => {
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

Deno.test("a run without a job of ours is passed over", async () => {
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

Deno.test("a one-off run is passed over also where the list does not leave it out", async () => {
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

Deno.test("the end of a run of a job that nobody manages costs no call, and is known once somebody does", async () => {
  const world = new World();
  const [ours, others] = [world.job(), world.job()];
  world.wanted = () => [ours];
  const run = world.start(others);
  await world.clock.advance(20 * MINUTE);
  // A newer one, so that the list of what is new does not reach back to the other.
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

Deno.test("what is known of ten thousand jobs that are gone is forgotten, and NO_RUNS stays true", async () => {
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

Deno.test("an entry of a list that cannot be read does not spoil the others", async () => {
  const world = new World();
  const job = world.job();
  const run = world.start(job);
  const state = { life_cycle_state: "RUNNING" };
  const unreadable = [
    {},
    { run_id: 1, job_id: 2 },
    { run_id: "../..", job_id: 2, state },
    { run_id: 1, job_id: 2, state, start_time: 1e300 },
    { run_id: 1, job_id: 2, state, start_time: "soon" },
    { run_id: 1, job_id: 2, state, start_time: 1, end_time: -1e300 },
  ];
  world.workspace.faults.add({
    match: "runs/list",
    edit: (body) => ({ ...body, runs: [...unreadable, ...body.runs ?? []] }),
  });
  await world.poll();
  assert.equal(world.shownId(job), run);
  assert.deepEqual(world.take(), [job]);
});

Deno.test("a clock that is set forward or back by a day hides no run", async () => {
  for (const jump of [86_400_000, -86_400_000]) {
    const world = new World();
    const job = world.job();
    const real = world.clock.now.bind(world.clock);
    world.ran(job);
    await world.poll();
    // Ours alone, which counts parts of milliseconds, as computers do: Databricks' clock goes on as before.
    const ours = { now: () => real() + jump, monotonic: () => world.clock.monotonic() * 1.00001 };
    const feed = new RunFeed({ runs: jobRuns, clock: ours, jobs: () => [job], onChange: () => {} });
    await feed.poll(world.client);
    await world.clock.advance(MINUTE);
    const run = world.ran(job);
    await feed.poll(world.client);
    const newest = feed.newest(job);
    assert.equal(typeof newest === "object" && newest.runId, run);
    for (let polls = 0; polls < 3; polls++) {
      await world.clock.advance(MINUTE);
      await feed.poll(world.client);
    }
  }
});

Deno.test("a state that Databricks adds later is shown as it is", async () => {
  const world = new World();
  const job = world.job();
  world.workspace.runs.start(job, { state: "BRAND_NEW" });
  await world.poll();
  assert.equal(world.shown(job), "BRAND_NEW");
});

Deno.test("when a run is deleted the one before it is the newest, and without one there is none", async () => {
  for (const before of [true, false]) {
    const world = new World();
    const [job] = [world.job(), world.job()];
    const older = before ? world.ran(job, "FAILED") : undefined;
    const run = world.start(job);
    await world.poll();
    world.take();
    world.workspace.faults.add({
      match: "runs/list",
      edit: (body) => ({ runs: (body.runs ?? []).filter((one: { run_id: bigint }) => String(one.run_id) !== run) }),
    });
    const error_code = "INVALID_PARAMETER_VALUE";
    const message = `Run ${run} does not exist.`;
    world.workspace.faults.add({ match: "runs/get", status: 400, body: { error_code, message } });
    if (before) {
      // With `limit=1` the mock's page holds only the run that is hidden.
      world.workspace.runs.get(run)!.start_time = 0;
      world.workspace.runs.get(run)!.job_id = "1";
    }
    await world.poll();
    assert.equal(world.shownId(job), older);
    assert.equal(world.shown(job), before ? "TERMINATED FAILED" : "none");
    assert.deepEqual(world.take(), [job]);
  }
});

Deno.test("a run that slipped through the list of active runs is followed all the same", async () => {
  const world = new World();
  const job = world.job();
  const run = world.start(job);
  await world.clock.advance(10 * MINUTE);
  world.ran(world.job());
  await world.poll();
  world.workspace.faults.add({ match: "runs/list", times: 1, edit: () => ({}) });
  await world.clock.advance(10 * MINUTE);
  await world.poll();
  assert.equal(world.shown(job), "RUNNING");
  world.workspace.runs.finish(run);
  await world.poll();
  assert.equal(world.shown(job), "TERMINATED SUCCESS");
});

const refusals = {
  "403": { status: 403, code: "PERMISSION_DENIED", message: "User does not have View permission." },
  "its second spelling of absent": {
    status: 400,
    code: "INVALID_PARAMETER_VALUE",
    message: "Run: 1 in job: 2 doesn't exist",
  },
  "503 for ever": { status: 503, code: "TEMPORARILY_UNAVAILABLE", message: "Try again later" },
};

/** A workspace that refuses to return one run. */
function refusing(client: Workspace, runId: string, failure: { status: number; code: string; message: string }) {
  const { host, jobsApiVersion } = client;
  const error = classify({ endpoint: "GET /api/2.2/jobs/runs/get", host, ...failure });
  const isAbsent = error instanceof NotFoundError;
  return {
    host,
    jobsApiVersion,
    call: client.call.bind(client),
    pages: client.pages.bind(client),
    tryCall: async (endpoint: Endpoint, input: CallInput) => {
      if (input.run_id !== runId) return await client.tryCall(endpoint, input);
      if (!isAbsent) throw error;
    },
  } as Workspace;
}

for (const [answer, failure] of Object.entries(refusals)) {
  Deno.test(`a run to which runs/get answers ${answer} does not keep other runs and jobs from being shown`, async () => {
    const world = new World();
    const jobs = Array.from({ length: 4 }, () => world.job());
    const runs = jobs.map((job) => world.start(job));
    await world.clock.advance(20 * MINUTE);
    await world.poll();
    const later = Array.from({ length: 3 }, () => world.workspace.jobs.add({ name: "later" }));
    for (const run of runs) world.workspace.runs.finish(run, "FAILED");
    const client = refusing(world.client, runs[0]!, failure);
    for (let polls = 0; polls < 3; polls++) await world.feed.poll(client).catch(() => {});
    assert.deepEqual(jobs.slice(1).map((job) => world.shown(job)), Array(3).fill("TERMINATED FAILED"));
    assert.deepEqual(later.map((job) => world.shown(job)), Array(3).fill("none"));
    for (let polls = 0; polls < 2; polls++) await world.poll();
    assert.equal(world.shown(jobs[0]!), "TERMINATED FAILED");
  });
}

Deno.test("a repair that begins and ends between two polls is not missed, whether it moves the run's start or not", async () => {
  for (const repairStart of doubts.repairStart.answers) {
    const world = new World();
    world.workspace.doubts.repairStart = repairStart;
    const job = world.job();
    const run = world.ran(job, "FAILED");
    await world.poll();
    await world.clock.advance(60 * MINUTE);
    world.ran(world.job());
    await world.poll();
    world.take();
    world.workspace.runs.repair(run);
    world.workspace.runs.finish(run, "SUCCESS");
    await world.poll();
    assert.deepEqual([world.shown(job), world.take()], ["TERMINATED SUCCESS", [job]]);
  }
});

Deno.test("of many runs that failed none waits for ever for its look", async () => {
  const world = new World();
  world.workspace.doubts.repairStart = "leaves it";
  const jobs = Array.from({ length: 4 * LOOKS_PER_POLL }, () => world.job());
  const runs = jobs.map((job) => world.ran(job, "FAILED"));
  await world.poll();
  await world.clock.advance(60 * MINUTE);
  world.ran(world.job());
  await world.poll();
  for (const run of runs) {
    world.workspace.runs.repair(run);
    world.workspace.runs.finish(run, "SUCCESS");
  }
  for (let polls = 0; polls < 4; polls++) assert.ok(await world.poll() <= 2 + LOOKS_PER_POLL);
  assert.deepEqual(new Set(jobs.map((job) => world.shown(job))), new Set(["TERMINATED SUCCESS"]));
});

Deno.test("a job that becomes visible later is not said to have no runs", async () => {
  const world = new World();
  const [known, hidden] = [world.job(), world.job()];
  world.ran(hidden, "FAILED");
  world.ran(known);
  world.workspace.permissions.hideJobs(new RegExp(hidden));
  world.wanted = () => [known];
  await world.poll();
  await world.clock.advance(60 * MINUTE);
  world.ran(known);
  await world.poll();
  world.workspace.permissions.allowAll();
  world.wanted = () => [known, hidden];
  assert.equal(world.shown(hidden), "unknown");
  await world.poll();
  assert.equal(world.shown(hidden), "TERMINATED FAILED");
});

Deno.test("a job that was found to be hidden is not said to have no runs", async () => {
  const world = new World();
  const [known, hidden] = [world.job(), world.job()];
  world.ran(hidden, "FAILED");
  world.workspace.permissions.hideJobs(new RegExp(hidden));
  await world.poll();
  world.feed.hidden(hidden);
  assert.deepEqual([world.shown(known), world.shown(hidden)], ["none", "unknown"]);
  await world.poll();
  assert.equal(world.shown(hidden), "unknown");
  world.workspace.permissions.allowAll();
  await world.poll();
  assert.equal(world.shown(hidden), "TERMINATED FAILED");
});

Deno.test("many jobs that come at once are read from the lists, not asked for one by one", async () => {
  const world = new World();
  const first = world.job();
  world.wanted = () => [first];
  await world.poll();
  const jobs = Array.from({ length: 400 }, () => world.job());
  for (const job of jobs.slice(0, 30)) world.ran(job);
  await world.clock.advance(60 * MINUTE);
  world.ran(first);
  await world.poll();
  world.wanted = () => world.workspace.jobs.ids();
  assert.equal(await world.poll(), 1 + 2, "a page of active runs, two of all");
  assert.deepEqual(new Set(jobs.slice(0, 30).map((job) => world.shown(job))), new Set(["TERMINATED SUCCESS"]));
  assert.deepEqual(new Set(jobs.slice(30).map((job) => world.shown(job))), new Set(["none"]));
});

/** The value of \`status\` → the state shown. */
const statuses: [status: Record<string, unknown>, shown: string][] = [
  [{ state: "RUNNING" }, "RUNNING"],
  [{ state: "WAITING" }, "WAITING_FOR_RETRY"],
  [{ state: "QUEUED", queue_details: { code: "ACTIVE_RUNS_LIMIT_REACHED", message: "Full" } }, "QUEUED"],
  [{ state: "TERMINATED", termination_details: { code: "SUCCESS", type: "SUCCESS" } }, "TERMINATED SUCCESS"],
  [
    { state: "TERMINATED", termination_details: { code: "RUN_EXECUTION_ERROR", type: "CLIENT_ERROR" } },
    "TERMINATED FAILED",
  ],
  [
    { state: "TERMINATED", termination_details: { code: "INTERNAL_ERROR", type: "INTERNAL_ERROR" } },
    "INTERNAL_ERROR FAILED",
  ],
  [{ state: "TERMINATED", termination_details: { code: "USER_CANCELED", type: "SUCCESS" } }, "TERMINATED CANCELED"],
  [{ state: "TERMINATED", termination_details: { code: "SKIPPED", type: "SUCCESS" } }, "SKIPPED"],
  [{ state: "TERMINATED", termination_details: { code: "BRAND_NEW", type: "CLOUD_FAILURE" } }, "TERMINATED FAILED"],
  [{ state: "BRAND_NEW" }, "BRAND_NEW"],
];
for (const [status, shown] of statuses) {
  Deno.test(`a run without the deprecated state is not passed over: ${JSON.stringify(status)} is ${shown}`, async () => {
    const world = new World();
    const job = world.job();
    world.start(job);
    world.workspace.faults.add({
      match: "runs/",
      edit: (body) => {
        for (const run of body.runs ?? []) {
          delete run.state;
          run.status = status;
        }
        return body;
      },
    });
    await world.poll();
    assert.equal(world.shown(job), shown);
  });
}

const steps: [what: string, match: RegExp][] = [
  ["list of active runs", /runs\/list/],
  ["newest runs", /runs\/list/],
  ["run that ended", /runs\/get/],
  ["jobs that are asked for by themselves", /runs\/list/],
];

for (const [after, [what, match]] of steps.entries()) {
  Deno.test(`an outage at the ${what} loses nothing`, async () => {
    const world = new World();
    const [ends, begins, short] = [world.job(), world.job(), world.job()];
    const run = world.start(ends);
    await world.poll();
    await world.clock.advance(20 * MINUTE);
    world.take();
    world.start(begins);
    world.ran(short, "FAILED");
    world.workspace.runs.finish(run);
    const late = world.job();
    const which = match.source.includes("list") ? { after: Math.min(after, 2) } : {};
    const fault = world.workspace.faults.add({ match, status: 403, ...which });
    await world.feed.poll(world.client).catch(() => {});
    fault.remove();
    await world.clock.advance(20 * MINUTE);
    await world.poll();
    const shown = [ends, begins, short, late].map((job) => world.shown(job));
    assert.deepEqual(shown, ["TERMINATED SUCCESS", "RUNNING", "TERMINATED FAILED", "none"]);
    assert.deepEqual([ends, begins, short].filter((job) => !world.changed.has(job)), [], "each was told");
  });
}

Deno.test("a first fill that breaks off is made up for, within the same bounds", async () => {
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

Deno.test("a job whose runs may not be seen does not keep the others from being asked for", async () => {
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

Deno.test("a poll takes one call more for each run that ended, and none for runs that go on", async () => {
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

Deno.test("whatever happens to runs, after a whole poll the newest run of every job is shown as it is", async () => {
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
