/** The harness itself: a wait ends when it cannot succeed, and reports what it saw last. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, problem } from "../support/harness.ts";

const refusal = {
  match: "jobs/create",
  status: 400,
  body: { error_code: "INVALID_PARAMETER_VALUE", message: "Cluster c is unknown" },
};

clusterTest("harness: a job that Databricks refuses is not Ready, and the wait for it ends soon", async (world) => {
  world.workspace.faults.add(refusal);
  await world.apply(job("etl"));
  const start = performance.now();
  await assert.rejects(world.ready("DatabricksJob", "etl"), /etl is Stalled: .*Cluster c is unknown/);
  assert.ok(performance.now() - start < 20_000);
});

clusterTest("harness: an object that is Stalled until its workspace is mended is waited for", async (world) => {
  const fault = world.workspace.faults.add(refusal);
  await world.apply(job("etl"));
  await assert.rejects(world.ready("DatabricksJob", "etl"));
  fault.remove();
  await world.ready("DatabricksJob", "etl");
});

clusterTest(
  "harness: an edit that mends an object is waited for, although the object was Stalled before",
  async (world) => {
    await world.apply(job("etl", { tasks: [{ task_key: "same" }, { task_key: "same" }] }));
    await assert.rejects(world.ready("DatabricksJob", "etl"), /Stalled/);
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
  },
);

Deno.test("harness: a wait in vain says what it saw last", async () => {
  const wait = (attempt: () => Promise<boolean> | ReturnType<typeof problem>) =>
    eventually("it is so", attempt, { patience: 0 });
  await assert.rejects(wait(() => problem("it is red")), /until it is so: it is red$/);
  await assert.rejects(wait(() => Promise.resolve(false)), /until it is so: it was false$/);
  await assert.rejects(wait(() => Promise.reject(new Error("no route"))), /until it is so: no route$/);
});
