/** Condition RunSucceeded of a job: it is about the run that spec.run requests, and no other. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, job, problem, type World } from "../support/harness.ts";

const KIND = "DatabricksJob";
const PARAMETERS = { parameters: [{ name: "day", default: "0" }], max_concurrent_runs: 5 };

/** Applies a job that requests a run for a day, and returns the run's id. */
async function withRun(world: World, run: Record<string, unknown> = { job_parameters: { day: "1" } }): Promise<string> {
  const { spec, ...object } = job("etl", PARAMETERS);
  await world.apply({ ...object, spec: { ...spec as Record<string, unknown>, run } });
  return await runOf(world);
}

/** Waits until the requested run differs from `not`, and returns its id. */
async function runOf(world: World, not?: string): Promise<string> {
  return await eventually("the run is started", async () => {
    const { status } = await world.get(KIND, "etl") ?? {};
    const { run_id } = (status?.run_request ?? {}) as { run_id?: string };
    return run_id !== undefined && run_id !== not ? run_id : problem(JSON.stringify(status));
  });
}

/** Waits until the condition has a status for the newest manifest, and returns its message. */
async function requested(world: World, wanted: string): Promise<string> {
  return await eventually(`RunSucceeded is ${wanted}`, async () => {
    const object = await world.get(KIND, "etl");
    const found = condition(object, "RunSucceeded");
    const isNew = found?.observedGeneration === object?.metadata.generation;
    return found?.status === wanted && isNew ? found.message : problem(JSON.stringify(found));
  });
}

async function again(world: World, run: Record<string, unknown>, not: string): Promise<string> {
  await world.patch(KIND, "etl", { spec: { run } });
  return await runOf(world, not);
}

clusterTest("RunSucceeded describes the requested run, not an earlier or later one", async (world) => {
  const first = await withRun(world);
  world.workspace.runs.finish(first);
  assert.match(await requested(world, "True"), new RegExp(`Run ${first} succeeded`));
  const second = await again(world, { job_parameters: { day: "2" } }, first);
  await requested(world, "Unknown");
  const { status } = await world.get(KIND, "etl") ?? {};
  const newer = world.workspace.runs.start(String(status?.id));
  world.workspace.runs.finish(newer);
  await world.event("etl", "RunSucceeded");
  await requested(world, "Unknown");
  world.workspace.runs.finish(second, "FAILED");
  assert.match(await requested(world, "False"), new RegExp(`Run ${second} failed`));
  await world.patch(KIND, "etl", { spec: { job: { settings: { description: "new" } } } });
  assert.match(await requested(world, "False"), new RegExp(`Run ${second} failed`));
  await world.patch(KIND, "etl", { spec: { run: null } });
  await eventually("it is sent with the request", async () => {
    const found = condition(await world.get(KIND, "etl"), "RunSucceeded");
    return found === undefined || problem(JSON.stringify(found));
  });
});

clusterTest(
  "kubectl wait does not see the former result when spec.run.attempt requests an equal run",
  async (world) => {
    const wait = (timeout: string, wanted = "RunSucceeded") =>
      world.kubectl(["wait", "databricksjob/etl", `--for=condition=${wanted}`, `--timeout=${timeout}`]);
    const first = await withRun(world);
    world.workspace.runs.finish(first);
    await wait("30s");
    await world.kubectl([
      ...["patch", "databricksjob", "etl", "--type=merge"],
      ...["--patch", '{"spec": {"run": {"attempt": 2}}}'],
    ]);
    await assert.rejects(wait("0"));
    const second = await runOf(world, first);
    await assert.rejects(wait("0"));
    assert.deepEqual(world.workspace.runs.get(second)?.overrides, world.workspace.runs.get(first)?.overrides);
    const sent = world.workspace.ledger.calls.filter(({ path }) => path.endsWith("/run-now")).map(({ body }) => body);
    assert.ok(sent.every((body) => !Object.hasOwn(body as object, "attempt")), "the attempt is not sent");
    world.workspace.runs.finish(second, "FAILED");
    await wait("30s", "RunSucceeded=False");
  },
  { needs: ["kubectl"] },
);

clusterTest(
  "a former result disappears with a new request, even if Databricks rejects the job's new settings",
  async (world) => {
    const first = await withRun(world);
    world.workspace.runs.finish(first);
    await requested(world, "True");
    const body = { error_code: "PERMISSION_DENIED", message: "You may not" };
    world.workspace.faults.add({ match: /jobs\/(reset|update)/, status: 403, body });
    await world.patch(KIND, "etl", {
      spec: { job: { settings: { description: "new" } }, run: { job_parameters: { day: "2" } } },
    });
    await requested(world, "Unknown");
    assert.equal(world.workspace.runs.list().length, 1);
  },
);

clusterTest("a wait for a run that Databricks rejects ends", async (world) => {
  await world.apply(job("etl", PARAMETERS));
  await world.ready(KIND, "etl");
  const body = { error_code: "INVALID_PARAMETER_VALUE", message: "No such parameter" };
  const fault = world.workspace.faults.add({ match: "run-now", status: 400, body });
  await world.patch(KIND, "etl", { spec: { run: { job_parameters: { other: "1" } } } });
  assert.match(await requested(world, "False"), /spec\.run was refused.*change spec\.run to try again/);
  fault.remove();
  const run = await again(world, { job_parameters: { other: null, day: "1" } }, "");
  world.workspace.runs.finish(run);
  assert.match(await requested(world, "True"), new RegExp(`Run ${run} succeeded`));
});

clusterTest("the result of a run that ended while no operator ran is not lost behind a newer run", async (world) => {
  const operator = await world.startOperator();
  const first = await withRun(world);
  await requested(world, "Unknown");
  await world.stopOperator(operator);
  world.workspace.runs.finish(first);
  const { status } = await world.get(KIND, "etl") ?? {};
  world.workspace.runs.start(String(status?.id));
  await world.startOperator();
  assert.match(await requested(world, "True"), new RegExp(`Run ${first} succeeded`));
}, { start: false });

clusterTest("a requested run that is repaired does not stay failed", async (world) => {
  const run = await withRun(world);
  world.workspace.runs.finish(run, "FAILED");
  await requested(world, "False");
  world.workspace.runs.repair(run);
  await requested(world, "Unknown");
  world.workspace.runs.finish(run);
  await requested(world, "True");
});

clusterTest("a requested run that somebody deletes gets no made-up result", async (world) => {
  const run = await withRun(world);
  await requested(world, "Unknown");
  world.workspace.runs.remove(run);
  const { status } = await world.get(KIND, "etl") ?? {};
  world.workspace.runs.finish(world.workspace.runs.start(String(status?.id)));
  await eventually("its end is unknown", async () => {
    const found = condition(await world.get(KIND, "etl"), "RunSucceeded");
    return (found?.reason === "HistoryExpired" && found.status === "Unknown") || problem(JSON.stringify(found));
  });
});
