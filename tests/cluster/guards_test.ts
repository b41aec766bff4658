/** A resource that holds data is retained unless its object says otherwise, and never recreated automatically. */
import assert from "node:assert/strict";
import type { Resource } from "../../src/resource.ts";
import { databricksClusterPolicy } from "../../src/resources/databricks_cluster_policy.ts";
import { clusterTest, manifest, type World } from "../support/harness.ts";

const KIND = "DatabricksClusterPolicy";

/** A kind whose resources hold data. */
const guarded: Resource = { ...databricksClusterPolicy, dangers: { deletesData: "all its tables" } };

const policy = (annotations: Record<string, string> = {}) =>
  manifest(KIND, "small", { policy: { definition: "{}" } }, annotations);

async function made(world: World, annotations: Record<string, string> = {}): Promise<string> {
  await world.startOperator({ resources: [guarded] });
  await world.apply(policy(annotations));
  return String((await world.ready(KIND, "small")).status?.id);
}

clusterTest(
  "a resource with data stays when its object is deleted, and an Event says how to delete it",
  async (world) => {
    const id = await made(world);
    await world.delete(KIND, "small");
    await world.gone(KIND, "small");
    assert.notEqual(world.workspace.kinds.policies.get(id), undefined);
    const said = await world.event("small", "Retained");
    assert.match(
      said,
      new RegExp(
        `Retained cluster policy ${id}: it stays in Databricks, and is ingested if ingest is "all" or names ` +
          "databricksclusterpolicies\\. It was not deleted because all its tables",
      ),
    );
    assert.match(said, /deletion-policy: delete/);
  },
  { start: false },
);

clusterTest("a resource with data is deleted with its object if an annotation says so", async (world) => {
  const id = await made(world, { "deletion-policy": "delete" });
  await world.delete(KIND, "small");
  await world.gone(KIND, "small");
  assert.equal(world.workspace.kinds.policies.get(id), undefined);
}, { start: false });

clusterTest(
  "a deleted resource with data is not created again, and is found when it is restored with its id",
  async (world) => {
    const id = await made(world);
    const { policies } = world.workspace.kinds;
    policies.remove(id);
    const { message } = await world.blocked(KIND, "small", "DataMissing");
    assert.match(
      message,
      /is gone, with all its tables: restore it in Databricks; or, to create an empty one, delete this object/,
    );
    assert.deepEqual(policies.all(), []);
    await world.delete(KIND, "small");
    await world.gone(KIND, "small");
    await world.apply(policy());
    await world.ready(KIND, "small");
    assert.equal(policies.all().length, 1);
  },
  { start: false },
);
