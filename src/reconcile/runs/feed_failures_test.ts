import assert from "node:assert/strict";
import { doubts } from "../../../mock/databricks/doubts.ts";
import { classify, NotFoundError } from "../../databricks/errors.ts";
import type { CallInput, Endpoint, Workspace } from "../../resource.ts";
import { jobRuns } from "../../resources/shared/job_runs.ts";
import { MINUTE, World } from "../../../tests/support/run_feeds.ts";
import { LOOKS_PER_POLL, RunFeed } from "./feed.ts";

Deno.test("an unreadable entry of a list does not affect the others", async () => {
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

Deno.test("a clock that jumps forward or back by a day hides no run", async () => {
  for (const jump of [86_400_000, -86_400_000]) {
    const world = new World();
    const job = world.job();
    const real = world.clock.now.bind(world.clock);
    world.ran(job);
    await world.poll();
    // Only the local clock jumps, and it has fractions of milliseconds, like a real one: Databricks' clock goes on as
    // before.
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

Deno.test("a state that Databricks adds later is shown unchanged", async () => {
  const world = new World();
  const job = world.job();
  world.workspace.runs.start(job, { state: "BRAND_NEW" });
  await world.poll();
  assert.equal(world.shown(job), "BRAND_NEW");
});

Deno.test("when a run is deleted its predecessor is the newest, if there is one", async () => {
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

Deno.test("a run that the list of active runs missed is still followed", async () => {
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

Deno.test("a repair that begins and ends between two polls is not missed, whether it changes the run's start or not", async () => {
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

Deno.test("each of many failed runs is eventually looked at", async () => {
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

Deno.test("a job that becomes visible later does not show NO_RUNS", async () => {
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

Deno.test("a hidden job does not show NO_RUNS", async () => {
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

Deno.test("many jobs that arrive together are read from lists, not one by one", async () => {
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
  Deno.test(`a run without the deprecated state is not skipped: ${JSON.stringify(status)} is ${shown}`, async () => {
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
    assert.deepEqual([ends, begins, short].filter((job) => !world.changed.has(job)), [], "each was reported");
  });
}
