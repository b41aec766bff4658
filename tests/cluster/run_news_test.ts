/** The end of each run of a job is news: an Event on the job, a metric, and soon. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, eventually, job, problem, type World } from "../support/harness.ts";

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

clusterTest("a run that fails beside a newer one of its job is reported, too, and both once", async (world) => {
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

clusterTest("runs that ended before the operator came are no news", async (world) => {
  const first = await world.startOperator();
  const id = await ready(world, "etl");
  await world.stopOperator(first);
  const old = world.workspace.runs.start(id);
  world.workspace.runs.finish(old, "FAILED", "long ago");
  await world.startOperator();
  await seen(world, "etl", old);
  const run = world.workspace.runs.start(id);
  await seen(world, "etl", run);
  world.workspace.runs.finish(run);
  await world.event("etl", "RunSucceeded");
  assert.ok(!(await world.events("etl")).some((text) => text.includes("RunFailed")));
}, { start: false });
