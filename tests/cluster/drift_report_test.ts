/** Drift that is reported, but not repaired. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, condition, eventually, job, problem, sweeps } from "../support/harness.ts";
import { settled, writes } from "../support/plans.ts";

const JOBS = "/jobs/list";
const KIND = "DatabricksJob";
const REPORT = { settings: { drift: "report", ingest: "false" } };

clusterTest("drift is shown once and not reverted until the manifest changes", async (world) => {
  const metrics = new Metrics();
  await world.startOperator({ metrics });
  await world.apply(job("etl", { timeout_seconds: 60, max_concurrent_runs: 2 }));
  const id = String((await settled(world, "etl")).status?.id);
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
  assert.match(await world.event("etl", "DriftReported"), /timeout_seconds from 99 to 60/);
  await sweeps(world.workspace, JOBS, 3);
  const object = await world.get(KIND, "etl");
  assert.equal(condition(object, "Drifted")?.status, "True");
  assert.equal(condition(object, "Ready")?.status, "True");
  assert.match(await metrics.text(), /databricks_drifted_resources\{kind="DatabricksJob"\} 1/);
  assert.equal(world.workspace.jobs.require(id).settings.timeout_seconds, 99);
  assert.equal((await world.events("etl")).filter((event) => event.startsWith("DriftReported")).length, 1);
  await world.apply(job("etl", { timeout_seconds: 60, max_concurrent_runs: 3 }));
  await eventually("both match the manifest", () => {
    const { timeout_seconds, max_concurrent_runs } = world.workspace.jobs.require(id).settings;
    return timeout_seconds === 60 && max_concurrent_runs === 3 || problem(`${timeout_seconds} ${max_concurrent_runs}`);
  });
  const after = await settled(world, "etl");
  assert.equal(condition(after, "Drifted"), undefined);
}, { ...REPORT, start: false });

clusterTest("drift that somebody undoes in Databricks is no longer shown", async (world) => {
  await world.apply(job("etl", { timeout_seconds: 60 }));
  const id = String((await settled(world, "etl")).status?.id);
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
  await world.event("etl", "DriftReported");
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 60));
  await eventually(
    "it is no longer shown",
    async () => condition(await world.get(KIND, "etl"), "Drifted") === undefined,
  );
  assert.equal(writes(world).length, 1);
}, REPORT);

clusterTest("a job that somebody deleted is reported and not created again", async (world) => {
  await world.apply(job("etl"));
  const id = String((await settled(world, "etl")).status?.id);
  world.workspace.jobs.remove(id);
  assert.match(await world.event("etl", "DriftReported"), /is gone/);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.jobs.ids(), []);
  assert.equal(condition(await world.get(KIND, "etl"), "Ready")?.status, "False");
  await world.annotate(KIND, "etl", "drift", "correct");
  await eventually("it is created again", () => world.workspace.jobs.ids().length === 1);
}, REPORT);
