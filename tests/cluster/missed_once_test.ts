/** One answer says that a resource does not exist, while its object is being deleted: the list decides. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, manifest, notebook, pathOf, sweeps, type World } from "../support/harness.ts";
import { RUN, started } from "../support/run_objects.ts";

const TAG = "databricks-kube-operator";
const gone = { status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "It does not exist." } };

/** Answers the next get of a kind as if there were nothing. */
function missOnce(world: World, path: string) {
  return world.workspace.faults.add({ match: `GET ${path}`, times: 1, ...gone });
}

function tagOf(settings: Record<string, unknown> | undefined): unknown {
  return (settings?.tags as Record<string, unknown> | undefined)?.[TAG];
}

clusterTest(
  "a job with a tagged clone is deleted with its object although one get said that there is none",
  async (world) => {
    const { workspace } = world;
    await world.apply(job("etl"));
    const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
    const clone = workspace.jobs.clone(id, { creator: "anna@example.com" });
    await sweeps(workspace, "/jobs/list", 2);
    const missed = missOnce(world, "/api/2.2/jobs/get");
    await world.delete("DatabricksJob", "etl");
    await world.gone("DatabricksJob", "etl");
    assert.equal(missed.hits, 1);
    assert.deepEqual(workspace.jobs.ids(), [clone]);
  },
  { mock: { doubts: { cloneCopiesTags: "yes" } } },
);

for (
  const [how, [name, value]] of Object.entries(
    {
      "a retained": ["deletion-policy", "retain"],
      "a followed": ["owner", "api"],
    } as const,
  )
) {
  clusterTest(`${how} job loses the tag although one get said that there is none`, async (world) => {
    await world.apply(job("etl"));
    const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
    await sweeps(world.workspace, "/jobs/list", 2);
    await world.annotate("DatabricksJob", "etl", name, value);
    await world.ready("DatabricksJob", "etl");
    assert.notEqual(tagOf(world.workspace.jobs.get(id)?.settings), undefined);
    const missed = missOnce(world, "/api/2.2/jobs/get");
    await world.delete("DatabricksJob", "etl");
    await world.gone("DatabricksJob", "etl");
    assert.equal(missed.hits, 1);
    assert.equal(tagOf(world.workspace.jobs.get(id)?.settings), undefined);
  }, { settings: { ingest: "false" } });
}

clusterTest(
  "a renamed job whose object lost its status is not made again although one get said that there is none",
  async (world) => {
    const { workspace } = world;
    const before = await world.startOperator();
    await world.apply(job("etl"));
    const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
    await world.stopOperator(before);
    workspace.jobs.edit(id, (settings) => void (settings.name = "renamed"));
    workspace.settle();
    const path = pathOf("DatabricksJob", world.namespace);
    await world.kube.patch(path, "etl", { status: null }, { type: "merge", subresource: "status" });
    const missed = missOnce(world, "/api/2.2/jobs/get");
    await world.startOperator();
    await eventually("it has its name again", () => workspace.jobs.get(id)?.settings.name === "etl");
    assert.equal(missed.hits, 1);
    assert.deepEqual(workspace.jobs.ids(), [id]);
  },
  { start: false, settings: { ingest: "false" } },
);

clusterTest("a run is cancelled with its object although one get said that there is none", async (world) => {
  const before = await world.startOperator();
  await world.apply(manifest(RUN, "etl", { submit: notebook() }));
  const id = await started(world, "etl");
  await world.stopOperator(before);
  const missed = missOnce(world, "/api/2.2/jobs/runs/get");
  await world.delete(RUN, "etl");
  await world.startOperator();
  await world.gone(RUN, "etl");
  assert.equal(missed.hits, 1);
  assert.equal(world.workspace.runs.get(id)?.state.result_state, "CANCELED");
}, { start: false });
