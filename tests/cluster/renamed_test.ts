/** Jobs that were renamed, or lost their object's tag, are neither created twice nor lost. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job } from "../support/harness.ts";
import { adopted, deletedInDoubt, IMPATIENT, QUIET, setBack, timings, whileAway } from "../support/lost_jobs.ts";

const JOB = "DatabricksJob";

for (const lost of ["status", "status and finalizer"] as const) {
  for (const where of ["in Databricks", "in the manifest"] as const) {
    clusterTest(
      `a job that is renamed ${where} is not created twice when its object loses its ${lost}`,
      async (world) => {
        const id = await whileAway(world, job("x", { name: "old" }), async (made) => {
          await setBack(world, lost);
          if (where === "in the manifest") await world.apply(job("x", { name: "new" }));
          else world.workspace.jobs.edit(made, (settings) => void (settings.name = "new"));
        });
        assert.equal((await world.ready(JOB, "x")).status?.id, id);
        assert.deepEqual(world.workspace.jobs.ids(), [id]);
      },
      { start: false, settings: QUIET },
    );
  }
}

clusterTest(
  "a job with the tag of a former UID is adopted after a rename, and not created twice",
  async (world) => {
    const TAG = "databricks-kube-operator";
    const former = crypto.randomUUID();
    const id = world.workspace.jobs.add({ name: "renamed", tasks: [], tags: { [TAG]: former } });
    world.workspace.settle();
    await world.apply({ ...job("x"), metadata: { name: "x", annotations: { "databricks-operator/adopt": former } } });
    assert.equal((await world.ready(JOB, "x")).status?.id, id);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { settings: QUIET },
);

for (const lost of ["status", "status and finalizer"] as const) {
  clusterTest(
    `a job whose tag somebody removed is not created twice when its object loses its ${lost}`,
    async (world) => {
      const id = await whileAway(world, job("x"), async (made) => {
        await setBack(world, lost);
        world.workspace.jobs.edit(made, ({ tags: _tags, ...settings }) => settings);
      });
      await adopted(world, id);
    },
    { start: false, settings: QUIET },
  );
}

clusterTest(
  "a job whose tag key was changed is not created twice when its object loses its status",
  async (world) => {
    const id = await whileAway(world, job("x"), async () => {
      await setBack(world, "status and finalizer");
      await world.configure({ ...QUIET, ownership_tag: "another" });
    });
    assert.equal((await world.ready(JOB, "x")).status?.id, id);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { start: false, settings: QUIET },
);

for (const policy of ["delete", "retain"]) {
  clusterTest(
    `a renamed job is found for an object that lost its status, with policy ${policy}`,
    async (world) => {
      const first = await world.startOperator();
      await world.apply(job("x", {}, { "deletion-policy": policy }));
      const id = String((await world.ready(JOB, "x")).status?.id);
      await world.stopOperator(first);
      world.workspace.jobs.edit(id, (settings) => void (settings.name = "new"));
      await setBack(world, "status");
      await world.delete(JOB, "x");
      world.workspace.settle();
      await world.startOperator();
      await world.gone(JOB, "x");
      assert.deepEqual(world.workspace.jobs.ids(), policy === "delete" ? [] : [id]);
      assert.equal(world.workspace.jobs.get(id)?.settings.tags, undefined);
      assert.match(await world.event("x", policy === "delete" ? "Deleted" : "Retained"), new RegExp(id));
    },
    { start: false, settings: QUIET },
  );
}

clusterTest(
  "a renamed job is not left behind without a list when its object lost its status",
  async (world) => {
    const first = await world.startOperator();
    await world.apply(job("x"));
    const id = String((await world.ready(JOB, "x")).status?.id);
    await world.stopOperator(first);
    world.workspace.jobs.edit(id, (settings) => void (settings.name = "new"));
    await setBack(world, "status");
    await world.delete(JOB, "x");
    const fault = world.workspace.faults.add({ match: "jobs/list", status: 403, times: 1 });
    world.workspace.settle();
    await world.startOperator();
    await world.gone(JOB, "x");
    assert.equal(fault.hits, 1);
    assert.deepEqual(world.workspace.jobs.ids(), []);
  },
  { start: false, settings: { ...QUIET, default_requeue_interval: "600" } },
);

clusterTest(
  "an unconfirmed create whose job was renamed leaves no job behind when its object is deleted",
  async (world) => {
    const id = await deletedInDoubt(world, {}, (made) => {
      world.workspace.jobs.edit(made, (settings) => void (settings.name = "renamed"));
    });
    assert.equal(world.workspace.jobs.get(id), undefined);
  },
  { start: false, settings: IMPATIENT },
);

clusterTest("an unconfirmed create whose job was renamed is not repeated", async (world) => {
  const { faults, jobs, ledger } = world.workspace;
  await world.startOperator({ timings });
  const hung = faults.add({ match: "jobs/create", hang: true, times: 1 });
  await world.apply(job("x"));
  await eventually("the create hangs", () => hung.hits === 1);
  const unlisted = faults.add({ match: "jobs/list", status: 500 });
  const [call] = ledger.find("POST", "jobs/create");
  const id = jobs.add(structuredClone(call?.body as Record<string, unknown>));
  jobs.edit(id, (settings) => void (settings.name = "renamed"));
  await eventually("the search finds nothing", () => unlisted.hits > 3);
  unlisted.remove();
  assert.equal((await world.ready(JOB, "x")).status?.id, id);
  assert.deepEqual(jobs.ids(), [id]);
}, { start: false, settings: { ...IMPATIENT, default_requeue_interval: "600" } });
