/** The end of each run of a job is reported soon: by an Event on the job, and a metric. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { end, run as updateOf, withPipeline } from "../support/pipeline_runs.ts";
import { phase, RUN, started } from "../support/run_objects.ts";
import { clusterTest, eventually, job, manifest, notebook, problem, sweeps, type World } from "../support/harness.ts";

async function ready(world: World, name: string, settings: Record<string, unknown> = {}): Promise<string> {
  await world.apply(job(name, settings));
  const { status } = await world.ready("DatabricksJob", name);
  return String(status?.id);
}

async function seen(world: World, name: string, run: string): Promise<void> {
  await eventually(`run ${run} is seen`, async () => {
    const { status } = await world.get("DatabricksJob", name) ?? {};
    return (status?.latest_run as Record<string, unknown>)?.run_id === run || problem(JSON.stringify(status));
  });
}

clusterTest(
  "every failed run of a job emits an Event on the job, with its task, its error and its page",
  async (world) => {
    const id = await ready(world, "etl");
    const run = world.workspace.runs.start(id);
    await seen(world, "etl", run);
    world.workspace.runs.finish(run, "FAILED", "ValueError: no data\nat line 5");
    const message = await world.event("etl", "RunFailed");
    assert.match(message, new RegExp(`Run ${run} failed: task "main": [A-Z_]+: ValueError: no data \\(http`));
    assert.ok(!message.includes("line 5"));
  },
);

clusterTest("a run that fails beside a newer one of its job is also reported, each once", async (world) => {
  const metrics = new Metrics();
  await world.startOperator({ metrics });
  const id = await ready(world, "etl", { max_concurrent_runs: 2 });
  const older = world.workspace.runs.start(id);
  await seen(world, "etl", older);
  const newer = world.workspace.runs.start(id);
  await seen(world, "etl", newer);
  world.workspace.runs.finish(older, "FAILED", "first");
  await world.event("etl", "RunFailed");
  world.workspace.runs.finish(newer);
  await world.event("etl", "RunSucceeded");
  const text = await eventually("both are counted", async () => {
    const text = await metrics.text();
    return text.includes(`result="succeeded"} 1`) ? text : problem(text);
  });
  assert.match(text, new RegExp(`databricks_runs_total\\{namespace="${world.namespace}",result="failed"\\} 1\n`));
  assert.match(text, /databricks_run_duration_seconds_count\{result="failed"\} 1\n/);
}, { start: false });

clusterTest(
  "ends of one-off runs and of updates are counted once, and a managed job's run is not counted twice",
  async (world) => {
    const metrics = new Metrics();
    const operator = await world.startOperator({ metrics });
    const id = await ready(world, "etl");
    // A run that ended before the first poll has an unknown detection time.
    await sweeps(world.workspace, "/jobs/runs/list", 2);
    const theirs = world.workspace.jobs.add({ name: "theirs", ...notebook() });
    await withPipeline(world);
    await world.apply(manifest(RUN, "one-off", { submit: notebook() }));
    await world.apply(manifest(RUN, "of-theirs", { job_id: BigInt(theirs) }));
    await world.apply(manifest(RUN, "of-etl", { job_ref: { name: "etl" } }));
    await world.apply(manifest(RUN, "by-id", { job_id: BigInt(id), suspend: true }));
    await world.apply(updateOf("update"));
    for (const name of ["one-off", "of-theirs"]) world.workspace.runs.finish(await started(world, name));
    end(world, await started(world, "update"), "COMPLETED");
    world.workspace.runs.finish(await started(world, "of-etl"), "FAILED");
    await phase(world, "of-etl", "Failed");
    await world.event("etl", "RunFailed");
    await world.patch(RUN, "by-id", { spec: { suspend: false } });
    world.workspace.runs.finish(await started(world, "by-id"), "FAILED");
    for (const name of ["one-off", "of-theirs", "update"]) await phase(world, name, "Succeeded");
    await phase(world, "by-id", "Failed");
    const counted = (result: string, count: number) =>
      `databricks_runs_total{namespace="${world.namespace}",result="${result}"} ${count}\n`;
    const text = await eventually("all are counted", async () => {
      const text = await metrics.text();
      return text.includes(counted("failed", 2)) && text.includes(counted("succeeded", 3)) ? text : problem(text);
    });
    assert.match(text, /databricks_run_time_to_detect_finished_seconds_count 5\n/);
    await world.stopOperator(operator);
    const later = new Metrics();
    await world.startOperator({ metrics: later });
    await world.apply(manifest(RUN, "later", { submit: notebook() }));
    world.workspace.runs.finish(await started(world, "later"));
    await eventually("it is counted, and nothing else", async () => {
      const text = await later.text();
      return (text.includes(counted("succeeded", 1)) && !text.includes(counted("failed", 1))) || problem(text);
    });
  },
  // A job that is ingested meanwhile would count its own run.
  { start: false, settings: { ingest: "false" } },
);

/** The Events of a job that report failed runs. */
async function failures(world: World): Promise<string[]> {
  return (await world.events("etl")).filter((text) => text.includes("RunFailed"));
}

clusterTest("runs that ended before a job had its object are not reported", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  const old = world.workspace.runs.start(id);
  world.workspace.runs.finish(old, "FAILED", "long ago");
  world.workspace.settle();
  await world.apply(manifest("DatabricksJob", "etl", { job: { job_id: BigInt(id), settings: notebook() } }, {
    adopt: "true",
  }));
  await world.startOperator();
  await seen(world, "etl", old);
  const run = world.workspace.runs.start(id);
  await seen(world, "etl", run);
  world.workspace.runs.finish(run);
  await world.event("etl", "RunSucceeded");
  assert.deepEqual(await failures(world), []);
}, { start: false, settings: { ingest: "false" } });

clusterTest("a run that failed while no operator ran is reported once, by the next one", async (world) => {
  const first = await world.startOperator();
  const id = await ready(world, "etl", { max_concurrent_runs: 3 });
  const told = world.workspace.runs.start(id);
  await seen(world, "etl", told);
  world.workspace.runs.finish(told, "FAILED", "first");
  await world.event("etl", "RunFailed");
  const active = world.workspace.runs.start(id);
  await seen(world, "etl", active);
  await world.stopOperator(first);
  world.workspace.runs.finish(active, "FAILED", "second");
  const unseen = world.workspace.runs.start(id);
  world.workspace.runs.finish(unseen, "FAILED", "third");
  const second = await world.startOperator();
  const texts = await eventually("both are reported", async () => {
    const texts = await failures(world);
    return texts.length >= 3 ? texts : problem(texts.join());
  });
  for (const run of [told, active, unseen]) assert.equal(texts.filter((text) => text.includes(run)).length, 1);
  await seen(world, "etl", unseen);
  await world.stopOperator(second);
  await world.startOperator();
  const last = world.workspace.runs.start(id);
  await seen(world, "etl", last);
  world.workspace.runs.finish(last);
  await world.event("etl", "RunSucceeded");
  assert.equal((await failures(world)).length, 3);
}, { start: false });
