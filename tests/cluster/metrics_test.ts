/** The metrics match what happened. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, eventually, job, manifest, problem } from "../support/harness.ts";

/** The value of a metric with labels, from the text format of Prometheus. */
function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const line = text.split("\n").find((line) =>
    line.startsWith(`${name}{`) || line.startsWith(`${name} `)
      ? Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))
      : false
  );
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

clusterTest("metrics count calls, passes, objects, repairs and the time to see a run's end", async (world) => {
  const metrics = new Metrics();
  await world.startOperator({ metrics });
  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  const object = await world.ready("DatabricksJob", "etl");
  const id = String(object.status?.id);
  const held = world.workspace.jobs.get(id);
  assert.ok(held);
  held.settings.max_concurrent_runs = 7;
  await world.event("etl", "DriftCorrected");
  const runId = world.workspace.runs.start(id);
  await eventually("the run is seen", async () => {
    const state = (await world.get("DatabricksJob", "etl"))?.status?.latest_run_state as Record<string, unknown>;
    return ["RUNNING", "PENDING"].includes(String(state?.life_cycle_state)) || problem(JSON.stringify(state));
  });
  world.workspace.runs.finish(runId, "SUCCESS", "");
  const text = await eventually("the end of the run is counted", async () => {
    const text = await metrics.text();
    return valueOf(text, "databricks_run_time_to_detect_finished_seconds_count") === 1 ? text : problem(text);
  });

  const create = { endpoint: "POST /api/{jobs_api_version}/jobs/create", code: "200" };
  assert.equal(valueOf(text, "databricks_api_requests_total", create), 1);
  const reset = { endpoint: "POST /api/{jobs_api_version}/jobs/reset", code: "200" };
  assert.equal(valueOf(text, "databricks_api_requests_total", reset), 1);
  assert.equal(valueOf(text, "databricks_drift_repairs_total", { kind: "DatabricksJob" }), 1);
  assert.ok(
    (valueOf(text, "controller_runtime_reconcile_total", { controller: "databricksjobs", result: "success" }) ?? 0) >=
      2,
  );
  assert.ok((valueOf(text, "workqueue_adds_total") ?? 0) >= 2);
  await eventually("the object is counted as ready", async () => {
    const counted = { kind: "DatabricksJob", owner: "operator", ready: "true" };
    return valueOf(await metrics.text(), "databricks_managed_resources", counted) === 1;
  });
}, { start: false });

clusterTest("metrics count rejected calls by status", async (world) => {
  const metrics = new Metrics();
  world.workspace.faults.add({ match: "jobs/create", status: 400, times: 1 });
  await world.startOperator({ metrics });
  await world.apply(job("etl"));
  const refused = { endpoint: "POST /api/{jobs_api_version}/jobs/create", code: "400" };
  await eventually(
    "the rejection is counted",
    async () => valueOf(await metrics.text(), "databricks_api_requests_total", refused) === 1,
  );
  await eventually(
    "the pass is counted as failed",
    async () =>
      (valueOf(await metrics.text(), "controller_runtime_reconcile_errors_total", { controller: "databricksjobs" }) ??
        0) >= 1,
  );
}, { start: false });

clusterTest(
  "running compute is counted without extra calls, as long as its object exists",
  async (world) => {
    const metrics = new Metrics();
    await world.startOperator({ metrics });
    const warehouse = { cluster_size: "Small", auto_stop_mins: 10 };
    await world.apply(manifest("DatabricksSQLWarehouse", "reports", { warehouse }));
    const { status } = await world.ready("DatabricksSQLWarehouse", "reports");
    assert.equal(status?.state, "RUNNING");
    const labels = { kind: "DatabricksSQLWarehouse", namespace: world.namespace, name: "reports" };
    const seconds = async () => valueOf(await metrics.text(), "databricks_compute_running_seconds_total", labels);
    await eventually("it is counted", async () => (await seconds() ?? 0) > 0.5);
    const { ledger } = world.workspace;
    ledger.clear();
    const before = await seconds() ?? 0;
    await eventually("more is counted", async () => (await seconds() ?? 0) > before + 2);
    assert.deepEqual([...new Set(ledger.calls.map(({ path }) => path))], ["/api/2.0/sql/warehouses"]);
    await world.delete("DatabricksSQLWarehouse", "reports");
    await world.gone("DatabricksSQLWarehouse", "reports");
    await eventually("its series has ended", async () => await seconds() === undefined);
  },
  { start: false, settings: { ingest: "false" } },
);
