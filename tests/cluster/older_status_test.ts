/**
 * A status that goes back to an older one (a restore, `kubectl replace --subresource=status`): nothing is created, run
 * or kept twice.
 */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { type Status, unfold } from "../../src/reconcile/object/status.ts";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  pathOf,
  problem,
  secret,
  sweeps,
  type World,
} from "../support/harness.ts";

const JOB = "DatabricksJob";
const REPO = manifest("Repo", "x", {
  repository: { url: "https://github.com/a/b", provider: "gitHub", path: "/Shared/b" },
});
const QUIET = { ingest: "false" };
/** No sweep is due during a test. */
const SLOW = { ...QUIET, default_requeue_interval: "300" };
/** Longer than a test waits: nothing may be created again before. */
const UNSETTLED = { settleMs: 60_000, missMs: 200, baselineMs: 100, uninstallMs: 50, graceMs: 300, abandonMs: 500 };

async function setStatus(world: World, kind: string, name: string, status: unknown): Promise<void> {
  await world.kube.patch(pathOf(kind, world.namespace), name, { status }, { type: "merge", subresource: "status" });
}

async function statusOf(world: World, kind: string, name: string): Promise<Status> {
  return ((await world.get(kind, name))?.status ?? {}) as Status;
}

/** Repeats a call that got no answer, as if a server had completed it after its caller was gone. */
async function comesThrough({ workspace }: World, path: string): Promise<void> {
  const [call] = workspace.ledger.find("POST", path);
  const headers = { authorization: "Bearer token", "content-type": "application/json" };
  const url = `${workspace.host}${call?.path}`;
  const body = JSON.stringify(call?.body);
  assert.ok((await workspace.transport.send(new Request(url, { method: "POST", headers, body }))).ok);
}

const hanging: [string, string, KubeObject][] = [
  [JOB, "/jobs/create", job("x")],
  ["Repo", "/repos", REPO],
  ["DatabricksSecretScope", "/scopes/create", manifest("DatabricksSecretScope", "x", { scope: { name: "x" } })],
];

for (const [kind, path, object] of hanging) {
  clusterTest(
    `a ${kind} whose status is restored to an older one while its create hangs is not created twice`,
    async (world) => {
      const { ledger, faults } = world.workspace;
      await world.startOperator({ timings: UNSETTLED });
      const hung = faults.add({ match: new RegExp(`^POST .*${path}$`), hang: true, times: 1 });
      await world.apply(object);
      await eventually("the create hangs", () => hung.hits === 1);
      const { pending } = await statusOf(world, kind, "x");
      await setStatus(world, kind, "x", null);
      await eventually("the create is recognized", async () => {
        const status = await statusOf(world, kind, "x");
        return status.pending?.token === pending?.token || problem(JSON.stringify(status));
      });
      await comesThrough(world, path);
      await eventually("the created resource is bound", async () => {
        const status = await statusOf(world, kind, "x");
        return status.id !== undefined && status.pending === undefined || problem(JSON.stringify(status));
      });
      // The first hung, and the second is the repetition above.
      assert.equal(ledger.count("POST", path), 2);
    },
    {
      start: false,
      settings: { ...QUIET, default_timeout_seconds: "1" },
      // If nothing shows who made a Git folder, a person decides.
      mock: { doubts: { repoCreatorPermission: "direct" } },
    },
  );
}

for (const [kind, , object] of hanging) {
  clusterTest(
    `a ${kind} whose status is wiped is recognized immediately, without waiting for a sweep`,
    async (world) => {
      await world.apply(object);
      const { status } = await world.ready(kind, "x");
      world.workspace.ledger.clear();
      await setStatus(world, kind, "x", null);
      const again = await world.ready(kind, "x");
      assert.deepEqual([again.status?.id, again.status?.workspace], [status?.id, status?.workspace]);
      assert.equal(condition(again, "Synced")?.status, "True");
      assert.deepEqual(world.workspace.ledger.writes(), []);
    },
    { settings: SLOW },
  );
}

clusterTest("a rejected create does not count as pending when its status is restored", async (world) => {
  await world.startOperator({ timings: UNSETTLED });
  const body = { error_code: "INVALID_PARAMETER_VALUE", message: "no" };
  const fault = world.workspace.faults.add({ match: "jobs/create", status: 400, body });
  await world.apply(job("x"));
  await world.blocked(JOB, "x", "InvalidRequest");
  fault.remove();
  await setStatus(world, JOB, "x", null);
  await world.ready(JOB, "x");
}, { start: false, settings: SLOW });

clusterTest("a status from before a recreate does not leave the new job behind", async (world) => {
  const first = await world.startOperator();
  await world.apply(job("x"));
  const one = await madeAgain(world, "x");
  await world.stopOperator(first);
  await setStatus(world, JOB, "x", { id: one });
  await world.delete(JOB, "x");
  await world.startOperator();
  await world.gone(JOB, "x");
  assert.deepEqual(world.workspace.jobs.ids(), []);
}, { start: false, settings: QUIET });

clusterTest(
  "a person's clone of a job that is gone stays when the object is deleted, and an event says so",
  async (world) => {
    const { jobs } = world.workspace;
    const first = await world.startOperator();
    await world.apply(job("x"));
    const { status } = await world.ready(JOB, "x");
    const id = String(status?.id);
    await world.stopOperator(first);
    const clone = jobs.add(structuredClone(jobs.get(id)?.settings ?? {}), { creator: "person@example.com" });
    jobs.remove(id);
    await world.delete(JOB, "x");
    world.workspace.settle();
    await world.startOperator();
    await world.gone(JOB, "x");
    assert.deepEqual(jobs.ids(), [clone]);
    assert.match(await world.event("x", "Released"), new RegExp(`nothing proves that this object made job ${clone}`));
  },
  { start: false, settings: QUIET },
);

clusterTest("a repo at the path of another one is not reported as deleted", async (world) => {
  const { repos } = world.workspace;
  const first = await world.startOperator();
  await world.apply(REPO);
  const { status } = await world.ready("Repo", "x");
  await world.stopOperator(first);
  await setStatus(world, "Repo", "x", { id: "901" });
  await world.delete("Repo", "x");
  await world.startOperator();
  await world.gone("Repo", "x");
  assert.equal(repos.all().length, 1);
  assert.match(
    await world.event("x", "Released"),
    new RegExp(`nothing proves that this object made repo ${status?.id}`),
  );
}, { start: false, settings: QUIET });

/** Deletes an object's job in Databricks, and waits for the next one. */
async function madeAgain(world: World, name: string): Promise<string> {
  const one = String((await world.ready(JOB, name)).status?.id);
  world.workspace.jobs.remove(one);
  await eventually("it is created again", async () => {
    const { id, pending } = await statusOf(world, JOB, name);
    return id !== one && pending === undefined;
  });
  await world.ready(JOB, name);
  return one;
}

clusterTest("older conditions and an older baseline are replaced even if the id is the same", async (world) => {
  const { ledger, faults } = world.workspace;
  await world.apply(job("x"));
  await settled(world, "x");
  const body = { error_code: "INVALID_PARAMETER_VALUE", message: "no" };
  const fault = faults.add({ match: "jobs/reset", status: 400, body });
  await world.apply(job("x", { max_concurrent_runs: 5 }));
  await eventually("it is stalled", async () => condition(await world.get(JOB, "x"), "Stalled")?.status === "True");
  const { conditions, fingerprints } = await statusOf(world, JOB, "x");
  fault.remove();
  await world.apply(job("x", { max_concurrent_runs: 6 }));
  await settled(world, "x");
  ledger.clear();
  await setStatus(world, JOB, "x", { conditions, fingerprints });
  const object = await settled(world, "x");
  assert.equal(condition(object, "Stalled"), undefined);
  assert.deepEqual(ledger.writes(), []);
}, { settings: SLOW });

/** Waits until a job is Ready and the result of its last write was observed. */
async function settled(world: World, name: string): Promise<KubeObject> {
  return await eventually("it is settled", async () => {
    const object = await world.ready(JOB, name);
    return unfold(object.status as Status).baseline?.observed === undefined ? undefined : object;
  });
}

clusterTest(
  "an older status, from before spec.run was executed, runs nothing twice after a restart",
  async (world) => {
    const { ledger, runs } = world.workspace;
    const first = await world.startOperator();
    await world.apply(job("x"));
    const before = await statusOf(world, JOB, String((await settled(world, "x")).metadata.name));
    await world.patch(JOB, "x", { spec: { run: { job_parameters: { day: "1" } } } });
    const run = await eventually("it runs", async () => (await statusOf(world, JOB, "x")).run_request?.run_id);
    await world.ready(JOB, "x");
    await world.stopOperator(first);
    const { observedGeneration, conditions, fingerprints } = before;
    const lost = { run_request: null, latest_run: null, latest_run_state: null };
    await setStatus(world, JOB, "x", { ...lost, observedGeneration, conditions, fingerprints });
    await world.startOperator();
    await eventually("the run is known", async () => (await statusOf(world, JOB, "x")).run_request?.run_id === run);
    assert.equal(runs.list().length, 1);
    assert.equal(new Set(ledger.find("POST", "/run-now").map(({ body }) => tokenOf(body))).size, 1);
  },
  { start: false, settings: QUIET, mock: { doubts: { idempotencyTokenLife: "for ever" } } },
);

clusterTest("a run request that a status loses while the operator runs is not sent again", async (world) => {
  await world.apply(job("x"));
  await world.ready(JOB, "x");
  await world.patch(JOB, "x", { spec: { run: { job_parameters: { day: "1" } } } });
  const { run_request } = await eventually("it runs", async () => {
    const status = await statusOf(world, JOB, "x");
    return status.run_request?.run_id === undefined ? undefined : status;
  });
  await setStatus(world, JOB, "x", { run_request: null });
  const again = await eventually("it is restored", async () => (await statusOf(world, JOB, "x")).run_request);
  assert.deepEqual(again, run_request);
  assert.equal(world.workspace.ledger.count("POST", "/run-now"), 1);
}, { settings: SLOW });

clusterTest("the same run that is requested again later runs again, with another token", async (world) => {
  const { ledger, runs } = world.workspace;
  await world.apply(job("x"));
  await world.ready(JOB, "x");
  for (const count of [1, 2]) {
    await world.patch(JOB, "x", { spec: { run: { job_parameters: { day: "1" } } } });
    await eventually(`${count} runs`, () => runs.list().length === count || problem(String(runs.list().length)));
    await eventually("it is recorded", async () => (await statusOf(world, JOB, "x")).run_request?.run_id !== undefined);
    for (const { run_id } of runs.list()) runs.finish(String(run_id), "FAILED", "no such table");
    await world.patch(JOB, "x", { spec: { run: null } });
    await eventually("it is reverted", async () => (await statusOf(world, JOB, "x")).run_request === undefined);
  }
  assert.equal(new Set(ledger.find("POST", "/run-now").map(({ body }) => tokenOf(body))).size, 2);
}, { settings: SLOW });

function tokenOf(body: unknown): unknown {
  return (body as Record<string, unknown> | undefined)?.idempotency_token;
}

clusterTest("keys that are missing in a status are not reported as deleted", async (world) => {
  const { secrets } = world.workspace;
  const kind = "DatabricksSecret";
  const first = await world.startOperator();
  secrets.addScope("shared");
  await world.apply(secret("values", { a: "1", b: "2" }));
  await world.apply(manifest(kind, "none", { scope: "shared", secret_name: "values" }));
  await world.ready(kind, "none");
  secrets.addScope("other");
  await world.apply(manifest(kind, "some", { scope: "other", secret_name: "values" }));
  await world.ready(kind, "some");
  await world.stopOperator(first);
  await setStatus(world, kind, "none", null);
  await setStatus(world, kind, "some", { parts: { b: null } });
  await world.startOperator();
  await world.blocked(kind, "none", "AlreadyExists");
  await world.blocked(kind, "some", "AlreadyExists");
  for (const name of ["none", "some"]) {
    await world.delete(kind, name);
    await world.gone(kind, name);
  }
  const keys = (scope: string) => secrets.keys(scope).map(({ key }) => key);
  assert.deepEqual([keys("shared"), keys("other")], [["a", "b"], ["b"]]);
  const why = "its status names no key that it put";
  assert.equal(
    await world.event("none", "Released"),
    `Released: Released keys of shared, since ${why}: what is there stays in Databricks`,
  );
  assert.equal(await world.event("some", "Deleted"), "Deleted: Deleted keys of other: a");
}, { start: false, settings: QUIET });

/** Creates job x, stops the operator, and removes what its object knows of the job; returns the job's id. */
async function forgottenJob(world: World): Promise<string> {
  const operator = await world.startOperator();
  await world.apply(job("x"));
  const { status } = await world.ready(JOB, "x");
  await world.stopOperator(operator);
  await setStatus(world, JOB, "x", null);
  await world.patch(JOB, "x", { metadata: { finalizers: null } });
  return String(status?.id);
}

clusterTest(
  "a first create always searches for the job's tag, also if foreign tags do not hold creates",
  async (world) => {
    const id = await forgottenJob(world);
    world.workspace.settle();
    await world.startOperator();
    await world.ready(JOB, "x");
    await sweeps(world.workspace, "/jobs/list", 2);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { start: false, settings: { ...QUIET, hold_owned_by_unknown: "false" } },
);

clusterTest(
  "no job is created while lists fail, also if foreign tags do not hold creates",
  async (world) => {
    const id = await forgottenJob(world);
    const fault = world.workspace.faults.add({ match: "jobs/list", status: 500, body: {} });
    world.workspace.settle();
    await world.startOperator();
    await eventually("lists fail", () => fault.hits > 2);
    fault.remove();
    await world.ready(JOB, "x");
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { start: false, settings: { ...QUIET, hold_owned_by_unknown: "false" } },
);
