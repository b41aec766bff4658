/** Ownership must be proven: the operator deletes nothing that belongs to others, and its advice works. */
import assert from "node:assert/strict";
import { baselineOf, clusterTest, eventually, job, manifest, notebook, problem, sweeps } from "../support/harness.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOB = "DatabricksJob";
const JOBS = "/jobs/list";
const SCOPE = "DatabricksSecretScope";
const TAG = "databricks-kube-operator";
const FINALIZER = "databricks-operator/external-resource";
const STRANGER = "00000000-0000-4000-8000-000000000000";
const RETAIN = ["deletion-policy", "retain"] as const;
/** Without ingest, existing resources have no object. */
const noIngest = { settings: { ingest: "false" } };

clusterTest(
  "a job that carries another object's tag is not deleted with the object that names its id",
  async (world) => {
    await world.apply(job("etl"));
    const id = String((await world.ready(JOB, "etl")).status?.id);
    world.workspace.jobs.edit(id, (settings) => void (settings.tags = { [TAG]: STRANGER }));
    await world.delete(JOB, "etl");
    await world.gone(JOB, "etl");
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
    assert.match(await world.event("etl", "Released"), new RegExp(`job ${id}.*${STRANGER}`));
  },
  noIngest,
);

clusterTest(
  "a predecessor's object does not delete another object's job that its spec names",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook(), tags: { [TAG]: STRANGER } });
    await world.create(withId("etl", id, {}, { finalizers: ["databricks-operator/remote_api_resource"] }));
    await world.delete(JOB, "etl");
    await world.startOperator();
    await world.gone(JOB, "etl");
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { ...noIngest, start: false },
);

clusterTest("following the advice leaves a job with a new tag to its new owner", async (world) => {
  await world.apply(job("etl"));
  const id = String((await world.ready(JOB, "etl")).status?.id);
  world.workspace.jobs.edit(id, (settings) => void (settings.tags = { [TAG]: STRANGER }));
  const { message } = await world.blocked(JOB, "etl", "OwnedByAnother");
  assert.match(message, /delete this object and create it again/);
  await world.delete(JOB, "etl");
  await world.gone(JOB, "etl");
  await world.apply(job("etl", { name: "etl-2" }));
  const again = await world.ready(JOB, "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [id, again.status?.id]);
}, noIngest);

clusterTest("the advice of WorkspaceChanged works, and leaves the old workspace's job alone", async (world) => {
  const other = new MockWorkspace();
  await world.startOperator({ workspaces: [world.workspace, other] });
  await world.apply(job("etl"));
  const { id } = (await world.ready(JOB, "etl")).status ?? {};
  await world.connect({ workspace: other, ...noIngest });
  const { message } = await world.blocked(JOB, "etl", "WorkspaceChanged");
  assert.match(message, /deletion-policy: retain.*delete.*create/);
  await world.annotate(JOB, "etl", ...RETAIN);
  await world.delete(JOB, "etl");
  await world.gone(JOB, "etl");
  await world.apply(job("etl"));
  await world.ready(JOB, "etl");
  assert.deepEqual([world.workspace.jobs.ids(), other.jobs.ids().length], [[id], 1]);
}, { ...noIngest, start: false });

clusterTest(
  "the advice about a name that another object holds does not delete that object's resource",
  async (world) => {
    await world.apply(scope("first"));
    await world.ready(SCOPE, "first");
    world.workspace.secrets.put("shared", "of-somebody", "x");
    await world.apply(scope("second"));
    const { message } = await world.blocked(SCOPE, "second", "AlreadyExists");
    assert.match(message, /adopt: "true" on this object.*deletion-policy: retain on that one.*delete that one/);
    await world.annotate(SCOPE, "second", "adopt", "true");
    await world.annotate(SCOPE, "first", ...RETAIN);
    await world.delete(SCOPE, "first");
    await world.gone(SCOPE, "first");
    await world.ready(SCOPE, "second");
    assert.deepEqual(world.workspace.secrets.keys("shared").map(({ key }) => key), ["of-somebody"]);
  },
  noIngest,
);

clusterTest(
  "the advice about an id that another object holds does not delete that object's resource",
  async (world) => {
    await world.apply(job("etl"));
    const id = String((await world.ready(JOB, "etl")).status?.id);
    await world.create(withId("heir", id, { name: "etl" }, { annotations: { "databricks-operator/adopt": "true" } }));
    const { message } = await world.blocked(JOB, "heir", "HeldByAnother");
    assert.match(message, /deletion-policy: retain on that object.*delete it/);
    await world.annotate(JOB, "etl", ...RETAIN);
    await world.delete(JOB, "etl");
    await world.gone(JOB, "etl");
    assert.equal((await world.ready(JOB, "heir")).status?.id, id);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  noIngest,
);

clusterTest(
  "the advice about a scope's immutable field warns that a deletion deletes all keys",
  async (world) => {
    await world.apply(scope("team"));
    await world.ready(SCOPE, "team");
    await world.apply(scope("team", "other"));
    const { message } = await world.blocked(SCOPE, "team", "Immutable");
    assert.match(message, /give .* to an object of another name/);
    assert.doesNotMatch(message, /delete this object and create it again$/);
    await world.apply(scope("team"));
    await world.apply(scope("other", "other"));
    await world.ready(SCOPE, "team");
    await world.ready(SCOPE, "other");
    assert.deepEqual(world.workspace.secrets.scopes().map(({ name }) => name).sort(), ["other", "shared"]);
  },
  noIngest,
);

clusterTest("a finalizer that was copied with a manifest neither takes over nor deletes a scope", async (world) => {
  world.workspace.secrets.addScope("shared");
  const copy = scope("copy");
  await world.create({ ...copy, metadata: { ...copy.metadata, finalizers: [FINALIZER] } });
  const { message } = await world.blocked(SCOPE, "copy", "AlreadyExists");
  assert.match(message, /adopt: "true"/);
  await world.delete(SCOPE, "copy");
  await world.gone(SCOPE, "copy");
  // Without an object nothing is listed any more.
  assert.deepEqual(world.workspace.secrets.scopes().length, 1);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, noIngest);

clusterTest("a resource that adopt names is not deleted with an object that never took it over", async (world) => {
  world.workspace.secrets.addScope("shared");
  const copy = scope("copy", "shared", { adopt: "true" });
  await world.create({ ...copy, metadata: { ...copy.metadata, finalizers: [FINALIZER] } });
  await world.delete(SCOPE, "copy");
  await world.startOperator();
  await world.gone(SCOPE, "copy");
  assert.deepEqual(world.workspace.secrets.scopes().length, 1);
}, { ...noIngest, start: false });

for (const [key, meant] of [["deletion-polcy", "deletion-policy"], ["adop", "adopt"], ["pause", "paused"]] as const) {
  clusterTest(`annotation ${key} stops all work, also a deletion, instead of having no effect`, async (world) => {
    await world.apply(job("etl"));
    const id = String((await world.ready(JOB, "etl")).status?.id);
    await world.annotate(JOB, "etl", key, "retain");
    const { message } = await world.blocked(JOB, "etl", "InvalidAnnotation");
    assert.match(message, new RegExp(`databricks-operator/${key}.*databricks-operator/${meant}`));
    await world.delete(JOB, "etl");
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
    await world.patch(JOB, "etl", { metadata: { annotations: { [`databricks-operator/${key}`]: null } } });
    await world.gone(JOB, "etl");
    assert.deepEqual(world.workspace.jobs.ids(), []);
  });
}

clusterTest("an object that follows a scope does not block the deletion of the scope by its owner", async (world) => {
  await world.apply(scope("team"));
  await world.ready(SCOPE, "team");
  await world.apply(scope("follower", "shared", { owner: "api" }));
  await world.ready(SCOPE, "follower");
  await world.delete(SCOPE, "team");
  await world.gone(SCOPE, "team");
  assert.deepEqual(world.workspace.secrets.scopes(), []);
  await world.gone(SCOPE, "follower");
});

for (const paused of [false, true]) {
  const state = paused ? "a paused object" : "an object";
  clusterTest(
    `a finalizer that a replace dropped from ${state} is restored before the next resync`,
    async (world) => {
      await world.apply(job("etl"));
      const { metadata, status } = await eventually("nothing is left to do", async () => {
        const object = await world.ready(JOB, "etl");
        return baselineOf(object)?.observed !== undefined && object;
      });
      if (paused) {
        await world.annotate(JOB, "etl", "paused", "true");
        await world.blocked(JOB, "etl", "Paused");
      }
      await world.patch(JOB, "etl", { metadata: { finalizers: null } });
      await eventually("the finalizer is back", async () => {
        const now = await world.get(JOB, "etl");
        return now?.metadata.finalizers?.includes(FINALIZER) || problem(JSON.stringify(now?.metadata));
      });
      assert.deepEqual(metadata.finalizers, [FINALIZER]);
      await world.delete(JOB, "etl");
      if (paused) await world.patch(JOB, "etl", { metadata: { annotations: { "databricks-operator/paused": null } } });
      await world.gone(JOB, "etl");
      assert.equal(world.workspace.jobs.get(String(status?.id)), undefined);
    },
    { settings: { default_requeue_interval: "300" } },
  );
}

function scope(name: string, named = "shared", annotations: Record<string, string> = {}): KubeObject {
  return manifest(SCOPE, name, { scope: { name: named } }, annotations);
}

/** A job whose manifest contains the id of a job in Databricks. */
function withId(
  name: string,
  id: string,
  settings: Record<string, unknown>,
  metadata: Partial<KubeObject["metadata"]> = {},
): KubeObject {
  const { spec, ...object } = job(name, settings);
  return {
    ...object,
    metadata: { ...object.metadata, ...metadata },
    spec: { job: { job_id: BigInt(id), ...(spec as { job: Record<string, unknown> }).job } },
  };
}

clusterTest("a job that got another object's tag since it was last seen is not run", async (world) => {
  await world.apply(job("etl"));
  const id = String((await world.ready(JOB, "etl")).status?.id);
  world.workspace.jobs.edit(id, (settings) => void (settings.tags = { [TAG]: STRANGER }));
  await world.patch(JOB, "etl", { spec: { run: { notebook_params: { day: "monday" } } } });
  await world.blocked(JOB, "etl", "OwnedByAnother");
  assert.equal(world.workspace.ledger.count("POST", "/jobs/run-now"), 0);
}, { settings: { ingest: "false", default_requeue_interval: "300" } });
