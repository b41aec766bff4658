/** A list shows another object's tag on a job, and one get is answered with the state before: the job is left alone. */
import assert from "node:assert/strict";
import type { Fault } from "../../mock/faults.ts";
import { clusterTest, job, sweeps, type World } from "../support/harness.ts";
import { answerLaterAsNow } from "../support/old_answers.ts";

const TAG = "databricks-kube-operator";
const theirs = { [TAG]: "11111111-2222-3333-4444-555555555555", team: "b" };
const quiet = { settings: { ingest: "false" } };

interface Stolen {
  readonly id: string;
  readonly addFault: () => Fault;
}

/** Creates a job whose tag another cluster takes over; the fault answers one get with the state before that. */
async function stolen(world: World, { policy = "delete", after = 0 } = {}): Promise<Stolen> {
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.annotate("DatabricksJob", "etl", "deletion-policy", policy);
  await sweeps(world.workspace, "/jobs/list", 3);
  const addFault = await answerLaterAsNow(world, `/api/2.2/jobs/get?job_id=${id}`, after);
  world.workspace.jobs.edit(id, (settings) => void (settings.tags = theirs));
  await world.blocked("DatabricksJob", "etl", "OwnedByAnother");
  await sweeps(world.workspace, "/jobs/list", 2);
  return { id, addFault };
}

for (const options of [{ policy: "delete" }, { policy: "retain" }, { policy: "retain", after: 1 }]) {
  clusterTest(
    `a job that another cluster took stays as it is, although a get is old: ${JSON.stringify(options)}`,
    async (world) => {
      const { id, addFault } = await stolen(world, options);
      const fault = addFault();
      await world.delete("DatabricksJob", "etl");
      await world.gone("DatabricksJob", "etl");
      assert.equal(fault.hits, 1);
      assert.deepEqual(world.workspace.jobs.get(id)?.settings.tags, theirs);
    },
    quiet,
  );
}

clusterTest("a job that another cluster took is not written by a sync, although its get is old", async (world) => {
  const { id, addFault } = await stolen(world);
  const fault = addFault();
  await world.patch("DatabricksJob", "etl", {
    metadata: { annotations: { "databricks-operator/sync": "now" } },
    spec: { job: { settings: { timeout_seconds: 77 } } },
  });
  await sweeps(world.workspace, "/jobs/list", 4);
  assert.equal(fault.hits, 1);
  assert.deepEqual(world.workspace.jobs.get(id)?.settings.tags, theirs);
}, quiet);
