/** Manifests that were applied before, for objects that are gone or in another cluster, create nothing twice. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, pathOf, problem, sweeps, type World } from "../support/harness.ts";

const JOB = "DatabricksJob";
const JOBS = "/jobs/list";
const REASON = "OwnedByUnknown";
const quiet = { ingest: "false" };

clusterTest(
  "a manifest that is applied again after an uninstall with its CRD creates no second job",
  async (world) => {
    const { id, uid } = await leftBehind(world);
    await world.apply(job("etl"));
    const { message } = await world.blocked(JOB, "etl", REASON);
    assert.match(message, new RegExp(`job ${id} .*${uid}.*adopt: "${uid}"`));
    await sweeps(world.workspace, JOBS, 3);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    assert.equal((await world.events("etl")).filter((event) => event.startsWith(REASON)).length, 1);
    await world.annotate(JOB, "etl", "adopt", uid);
    assert.equal((await world.ready(JOB, "etl")).status?.id, id);
    await world.apply(job("etl", { max_concurrent_runs: 4 }, { adopt: uid }));
    await eventually("it is managed again", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 4);
    await world.delete(JOB, "etl");
    await world.gone(JOB, "etl");
    assert.deepEqual(world.workspace.jobs.ids(), []);
  },
  { start: false, settings: quiet },
);

clusterTest("a held object does not block its job's name for another one", async (world) => {
  const { id } = await leftBehind(world);
  await world.apply(job("etl"));
  await world.blocked(JOB, "etl", REASON);
  await world.apply(job("etl", { name: "etl of this cluster" }));
  const { status } = await world.ready(JOB, "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [id, status?.id]);
}, { start: false, settings: quiet });

clusterTest("deleting a held object leaves the job alone", async (world) => {
  const { id } = await leftBehind(world);
  await world.apply(job("etl"));
  await world.blocked(JOB, "etl", REASON);
  await world.delete(JOB, "etl");
  await world.gone(JOB, "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}, { start: false, settings: quiet });

clusterTest("if the setting turns the hold off, a second job is created", async (world) => {
  const { id } = await leftBehind(world);
  await world.apply(job("etl"));
  await world.blocked(JOB, "etl", REASON);
  await world.configure({ ...quiet, hold_owned_by_unknown: "false" });
  const { status } = await world.ready(JOB, "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [id, status?.id]);
}, { start: false, settings: quiet });

clusterTest("holding fifty objects, or letting them pass, costs no call per object", async (world) => {
  const tags = { "databricks-kube-operator": "00000000-0000-4000-8000-000000000000" };
  const names = Array.from({ length: 50 }, (_, index) => `etl-${index}`);
  for (const name of names.slice(0, 25)) world.workspace.jobs.add({ name, tags });
  for (const name of names) await world.create(job(name));
  await world.startOperator();
  for (const name of names.slice(0, 25)) await world.blocked(JOB, name, REASON);
  for (const name of names.slice(25)) await world.ready(JOB, name);
  assert.equal(world.workspace.jobs.ids().length, 50);
  const lists = world.workspace.ledger.count("GET", JOBS);
  assert.ok(lists <= 10, `${lists} lists`);
}, { start: false, settings: { ...quiet, default_requeue_interval: "300" } });

clusterTest("a job of the same name of a known object holds nothing", async (world) => {
  await world.apply(job("one", { name: "etl" }));
  await world.ready(JOB, "one");
  await sweeps(world.workspace, JOBS, 2);
  await world.apply(job("two", { name: "etl" }));
  await world.ready(JOB, "two");
  assert.equal(world.workspace.jobs.ids().length, 2);
});

clusterTest("nothing is created while it is unknown whether it already exists", async (world) => {
  await leftBehind(world, { end: false });
  const fault = world.workspace.faults.add({ match: /GET .*jobs\/list/, status: 503 });
  await world.startOperator();
  await world.apply(job("etl"));
  await world.blocked(JOB, "etl", "Unavailable");
  assert.deepEqual(world.workspace.ledger.writes(), []);
  fault.remove();
  await world.blocked(JOB, "etl", REASON);
}, { start: false, settings: quiet });

clusterTest("an object that is restored to its state before the first pass creates no second job", async (world) => {
  const first = await world.startOperator();
  await world.apply(job("etl"));
  const { status } = await world.ready(JOB, "etl");
  await world.stopOperator(first);
  const path = pathOf(JOB, world.namespace);
  await world.kube.patch(path, "etl", { status: null }, { type: "merge", subresource: "status" });
  await world.patch(JOB, "etl", { metadata: { finalizers: null } });
  world.workspace.ledger.clear();
  world.workspace.settle();
  await world.startOperator();
  assert.equal((await world.ready(JOB, "etl")).status?.id, status?.id);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, { start: false, settings: quiet });

clusterTest(
  "an object that is removed without its finalizer between two sweeps and applied again creates no second job",
  async (world) => {
    const { id, uid } = await tornOff(world);
    await world.apply(job("etl"));
    await world.blocked(JOB, "etl", REASON);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
    await world.annotate(JOB, "etl", "adopt", uid);
    assert.equal((await world.ready(JOB, "etl")).status?.id, id);
  },
  { settings: { ...quiet, default_requeue_interval: "300" } },
);

clusterTest("an object removed without its finalizer holds no create when its job is also gone", async (world) => {
  const { id } = await tornOff(world);
  world.workspace.jobs.remove(id);
  await world.apply(job("etl"));
  const { status } = await world.ready(JOB, "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [status?.id]);
}, { settings: { ...quiet, default_requeue_interval: "300" } });

/** Creates a job whose object was removed while the operator ran, since its last sweep. */
async function tornOff(world: World): Promise<{ id: string; uid: string }> {
  await world.apply(job("etl"));
  const { metadata: { uid = "" }, status } = await world.ready(JOB, "etl");
  // While the object is paused, the operator deletes nothing.
  await world.annotate(JOB, "etl", "paused", "true");
  await world.delete(JOB, "etl");
  await world.patch(JOB, "etl", { metadata: { finalizers: null } });
  await world.gone(JOB, "etl");
  world.workspace.settle();
  return { id: String(status?.id), uid };
}

/**
 * Creates a job whose object is gone, as after its CRD was deleted, or in another cluster; then starts another
 * operator.
 */
async function leftBehind(world: World, { end = true } = {}): Promise<{ id: string; uid: string }> {
  const operator = await world.startOperator();
  await world.apply(job("etl"));
  const { metadata: { uid = "" }, status } = await world.ready(JOB, "etl");
  await world.stopOperator(operator);
  await world.patch(JOB, "etl", { metadata: { finalizers: null } });
  await world.delete(JOB, "etl");
  await eventually(
    "the object is gone",
    async () => await world.get(JOB, "etl") === undefined || problem("it exists"),
  );
  // A resource that a list does not show yet cannot hold anything.
  world.workspace.settle();
  world.workspace.ledger.clear();
  if (end) await world.startOperator();
  return { id: String(status?.id), uid };
}
