/** The harness itself: a wait ends when it cannot succeed, and reports what it saw last. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, problem } from "../support/harness.ts";

const refusal = {
  match: "jobs/create",
  status: 400,
  body: { error_code: "INVALID_PARAMETER_VALUE", message: "Cluster c is unknown" },
};

clusterTest("harness: a job that Databricks rejects is not Ready, and the wait for it ends soon", async (world) => {
  world.workspace.faults.add(refusal);
  await world.apply(job("etl"));
  const start = performance.now();
  await assert.rejects(world.ready("DatabricksJob", "etl"), /etl is Stalled: .*Cluster c is unknown/);
  assert.ok(performance.now() - start < 20_000);
});

clusterTest("harness: it waits for a Stalled object until its workspace is repaired", async (world) => {
  const fault = world.workspace.faults.add(refusal);
  await world.apply(job("etl"));
  await assert.rejects(world.ready("DatabricksJob", "etl"));
  fault.remove();
  await world.ready("DatabricksJob", "etl");
});

clusterTest(
  "harness: it waits for an edit that corrects a Stalled object",
  async (world) => {
    await world.apply(job("etl", { tasks: [{ task_key: "same" }, { task_key: "same" }] }));
    await assert.rejects(world.ready("DatabricksJob", "etl"), /Stalled/);
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
  },
);

Deno.test("harness: a timed out wait shows the last state", async () => {
  const wait = (attempt: () => Promise<boolean> | ReturnType<typeof problem>) =>
    eventually("it is true", attempt, { patience: 0 });
  await assert.rejects(wait(() => problem("it is red")), /until it is true: it is red$/);
  await assert.rejects(wait(() => Promise.resolve(false)), /until it is true: it was false$/);
  await assert.rejects(wait(() => Promise.reject(new Error("no route"))), /until it is true: no route$/);
});
