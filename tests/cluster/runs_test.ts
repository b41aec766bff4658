/** Runs: the status of the newest one, and the one that spec.run asks for. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { World } from "../support/harness.ts";
import { clusterTest, condition, eventually, job, notebook, problem, sweeps } from "../support/harness.ts";

const RUNS = "/runs/list";

/** A job that asks for a run. */
function withRun(
  name: string,
  run: Record<string, unknown> | undefined,
  settings: Record<string, unknown> = {},
): KubeObject {
  const object = job(name, settings);
  if (run !== undefined) (object.spec as Record<string, unknown>).run = run;
  return object;
}

async function state(world: World, name: string, wanted: Record<string, unknown>): Promise<KubeObject> {
  return await eventually(`${name} shows ${JSON.stringify(wanted)}`, async () => {
    const object = await world.get("DatabricksJob", name);
    const now = (object?.status?.latest_run_state ?? {}) as Record<string, unknown>;
    const isThere = Object.entries(wanted).every(([field, value]) => now[field] === value);
    return isThere ? object : problem(JSON.stringify(now));
  });
}

clusterTest("kubectl get shows NO_RUNS, RUNNING, then TERMINATED and SUCCESS", async (world) => {
  await world.apply(job("etl"));
  const object = await state(world, "etl", { life_cycle_state: "NO_RUNS" });
  const runId = world.workspace.runs.start(String(object.status?.id));
  await state(world, "etl", { life_cycle_state: "RUNNING" });
  world.workspace.runs.finish(runId, "SUCCESS", "all good");
  const done = await state(world, "etl", {
    life_cycle_state: "TERMINATED",
    result_state: "SUCCESS",
    state_message: "all good",
  });
  assert.equal((done.status?.latest_run as Record<string, unknown>).run_id, runId);
  assert.match(
    await world.kubectl(["get", "databricksjobs"]),
    /NAME\s+STATUS\s+RESULT\s+READY\s+AGE\netl\s+TERMINATED\s+SUCCESS\s+True/,
  );
  const wide = await world.kubectl(["get", "databricksjobs", "-o", "wide"]);
  assert.match(wide, /OWNER\s+JOB ID\s+URL/);
  assert.match(wide, new RegExp(`operator\\s+${object.status?.id}\\s+${world.workspace.host}`));
}, { needs: ["kubectl"] });

clusterTest("a run that ended before the operator started is shown, and one of nobody's job is not", async (world) => {
  await world.apply(job("etl"));
  const first = await world.startOperator();
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.stopOperator(first);
  const stranger = world.workspace.jobs.add({ name: "stranger", ...notebook() });
  world.workspace.runs.start(stranger);
  world.workspace.runs.finish(world.workspace.runs.start(id), "FAILED", "no such table");
  await world.startOperator();
  await state(world, "etl", { life_cycle_state: "TERMINATED", result_state: "FAILED" });
}, { start: false, settings: { ingest: "false" } });

clusterTest("spec.run runs once per change: A, B, A are three runs", async (world) => {
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await world.ready("DatabricksJob", "etl");
  for (const [count, run] of [[1, { day: 1 }], [2, { day: 2 }], [3, { day: 1 }]] as const) {
    await world.apply(withRun("etl", { job_parameters: run }));
    await eventually(`${count} runs`, () => world.workspace.runs.list().length === count);
  }
  await sweeps(world.workspace, RUNS, 2);
  assert.equal(world.workspace.runs.list().length, 3, "nothing runs without a change");
  const submitted = condition(await world.get("DatabricksJob", "etl"), "RunSubmitted");
  assert.equal(submitted?.reason, "RunStarted");
}, { mock: {} });

clusterTest("a run whose answer was lost is not started twice", async (world) => {
  const lost = world.workspace.faults.add({ match: "run-now", effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await eventually("the answer was lost", () => lost.hits === 1);
  await eventually("the run is known", async () => {
    const request = (await world.get("DatabricksJob", "etl"))?.status?.run_request as
      | Record<string, unknown>
      | undefined;
    return request?.run_id !== undefined;
  });
  assert.equal(world.workspace.runs.list().length, 1);
});

clusterTest("a continuous job refuses the run, and a condition says so", async (world) => {
  await world.apply(withRun("stream", { job_parameters: {} }, { continuous: { pause_status: "UNPAUSED" } }));
  const submitted = await eventually("the run was refused", async () => {
    const found = condition(await world.get("DatabricksJob", "stream"), "RunSubmitted");
    return found?.status === "False" ? found : problem(JSON.stringify(found));
  });
  assert.equal(submitted.reason, "ContinuousJob");
  assert.match(submitted.message, /remove spec\.run/);
  await world.ready("DatabricksJob", "stream");
});

clusterTest("a started run is shown at once, not after the poll interval", async (world) => {
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await eventually("a run is shown", async () => {
    const latest = (await world.get("DatabricksJob", "etl"))?.status?.latest_run as Record<string, unknown> | undefined;
    return latest?.run_id !== undefined;
  });
}, { settings: { status_poll_interval: "3600" } });
