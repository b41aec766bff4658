/** The life of a resource, from its manifest's creation to its deletion. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, notebook, sweeps } from "../support/harness.ts";

const JOBS = "/jobs/list";

clusterTest("a job is created from its manifest with one call, and its status has its id", async (world) => {
  await world.apply(job("etl", { tags: { team: "data", cost_center: 4711 } }));
  const object = await world.ready("DatabricksJob", "etl");
  const id = String(object.status?.id);
  const held = world.workspace.jobs.get(id);
  assert.equal(held?.settings.name, "etl", "a job without a name takes metadata.name");
  assert.equal((held?.settings.tags as Record<string, string>).cost_center, "4711");
  assert.equal((held?.settings.tags as Record<string, string>)["databricks-kube-operator"], object.metadata.uid);
  assert.equal(world.workspace.ledger.count("POST"), 1);
  assert.equal(object.status?.url, `${world.workspace.host}/jobs/${id}`);
  assert.deepEqual(object.spec, { job: { settings: { ...notebook(), tags: { team: "data", cost_center: 4711 } } } });
});

clusterTest("an edit of the manifest is one reset", async (world) => {
  await world.apply(job("etl", { max_concurrent_runs: 3, description: "old" }));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.apply(job("etl", { max_concurrent_runs: 5 }));
  await eventually("the edit is in Databricks", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 5);
  assert.equal(
    world.workspace.jobs.get(id)?.settings.description,
    undefined,
    "a field removed from the manifest is removed from the job",
  );
  await world.ready("DatabricksJob", "etl");
  assert.equal(world.workspace.ledger.count("POST", /reset/), 1);
});

clusterTest("without changes nothing is written on either side", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, JOBS, 2);
  const before = (await world.get("DatabricksJob", "etl"))?.metadata.resourceVersion;
  world.workspace.ledger.clear();
  await sweeps(world.workspace, JOBS, 3);
  assert.equal((await world.get("DatabricksJob", "etl"))?.metadata.resourceVersion, before);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  assert.equal(world.workspace.ledger.count("GET", /jobs\/get/), 0, "idle jobs are seen by the list alone");
});

clusterTest("a deleted manifest deletes the job, and only then the finalizer", async (world) => {
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  const fault = world.workspace.faults.add({
    match: "jobs/delete",
    status: 503,
    body: { error_code: "TEMPORARILY_UNAVAILABLE" },
    times: 6,
  });
  await world.delete("DatabricksJob", "etl");
  await eventually("Databricks rejected it", () => fault.hits > 0);
  assert.notEqual(await world.get("DatabricksJob", "etl"), undefined, "a failed delete keeps the object");
  fault.remove();
  await world.gone("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.get(id), undefined);
});

clusterTest("an edit during a create is not Ready before it is applied", async (world) => {
  const { faults, jobs } = world.workspace;
  faults.add({
    match: /POST .*\/jobs\/create$/,
    times: 1,
    edit: async (body) => {
      await world.apply(job("etl", { timeout_seconds: 7 }));
      return body;
    },
  });
  // The delay makes it possible to see the object's conditions meanwhile.
  faults.add({ match: /POST .*\/jobs\/(reset|update)$/, times: 1, latencyMs: 2000 });
  await world.apply(job("etl"));
  const { status } = await eventually("the edit is in spec, and the object is Ready for it", async () => {
    const object = await world.ready("DatabricksJob", "etl");
    return object.metadata.generation === 2 ? object : undefined;
  });
  assert.equal(jobs.get(String(status?.id))?.settings.timeout_seconds, 7);
});
