/** Annotation `sync`, and the command that sets it: the operator looks now, once per text, and reports that. */
import assert from "node:assert/strict";
import type { SyncRequest } from "../../src/reconcile/object/status.ts";
import { command } from "../support/command.ts";
import { clusterTest, condition, eventually, job, manifest, problem, type World } from "../support/harness.ts";
import { planOf, settled, writes } from "../support/plans.ts";

const KIND = "DatabricksJob";
/** No second sweep or poll is due during a test. */
const SELDOM = { settings: { ingest: "false", default_requeue_interval: "3600", status_poll_interval: "3600" } };

/** Waits until a sync request was handled. */
async function handled(world: World, name: string, text: string): Promise<SyncRequest> {
  return await eventually<SyncRequest>(`sync ${text} of ${name} is handled`, async () => {
    const object = await world.get(KIND, name);
    const request = object?.status?.sync_request as SyncRequest | undefined;
    return request !== undefined && request.text === text ? request : problem(JSON.stringify(object?.status));
  });
}

clusterTest(
  "with annotation sync drift is reverted immediately, not at the next sweep",
  async (world) => {
    await world.apply(job("etl", { timeout_seconds: 60 }));
    const { status } = await settled(world, "etl");
    const id = String(status?.id);
    world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
    await world.annotate(KIND, "etl", "sync", "now");
    const { at } = await handled(world, "etl", "now");
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 600_000, at);
    assert.equal(world.workspace.jobs.get(id)?.settings.timeout_seconds, 60);
    assert.match(await world.event("etl", "DriftCorrected"), /timeout_seconds/);
  },
  SELDOM,
);

clusterTest("a sync request is one get, and is not repeated while its text is the same", async (world) => {
  await world.apply(job("etl"));
  await settled(world, "etl");
  await eventually("no more requests are sent", async () => {
    const before = world.workspace.ledger.calls.length;
    await world.annotate(KIND, "etl", "deletion-policy", before % 2 === 0 ? "retain" : "delete");
    await world.ready(KIND, "etl");
    const asked = world.workspace.ledger.calls.slice(before);
    return asked.length === 0 ? true : problem(asked.map(({ path }) => path).join());
  });
  world.workspace.ledger.clear();
  await world.annotate(KIND, "etl", "sync", "one");
  await handled(world, "etl", "one");
  const gets = () => world.workspace.ledger.calls.filter(({ path }) => path.endsWith("/jobs/get")).length;
  assert.equal(gets(), 1);
  await world.annotate(KIND, "etl", "deletion-policy", "delete");
  await world.annotate(KIND, "etl", "sync", "two");
  await handled(world, "etl", "two");
  assert.equal(gets(), 2);
  assert.deepEqual(writes(world), []);
}, SELDOM);

clusterTest("a sync request also reads permissions, with a separate call", async (world) => {
  const permissions = [{ group_name: "eng", level: "CAN_VIEW" }];
  const spec = { job: { settings: { name: "etl", tasks: [] } }, permissions };
  await world.apply(manifest(KIND, "etl", spec));
  const { status } = await settled(world, "etl");
  const reads = () =>
    world.workspace.ledger.calls.filter(({ method, path }) =>
      method === "GET" && path === `/api/2.0/permissions/jobs/${status?.id}`
    ).length;
  // The operator reads nothing right after its own writes, and a new process has not written anything.
  await world.stopOperators();
  world.workspace.ledger.clear();
  await world.startOperator();
  await eventually("the permissions are read once", () => reads() === 1 ? true : problem(String(reads())));
  await world.ready(KIND, "etl");
  await world.annotate(KIND, "etl", "sync", "now");
  await handled(world, "etl", "now");
  assert.equal(reads(), 2);
}, SELDOM);

clusterTest("a sync request is not reported as handled before a look", async (world) => {
  await world.apply(job("etl"));
  await settled(world, "etl");
  await world.annotate(KIND, "etl", "paused", "true");
  await world.annotate(KIND, "etl", "sync", "now");
  await eventually("it is paused", async () => condition(await world.get(KIND, "etl"), "Synced")?.reason === "Paused");
  assert.equal((await world.get(KIND, "etl"))?.status?.sync_request, undefined);
  await world.annotate(KIND, "etl", "paused", null);
  await handled(world, "etl", "now");
}, SELDOM);

clusterTest("a sync request refreshes a waiting plan, and writes nothing", async (world) => {
  await world.apply(job("etl", { timeout_seconds: 60 }));
  const { status } = await settled(world, "etl");
  await world.annotate(KIND, "etl", "apply", "on-approval");
  await settled(world, "etl");
  world.workspace.ledger.clear();
  world.workspace.jobs.edit(String(status?.id), (settings) => void (settings.timeout_seconds = 99));
  await world.annotate(KIND, "etl", "sync", "now");
  await handled(world, "etl", "now");
  const { changes } = await planOf(world, "etl");
  assert.deepEqual(changes, [{ path: "timeout_seconds", from: "99", to: "60", reason: "drift" }]);
  assert.deepEqual(writes(world), []);
}, SELDOM);

clusterTest("the command sync sets the annotation, waits, and prints the result", async (world) => {
  await world.apply(job("etl", { timeout_seconds: 60 }));
  const { status } = await settled(world, "etl");
  world.workspace.jobs.edit(String(status?.id), (settings) => void (settings.timeout_seconds = 99));
  const { code, out, err } = await command(world, ["sync", "dbj/etl"]);
  assert.equal(err, "");
  assert.match(out, /^DatabricksJob .*\/etl: job \d+ matches the manifest$/m);
  assert.equal(code, 0);
  assert.equal(world.workspace.jobs.get(String(status?.id))?.settings.timeout_seconds, 60);
  await world.annotate(KIND, "etl", "paused", "true");
  const paused = await command(world, ["sync", "dbj/etl"]);
  assert.equal(paused.code, 2);
  assert.match(paused.err, /^DatabricksJob .*\/etl is paused: remove annotation databricks-operator\/paused$/m);
  const missing = await command(world, ["sync", "dbj/nowhere"]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /databricksjobs.* "[^"]*\/nowhere".*404/);
  await world.stopOperators();
  await world.annotate(KIND, "etl", "paused", null);
  const nobody = await command(world, ["sync", "dbj/etl", "--timeout", "1"]);
  assert.equal(nobody.code, 2);
  assert.match(nobody.err, /nobody looked at DatabricksJob .*\/etl within 1 s: is an operator running/);
  const { metadata: { annotations = {} } = {} } = await world.get(KIND, "etl") ?? {};
  assert.equal(
    annotations["databricks-operator/sync"],
    undefined,
    "nothing is left that an older operator would reject",
  );
}, SELDOM);
