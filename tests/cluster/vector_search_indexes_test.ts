/** Vector search indexes: built slowly, never changed, retained by default, deleted in two phases. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksVectorSearchIndex";
const LIST = "/vector-search/indexes";
const DELETE = { "deletion-policy": "delete" };
const ID = "main.default.manuals";

const endpoint = manifest("DatabricksVectorSearchEndpoint", "documents", { endpoint: { endpoint_type: "STANDARD" } });
const table = {
  source_table: "main.default.source",
  pipeline_type: "TRIGGERED",
  columns_to_sync: ["id", "text"],
  embedding_source_columns: [{ name: "text", embedding_model_endpoint_name: "gte" }],
};
const manuals = (fields: Record<string, unknown> = {}, annotations: Record<string, string> = {}) =>
  manifest(KIND, "manuals", {
    index: {
      name: "main.default.Manuals",
      endpoint_ref: { name: "documents" },
      primary_key: "id",
      index_type: "DELTA_SYNC",
      delta_sync_index_spec: table,
      ...fields,
    },
  }, annotations);
const creates = ({ workspace }: World) => workspace.ledger.count("POST", LIST);

for (const vectorIndexColumns of ["as requested", "under the other name"] as const) {
  clusterTest(
    `an index waits for its endpoint and is created once, and is Ready when it can be searched (columns ${vectorIndexColumns})`,
    async (world) => {
      await world.apply(manuals());
      await world.blocked(KIND, "manuals", "ReferenceNotReady");
      await world.apply(endpoint);
      await eventually("it is being built", async () => {
        const ready = condition(await world.get(KIND, "manuals"), "Ready");
        return ready?.reason === "Starting" || problem(JSON.stringify(ready));
      });
      const { status } = await world.ready(KIND, "manuals");
      assert.equal(status?.id, ID);
      await sweeps(world.workspace, LIST, 3);
      assert.equal(creates(world), 1);
      assert.equal(condition(await world.ready(KIND, "manuals"), "Synced")?.status, "True");
    },
    // Long enough to be seen on a busy machine.
    { mock: { startMs: 2500, doubts: { vectorIndexColumns } } },
  );
}

clusterTest(
  "an edit of an index is rejected before any write, and the message names the data that another one would lack",
  async (world) => {
    await world.apply(endpoint);
    await world.apply(manuals());
    await world.ready(KIND, "manuals");
    world.workspace.ledger.clear();
    await world.apply(manuals({ delta_sync_index_spec: { ...table, source_table: "main.default.other" } }));
    const { message } = await world.blocked(KIND, "manuals", "Immutable");
    assert.match(message, /delta_sync_index_spec.*cannot be changed.*would begin empty, without its vectors/);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.apply(manuals());
    await world.ready(KIND, "manuals");
  },
);

clusterTest("an index stays when its object is deleted, and its endpoint waits for it and says so", async (world) => {
  await world.apply(endpoint);
  await world.apply(manuals());
  await world.ready(KIND, "manuals");
  await world.delete(KIND, "manuals");
  await world.gone(KIND, "manuals");
  assert.match(await world.event("manuals", "Retained"), /its vectors would go with it/);
  assert.notEqual(world.workspace.kinds.vectorIndexes.get(ID), undefined);
  await world.delete("DatabricksVectorSearchEndpoint", "documents");
  await eventually("the endpoint says what it waits for", async () => {
    const text = JSON.stringify((await world.get("DatabricksVectorSearchEndpoint", "documents"))?.status?.conditions);
    return /it has 1 index: delete/.test(text) || problem(text);
  });
  world.workspace.kinds.vectorIndexes.remove(ID);
  await world.gone("DatabricksVectorSearchEndpoint", "documents");
});

for (const deletedVectorIndex of ["404", "pending deletion"] as const) {
  clusterTest(
    `an index and its endpoint are deleted together if allowed, and can be created again (${deletedVectorIndex})`,
    async (world) => {
      await world.apply(endpoint);
      await world.apply(manuals({}, DELETE));
      await world.ready(KIND, "manuals");
      await world.delete("DatabricksVectorSearchEndpoint", "documents");
      await world.delete(KIND, "manuals");
      await world.gone(KIND, "manuals");
      await world.gone("DatabricksVectorSearchEndpoint", "documents");
      assert.deepEqual(world.workspace.kinds.vectorIndexes.all(), []);
      await world.apply(endpoint);
      await world.apply(manuals({}, DELETE));
      await world.ready(KIND, "manuals");
    },
    { mock: { startMs: 800, doubts: { deletedVectorIndex } } },
  );
}

clusterTest("an incomplete name, and a specification of the other type, are rejected", async (world) => {
  await world.apply(endpoint);
  await world.apply(manuals({ name: "manuals" }));
  const { message } = await world.blocked(KIND, "manuals", "InvalidSpec");
  assert.match(message, /spec\.index\.name: must be a full name: catalog\.schema\.index/);
  await assert.rejects(world.apply(manuals({ index_type: "DIRECT_ACCESS" })), /takes one|needs a/);
});

clusterTest(
  "an index waits for a missing endpoint, and an unmanaged index is not taken over",
  async (world) => {
    const { vectorSearch, vectorIndexes } = world.workspace.kinds;
    await world.apply(manifest(KIND, "manuals", {
      index: { ...(manuals().spec as { index: object }).index, endpoint_ref: undefined, endpoint_name: "theirs" },
    }));
    await eventually("it waits for its endpoint", async () => {
      const text = JSON.stringify((await world.get(KIND, "manuals"))?.status?.conditions);
      return /ParentMissing.*create the endpoint/.test(text) || problem(text);
    });
    vectorSearch.add({ name: "theirs", endpoint_type: "STANDARD" });
    await world.ready(KIND, "manuals");
    vectorIndexes.add({
      name: "main.default.other",
      endpoint_name: "theirs",
      primary_key: "id",
      index_type: "DELTA_SYNC",
      delta_sync_index_spec: table,
    });
    await world.apply(manifest(KIND, "other", {
      index: {
        name: "main.default.other",
        endpoint_name: "theirs",
        primary_key: "id",
        index_type: "DELTA_SYNC",
        delta_sync_index_spec: table,
      },
    }));
    await world.blocked(KIND, "other", "AlreadyExists");
  },
);
