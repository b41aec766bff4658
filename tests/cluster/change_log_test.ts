/** The change log: what the operator did in Databricks, and for which object. */
import assert from "node:assert/strict";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, eventually, job, problem, sweeps } from "../support/harness.ts";

const logged = captureLog();

clusterTest("each change in Databricks is logged with its object, its action and the written values", async (world) => {
  const { jobs } = world.workspace;
  /** The action and the paths of each change for the object. */
  const changes = () =>
    logged.map(({ properties }) => properties)
      .filter(({ action, namespace, name }) => action !== undefined && namespace === world.namespace && name === "etl")
      .map(({ action, paths }) => paths === undefined ? action : `${action} ${paths}`);
  const until = (expected: readonly string[]) =>
    eventually(`the changes are ${expected}`, () => {
      return JSON.stringify(changes()) === JSON.stringify(expected) || problem(JSON.stringify(changes()));
    });
  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await until(["create"]);
  await sweeps(world.workspace, "/jobs/list");

  await world.apply(job("etl", { max_concurrent_runs: 3, timeout_seconds: 60 }));
  await until(["create", "update max_concurrent_runs,timeout_seconds"]);
  await sweeps(world.workspace, "/jobs/list");

  jobs.edit(id, (settings) => ({ ...settings, max_concurrent_runs: 9 }));
  await until(["create", "update max_concurrent_runs,timeout_seconds", "update max_concurrent_runs"]);
  await world.ready("DatabricksJob", "etl");

  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual(changes().at(-1), "delete");
  const line = logged.find(({ properties }) => properties.action === "delete" && properties.name === "etl");
  const { kind, namespace, reason, resource, workspace } = line?.properties ?? {};
  assert.deepEqual(
    { kind, namespace, reason, resource, workspace },
    {
      kind: "DatabricksJob",
      namespace: world.namespace,
      reason: "Deleted",
      resource: `job ${id}`,
      workspace: world.workspace.host,
    },
  );
  const writes = world.workspace.ledger.writes().filter(({ path }) => path.includes("/jobs/"));
  assert.equal(changes().length, writes.length, "a line for each write");
}, { settings: { ingest: "false" } });

clusterTest("a log line about a failure has the object and the reason as fields", async (world) => {
  await world.apply(job("refused", { schedule: { quartz_cron_expression: "never", timezone_id: "UTC" } }));
  const { reason } = await eventually("it is rejected", () => {
    return logged.map(({ properties }) => properties as Record<string, string>)
      .find(({ namespace, name, reason }) =>
        namespace === world.namespace && name === "refused" && reason !== undefined
      );
  });
  assert.equal(reason, "InvalidSpec");
});
