/** An experiment's life. */
import assert from "node:assert/strict";
import { clusterTest, manifest, sweeps } from "../support/harness.ts";

const KIND = "DatabricksExperiment";
const PATH = "/api/2.0/mlflow/experiments";

const experiment = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "churn", { experiment: { name: "/Workspace/Shared/churn", ...more } });

clusterTest("an experiment is created, tagged, moved, and stays when its object is deleted", async (world) => {
  const { experiments } = world.workspace.kinds;
  const tags = (id: unknown) =>
    Object.fromEntries((experiments.get(String(id))?.tags as { key: string; value: string }[])
      .map(({ key, value }) => [key, value]));
  await world.apply(experiment({ tags: [{ key: "team", value: "marketing" }] }));
  const { status } = await world.ready(KIND, "churn");
  experiments.setTag(String(status?.id), { key: "mlflow.note.content", value: "added by MLflow" });
  world.workspace.ledger.clear();
  await sweeps(world.workspace, `${PATH}/list`, 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  experiments.setTag(String(status?.id), { key: "team", value: "sales" });
  await world.event("churn", "DriftCorrected");
  assert.equal(tags(status?.id).team, "marketing");
  await world.apply(experiment({ name: "/Shared/churn-2", tags: [{ key: "team", value: "marketing" }] }));
  await world.event("churn", "Updated");
  assert.equal(experiments.get(String(status?.id))?.name, "/Shared/churn-2");
  await world.delete(KIND, "churn");
  await world.gone(KIND, "churn");
  assert.equal(experiments.get(String(status?.id))?.name, "/Shared/churn-2");
  assert.equal(Object.values(tags(status?.id)).includes(String(status?.uid)), false);
});

for (const deletedExperimentName of ["free", "taken"] as const) {
  clusterTest(
    `an experiment that is deleted is not replaced by an empty one (its name is ${deletedExperimentName})`,
    async (world) => {
      world.workspace.doubts.deletedExperimentName = deletedExperimentName;
      const { experiments } = world.workspace.kinds;
      await world.apply(experiment());
      const { status } = await world.ready(KIND, "churn");
      experiments.remove(String(status?.id));
      assert.match(await world.event("churn", "DataMissing"), /restore it in Databricks/);
      assert.deepEqual(experiments.all(), []);
      experiments.restore(String(status?.id));
      assert.equal((await world.ready(KIND, "churn")).status?.id, status?.id);
      assert.equal(experiments.all().length, 1);
    },
  );

  clusterTest(
    `an unmanaged deleted experiment is not restored (its name is ${deletedExperimentName})`,
    async (world) => {
      world.workspace.doubts.deletedExperimentName = deletedExperimentName;
      const { experiments } = world.workspace.kinds;
      const theirs = experiments.add({ name: "/Shared/churn" }, "ann@example.com");
      experiments.remove(theirs);
      await world.apply(experiment());
      if (deletedExperimentName === "free") await world.ready(KIND, "churn");
      else {assert.match(
          await world.event("churn", "AlreadyExists"),
          /restore it in Databricks and set annotation databricks-operator\/adopt/,
        );}
      assert.equal(experiments.get(theirs), undefined);
    },
  );
}

clusterTest("an unmanaged experiment of the same name is not taken over", async (world) => {
  const { experiments } = world.workspace.kinds;
  experiments.add({ name: "/Shared/churn" }, "ann@example.com");
  await world.apply(experiment());
  await world.event("churn", "AlreadyExists");
  assert.equal(experiments.all().length, 1);
});

clusterTest(
  "an experiment's name that is not a path, and a duplicate tag, are rejected with a remedy",
  async (world) => {
    const twice = [{ key: "a", value: "1" }, { key: "a", value: "2" }];
    await world.apply(experiment({ name: "churn", tags: twice }));
    const message = await world.event("churn", "InvalidSpec");
    assert.match(message, /spec\.experiment\.name: must be a path from the root/);
    assert.match(message, /give each tag a key of its own/);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
);
