/** A pipeline's life. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, manifest, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksPipeline";
const PATH = "/api/2.0/pipelines";

const pipeline = (more: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) =>
  manifest(KIND, "orders", {
    pipeline: { catalog: "Main", schema: "sales", libraries: [{ notebook: { path: "/Shared/orders" } }], ...more },
    ...spec,
  });

type Told = Record<string, unknown> & { spec: Record<string, unknown> };

function only(world: World): Told {
  const all = world.workspace.kinds.pipelines.all();
  assert.equal(all.length, 1, JSON.stringify(all));
  return all[0] as Told;
}

clusterTest("a pipeline is created, repaired and edited; defaults and our tag are not drift", async (world) => {
  const { pipelines } = world.workspace.kinds;
  await world.apply(pipeline({ tags: { team: "data" }, continuous: false }));
  const { status, metadata } = await world.ready(KIND, "orders");
  const id = String(status?.id);
  assert.equal(only(world).name, "orders", "metadata.name is the name");
  assert.deepEqual(only(world).spec.tags, { team: "data", "databricks-kube-operator": metadata.uid });
  world.workspace.ledger.clear();
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  pipelines.edit(id, { development: true });
  await world.event("orders", "DriftCorrected");
  assert.equal(only(world).spec.development, undefined);
  await world.apply(pipeline({ edition: "core" }));
  await world.event("orders", "Updated");
  assert.equal(only(world).spec.edition, "core");
  assert.deepEqual(only(world).spec.tags, { "databricks-kube-operator": metadata.uid });
});

for (const deletedPipeline of ["404", "state DELETED"] as const) {
  clusterTest(
    `a pipeline stays with its tables, unless the manifest deletes both: ${deletedPipeline}`,
    async (world) => {
      const { pipelines } = world.workspace.kinds;
      await world.apply(pipeline());
      const id = String((await world.ready(KIND, "orders")).status?.id);
      await world.delete(KIND, "orders");
      await world.gone(KIND, "orders");
      assert.notEqual(pipelines.get(id), undefined, "it is retained");
      assert.deepEqual(only(world).spec.tags, undefined, "without our tag");
      assert.deepEqual(only(world).spec.catalog, "main");
      pipelines.remove(id);
      for (const cascade of [false, true]) {
        await world.apply(pipeline({}, cascade ? { cascade } : {}));
        const made = String((await world.ready(KIND, "orders")).status?.id);
        await world.annotate(KIND, "orders", "deletion-policy", "delete");
        await world.delete(KIND, "orders");
        await world.gone(KIND, "orders");
        assert.equal(pipelines.get(made), undefined);
        assert.equal(pipelines.cascaded(made), cascade);
      }
    },
    { mock: { doubts: { deletedPipeline } }, settings: { ingest: "false" } },
  );
}

clusterTest("a pipeline whose create lost its response is found by its tag, and not created again", async (world) => {
  world.workspace.faults.add({ match: `POST ${PATH}`, effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(pipeline());
  await world.ready(KIND, "orders");
  only(world);
});

for (const pipelineNameTaken of ["409", "400"] as const) {
  clusterTest(
    `an unmanaged pipeline is not taken over (${pipelineNameTaken}); adopt takes it`,
    async (world) => {
      const id = world.workspace.kinds.pipelines.add({ name: "orders", catalog: "other", libraries: [] });
      await world.apply(pipeline());
      const { message } = await world.blocked(KIND, "orders", "AlreadyExists");
      assert.match(message, /adopt/);
      assert.equal(only(world).spec.catalog, "other");
      await world.annotate(KIND, "orders", "adopt", "true");
      const { status } = await world.ready(KIND, "orders");
      assert.equal(status?.id, id);
      assert.equal(only(world).spec.catalog, "main");
    },
    { mock: { doubts: { pipelineNameTaken } } },
  );
}

clusterTest("storage together with catalog, and duplicate names, are rejected with the field", async (world) => {
  await assert.rejects(world.apply(pipeline({ storage: "dbfs:/orders" })), /storage and catalog exclude each other/);
  await world.apply(pipeline({ allow_duplicate_names: true }));
  const { message } = await world.blocked(KIND, "orders", "InvalidSpec");
  assert.match(message, /spec\.pipeline\.allow_duplicate_names/);
  assert.equal(world.workspace.ledger.count("POST", PATH), 0);
});

clusterTest(
  "a job refers to a pipeline's object that is applied later, and status shows its update",
  async (world) => {
    await world.apply(
      job("nightly", { tasks: [{ task_key: "t", pipeline_task: { pipeline_ref: { name: "orders" } } }] }),
    );
    await world.blocked("DatabricksJob", "nightly", "ReferenceNotReady");
    await world.apply(pipeline());
    const { status } = await world.ready(KIND, "orders");
    const jobId = String((await world.ready("DatabricksJob", "nightly")).status?.id);
    const [task] = world.workspace.jobs.get(jobId)?.settings.tasks ?? [];
    assert.equal(task.pipeline_task.pipeline_id, status?.id);
    world.workspace.kinds.pipelines.finish(String(status?.id), "FAILED");
    await eventually("the failed update is shown", async () => {
      const { latest_update, state } = (await world.get(KIND, "orders"))?.status ?? {};
      return latest_update === "FAILED" && state === "FAILED";
    });
    await world.ready(KIND, "orders");
  },
  { settings: { ingest: "false" } },
);
