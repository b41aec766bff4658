/** Obstacles to starting or following a DatabricksRun: phase, reason and message name each. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, condition, eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";
import { phase, RUN as KIND, started } from "../support/run_objects.ts";

type Fields = Record<string, unknown>;

const OF_ETL = { job_ref: { name: "etl" } };

function run(name: string, spec: Fields): KubeObject {
  return manifest(KIND, name, spec);
}

async function withJob(world: World, settings: Fields = {}): Promise<string> {
  await world.apply(job("etl", settings));
  return String((await world.ready("DatabricksJob", "etl")).status?.id);
}

/** Waits until condition Succeeded has a status and a reason, in a phase, and returns its message. */
async function said(world: World, name: string, wanted: string): Promise<string> {
  return await eventually(`${name} is ${wanted}`, async () => {
    const object = await world.get(KIND, name);
    const succeeded = condition(object, "Succeeded");
    const now = `${object?.status?.phase} ${succeeded?.status} ${succeeded?.reason}`;
    return now === wanted ? succeeded?.message ?? "" : problem(`${now} ${succeeded?.message}`);
  });
}

function runsOf({ workspace }: World): number {
  return workspace.runs.list().length;
}

clusterTest(
  "a run whose job is missing is Pending with the reason, and starts when the job exists",
  async (world) => {
    await world.apply(run("early", OF_ETL));
    assert.match(await said(world, "early", "Pending Unknown ReferenceNotReady"), /DatabricksJob "etl"/);
    await withJob(world);
    await started(world, "early");
    assert.equal(runsOf(world), 1);
  },
);

clusterTest("a run of a job id that Databricks does not know is Pending, and starts no other job", async (world) => {
  await world.apply(run("lost", { job_id: 404404404404 }));
  const message = await eventually("it says why", async () => {
    const object = await world.get(KIND, "lost");
    const { status, message = "" } = condition(object, "Succeeded") ?? {};
    return object?.status?.phase === "Pending" && status === "Unknown" && /404404404404/.test(message)
      ? message
      : problem(JSON.stringify(object?.status));
  });
  assert.match(message, /Cannot start run "lost": .*does not exist|doesn't exist/);
  assert.equal(runsOf(world), 0);
});

clusterTest(
  "a run with rejected parameters fails, and is not started later",
  async (world) => {
    await withJob(world);
    await world.apply(run("wrong", { ...OF_ETL, job_parameters: { nope: "1" } }));
    const message = await said(world, "wrong", "Failed False RunRefused");
    assert.match(message, /nope.*; create another DatabricksRun to try again$/);
    const object = await world.get(KIND, "wrong");
    const now = ["Complete", "Failed", "Ready", "Stalled", "Synced"].map((type) =>
      `${type}=${condition(object, type)?.status}`
    );
    assert.deepEqual(now, ["Complete=False", "Failed=True", "Ready=False", "Stalled=True", "Synced=False"]);
    assert.match(await world.event("wrong", "RunRefused"), /nope/);
    await world.apply(job("etl", { parameters: [{ name: "nope", default: "" }] }));
    await world.patch(KIND, "wrong", { metadata: { labels: { touched: "yes" } }, spec: { suspend: false } });
    await world.apply(run("right", { ...OF_ETL, job_parameters: { nope: "1" } }));
    await started(world, "right");
    assert.equal(runsOf(world), 1);
    const { metadata } = await world.get(KIND, "wrong") ?? {};
    const failed = condition(await world.get(KIND, "wrong"), "Failed");
    assert.deepEqual([failed?.status, failed?.observedGeneration], ["True", metadata?.generation]);
    await world.delete(KIND, "wrong");
    await world.gone(KIND, "wrong");
  },
  { mock: { doubts: { unknownJobParameter: "refused" } } },
);

clusterTest(
  "undeclared parameters that Databricks accepts are used",
  async (world) => {
    await withJob(world);
    await world.apply(run("wrong", { ...OF_ETL, job_parameters: { nope: "1" } }));
    const id = await started(world, "wrong");
    assert.deepEqual(world.workspace.runs.get(id)?.overrides.job_parameters, { nope: "1" });
  },
  { mock: { doubts: { unknownJobParameter: "taken" } } },
);

clusterTest(
  "a run of a continuous job is Pending with a remedy, and starts when the job is paused",
  async (world) => {
    await withJob(world, { continuous: { pause_status: "UNPAUSED" } });
    await world.apply(run("of-stream", OF_ETL));
    assert.match(await said(world, "of-stream", "Pending Unknown ContinuousJob"), /pause it, or delete this object/);
    assert.equal(runsOf(world), 0);
    await world.apply(job("etl", { continuous: { pause_status: "PAUSED" } }));
    await started(world, "of-stream");
  },
);

clusterTest(
  "a run beyond max_concurrent_runs is Skipped with Databricks' code, and is not started again",
  async (world) => {
    const id = await withJob(world, { queue: { enabled: false } });
    world.workspace.runs.start(id);
    await world.apply(run("second", OF_ETL));
    assert.match(await said(world, "second", "Skipped False RunSkipped"), /was skipped: MAX/);
    assert.equal(runsOf(world), 2);
  },
);

clusterTest("a queued run says why, and runs when there is capacity", async (world) => {
  const id = await withJob(world, { queue: { enabled: true } });
  const first = world.workspace.runs.start(id);
  await world.apply(run("second", OF_ETL));
  assert.match(await said(world, "second", "Queued Unknown Queued"), /is queued/);
  world.workspace.runs.finish(first);
  world.workspace.runs.finish(await started(world, "second"));
  await phase(world, "second", "Succeeded");
});

clusterTest(
  "a workspace without capacity keeps a run Pending, and it starts once when there is some",
  async (world) => {
    await withJob(world);
    const body = { error_code: "REQUEST_LIMIT_EXCEEDED", message: "The workspace has too many active runs" };
    const limit = world.workspace.faults.add({ match: "run-now", status: 429, body, headers: { "retry-after": "1" } });
    await world.apply(run("full", OF_ETL));
    assert.match(await said(world, "full", "Pending Unknown RateLimited"), /too many active runs/);
    limit.remove();
    await started(world, "full");
    assert.equal(runsOf(world), 1);
  },
);

clusterTest("an active run that a person deletes is Unknown, and is not replaced", async (world) => {
  await withJob(world);
  await world.apply(run("gone", OF_ETL));
  world.workspace.runs.remove(await started(world, "gone"));
  const message = await said(world, "gone", "Unknown Unknown HistoryExpired");
  assert.match(message, /create another DatabricksRun to run again/);
  const object = await world.get(KIND, "gone");
  assert.deepEqual([condition(object, "Failed")?.status, condition(object, "Stalled")?.status], ["True", "True"]);
  assert.equal(runsOf(world), 0);
});

clusterTest("a run without credentials says so, and is followed to its end when they are back", async (world) => {
  await withJob(world);
  await world.apply(run("blind", OF_ETL));
  const id = await started(world, "blind");
  const { data } = await world.get("Secret", "databricks-api-secret") ?? {};
  await world.delete("Secret", "databricks-api-secret");
  await eventually("it says so", async () => {
    const object = await world.get(KIND, "blind");
    const { status, reason } = condition(object, "Succeeded") ?? {};
    return (status === "Unknown" && reason === "CredentialsMissing" && object?.status?.run_id === id) ||
      problem(JSON.stringify(object?.status));
  });
  world.workspace.runs.finish(id);
  await world.apply({ ...secret("databricks-api-secret", {}), ...(data === undefined ? {} : { data }) });
  await phase(world, "blind", "Succeeded");
});

clusterTest("a repair that is requested during an outage is started after it", async (world) => {
  await withJob(world);
  await world.apply(run("broken", OF_ETL));
  const id = await started(world, "broken");
  world.workspace.runs.finish(id, "FAILED");
  await phase(world, "broken", "Failed");
  const away = world.workspace.faults.add({ match: "/jobs/runs/get", status: 503, body: {} });
  await world.patch(KIND, "broken", { spec: { repair: { attempt: 1 } } });
  await eventually("a pass has failed", async () => {
    const object = await world.get(KIND, "broken");
    const synced = condition(object, "Synced");
    const isTold = synced?.reason === "Unavailable" && synced.observedGeneration === object?.metadata.generation;
    return isTold || problem(JSON.stringify(object?.status));
  });
  away.remove();
  await phase(world, "broken", "Repairing");
  assert.equal(world.workspace.runs.get(id)?.repairs.length, 1);
});
