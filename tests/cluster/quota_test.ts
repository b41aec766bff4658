/** The operator's use of the API quota: the number of calls, and of writes to Kubernetes. */
import assert from "node:assert/strict";
import { Informer } from "../../src/kubernetes/watch/informer.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { defaultTimings } from "../../src/reconcile/pass/context.ts";
import { baselineOf, clusterTest, eventually, job, pathOf, problem, sweeps, type World } from "../support/harness.ts";

/** No sweep or poll is due during a test. */
const SLOW = { default_requeue_interval: "3600", status_poll_interval: "3600" };
const LISTS = /\/(jobs\/list|git-credentials|repos|scopes\/list|runs\/list)$/;

async function allReady(world: World, count: number): Promise<void> {
  await eventually(`${count} jobs are Ready`, async () => {
    const objects = await world.list("DatabricksJob");
    const ready = objects.filter(({ status }) =>
      (status?.conditions as { type: string; status: string }[] | undefined)?.some(({ type, status }) =>
        type === "Ready" && status === "True"
      )
    );
    return ready.length === count || problem(`${ready.length} are`);
  });
}

/** Waits until the results of all writes were observed, so that nothing is left to do. */
async function allObserved(world: World): Promise<void> {
  await eventually("every baseline was observed", async () => {
    const objects = await world.list("DatabricksJob");
    return objects.every((object) => baselineOf(object)?.observed !== undefined);
  });
}

clusterTest("fifty new jobs cost a call each, and a few lists", async (world) => {
  // With the default timings: the number of lists must not depend on the speed of the machine.
  await world.startOperator({ timings: defaultTimings });
  const jobs = Array.from({ length: 50 }, (_, index) => job(`job-${index}`));
  await Promise.all(jobs.map((object) => world.apply(object)));
  await allReady(world, 50);
  await allObserved(world);
  const { ledger } = world.workspace;
  assert.equal(ledger.count("POST", "/jobs/create"), 50);
  assert.equal(ledger.writes().length, 50);
  assert.ok(ledger.calls.length <= 60, JSON.stringify(ledger.counts()));
}, { settings: SLOW, start: false, mock: { doubts: { listLag: "none" } } });

clusterTest("an update and a repair are one write each, a deletion four calls", async (world) => {
  await world.apply(job("etl", { max_concurrent_runs: 1 }));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await allObserved(world);
  const { ledger } = world.workspace;

  ledger.clear();
  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  await world.ready("DatabricksJob", "etl");
  await allObserved(world);
  assert.deepEqual(ledger.writes().map(({ path }) => path), ["/api/2.2/jobs/reset"]);
  // The check of the tag, the update, and the observation of its result.
  assert.ok(ledger.calls.length <= 3, JSON.stringify(ledger.counts()));

  ledger.clear();
  world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
  world.workspace.settle();
  // Causes a sweep, as its interval would.
  await world.configure({ ...SLOW, default_requeue_interval: "3601" });
  await world.event("etl", "DriftCorrected");
  await allObserved(world);
  assert.deepEqual(ledger.writes().map(({ path }) => path), ["/api/2.2/jobs/reset"]);

  ledger.clear();
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  // The check of the tag, the deletion, the get that misses it, and the list that confirms the get.
  assert.ok(ledger.calls.length <= 4, JSON.stringify(ledger.counts()));
}, { settings: SLOW, mock: { doubts: { listLag: "none" } } });

clusterTest("repairs let a user's calls pass first, and an edit is such a call", async (world) => {
  const metrics = new Metrics();
  await world.startOperator({ metrics });
  const passed = async (priority: string) => {
    const line = new RegExp(`^databricks_api_limiter_wait_seconds_count\\{priority="${priority}"\\} (\\d+)$`, "m");
    return Number((await metrics.text()).match(line)?.[1] ?? 0);
  };
  await world.apply(job("etl", { max_concurrent_runs: 1 }));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await allObserved(world);
  const { ledger } = world.workspace;

  const high = await passed("high");
  world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
  world.workspace.settle();
  await world.configure({ ...SLOW, default_requeue_interval: "3601" });
  await world.event("etl", "DriftCorrected");
  await allObserved(world);
  assert.equal(ledger.writes().length, 2, "the create and the repair");
  assert.equal(await passed("high"), high);
  assert.equal(high + await passed("low"), ledger.calls.length);

  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  await world.ready("DatabricksJob", "etl");
  assert.equal(await passed("high"), high + 2, "the check of its tag, and the update");
}, { start: false, settings: SLOW });

clusterTest("watching quiet jobs costs only lists, as many for fifty as for one", async (world) => {
  const one = await callsOfSweeps(world, 1);
  const fifty = await callsOfSweeps(world, 50);
  assert.deepEqual(Object.keys(fifty).filter((call) => !LISTS.test(call)), []);
  assert.deepEqual(Object.keys(fifty), Object.keys(one));
  assert.ok((fifty["GET /api/2.2/jobs/list"] ?? 0) <= 6, JSON.stringify(fifty));
});

/** Creates jobs, and counts the calls of three sweeps after everything is done. */
async function callsOfSweeps(world: World, count: number): Promise<Record<string, number>> {
  for (let index = 0; index < count; index++) await world.apply(job(`job-${index}`));
  await allReady(world, count);
  await allObserved(world);
  await sweeps(world.workspace, "/jobs/list", 3);
  world.workspace.ledger.clear();
  await sweeps(world.workspace, "/jobs/list", 3);
  const counts = world.workspace.ledger.counts();
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a < b ? -1 : 1));
}

clusterTest(
  "a sweep costs a call per hundred jobs of the workspace, and a poll of runs one per 24 active ones",
  async (world) => {
    const { jobs, runs, ledger } = world.workspace;
    const ids = Array.from({ length: 250 }, (_, index) => jobs.add({ name: `foreign-${index}` }));
    for (const id of ids.slice(0, 50)) runs.start(id);
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    await allObserved(world);
    await shows(world, "NO_RUNS");
    await settingsSweep(world, "3601", 3 + 1);
    ledger.clear();
    await settingsSweep(world, "3602", 3 + 3);
    const counts = ledger.counts();
    assert.equal(counts["GET /api/2.2/jobs/list"], 3);
    assert.equal(
      counts["GET /api/2.2/jobs/runs/list"],
      3 + 3,
      "three pages of active runs, and those since the last poll",
    );
    assert.deepEqual(Object.keys(counts).filter((call) => !LISTS.test(call)), []);
  },
  { settings: { ...SLOW, ingest: "false" }, mock: { doubts: { emptyPages: "never" } } },
);

/** Changes the settings, which causes one sweep and poll of everything. */
async function settingsSweep(world: World, interval: string, polls: number): Promise<void> {
  const { ledger } = world.workspace;
  const before = [ledger.count("GET", "/jobs/list"), ledger.count("GET", "/runs/list")];
  await world.configure({ ...SLOW, ingest: "false", default_requeue_interval: interval });
  await eventually("everything was swept and polled", () => {
    const [lists, runs] = [ledger.count("GET", "/jobs/list"), ledger.count("GET", "/runs/list")];
    const isDone = lists >= (before[0] ?? 0) + 3 && runs >= (before[1] ?? 0) + polls;
    return isDone || problem(JSON.stringify(ledger.counts()));
  });
}

clusterTest("rewriting unchanged settings and credentials costs nothing", async (world) => {
  const secrets = (name: string) => ({ group: "", version: "v1", plural: name, namespace: world.namespace });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await allObserved(world);
  const { ledger } = world.workspace;
  ledger.clear();
  const touched = { metadata: { annotations: { "example.com/touched": "true" } } };
  await world.kube.patch(secrets("secrets"), "databricks-api-secret", touched);
  await world.kube.patch(secrets("configmaps"), "databricks-kube-operator", touched);
  // The edit's call is the first one: the operator has seen all earlier changes before.
  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  await eventually("the edit is in Databricks", () => ledger.count("POST", "/jobs/reset") === 1);
  await allObserved(world);
  // The observation of the edit's result may or may not have happened yet.
  const { "GET /api/2.2/jobs/get": _look, ...calls } = ledger.counts();
  assert.deepEqual(calls, { "POST /api/2.2/jobs/reset": 1 });
}, { settings: SLOW });

clusterTest("a restart with fifty jobs costs at most ten calls and no write", async (world) => {
  const first = await world.startOperator();
  await Promise.all(Array.from({ length: 50 }, (_, index) => world.apply(job(`job-${index}`))));
  await allReady(world, 50);
  await allObserved(world);
  await world.stopOperator(first);
  const { ledger } = world.workspace;
  ledger.clear();
  const before = versions(await world.list("DatabricksJob"));
  const second = await world.startOperator();
  await sweeps(world.workspace, "/jobs/list", 1);
  await world.apply(job("new"));
  await world.ready("DatabricksJob", "new");
  await world.stopOperator(second);
  const counts = ledger.counts();
  assert.equal(ledger.writes().length, 1, "the new job's create");
  assert.ok(ledger.calls.length - 1 <= 10, JSON.stringify(counts));
  const after = versions((await world.list("DatabricksJob")).filter(({ metadata }) => metadata.name !== "new"));
  assert.deepEqual(after, before);
}, { start: false, settings: SLOW });

function versions(objects: { metadata: { name?: string; resourceVersion?: string } }[]): Record<string, string> {
  return Object.fromEntries(objects.map(({ metadata }) => [metadata.name ?? "", metadata.resourceVersion ?? ""]));
}

clusterTest("a whole run costs at most three writes to Kubernetes", async (world) => {
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await allObserved(world);
  await shows(world, "NO_RUNS");
  let writes = -1;
  const informer = new Informer({
    client: world.kube,
    path: pathOf("DatabricksJob", world.namespace),
    onChange: () => void writes++,
  });
  informer.start();
  await informer.synced;
  const runId = world.workspace.runs.start(id);
  await shows(world, "RUNNING");
  world.workspace.runs.finish(runId, "SUCCESS", "");
  await shows(world, "TERMINATED");
  await sweeps(world.workspace, "/runs/list", 4);
  await informer.stop();
  assert.ok(writes >= 1 && writes <= 3, `${writes} writes`);
});

async function shows(world: World, state: string): Promise<void> {
  await eventually(`the status shows ${state}`, async () => {
    const status = (await world.get("DatabricksJob", "etl"))?.status;
    return (status?.latest_run_state as { life_cycle_state?: string } | undefined)?.life_cycle_state === state;
  });
}
