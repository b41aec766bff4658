/** Vector search endpoints: they start slowly, change one field per call, and are deleted only without an index. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem, sweeps } from "../support/harness.ts";

const KIND = "DatabricksVectorSearchEndpoint";
const LIST = "/vector-search/endpoints";
const quiet = { ingest: "false" };

const documents = (fields: Record<string, unknown> = {}) =>
  manifest(KIND, "documents", { endpoint: { endpoint_type: "STANDARD", ...fields } });

clusterTest("an endpoint is created once, and is Ready when it is online", async (world) => {
  await world.apply(documents({ custom_tags: [{ key: "team", value: "sales" }], target_qps: 100 }));
  await eventually("it is starting", async () => {
    const ready = condition(await world.get(KIND, "documents"), "Ready");
    return ready?.reason === "Starting" || problem(JSON.stringify(ready));
  });
  const { status } = await world.ready(KIND, "documents");
  assert.deepEqual([status?.id, status?.state], ["documents", "ONLINE"]);
  assert.deepEqual(world.workspace.kinds.vectorSearch.get("documents")?.custom_tags, [{ key: "team", value: "sales" }]);
  assert.equal(world.workspace.ledger.count("POST", LIST), 1);
}, { mock: { startMs: 1500 }, settings: quiet });

for (const vectorTargetQps of ["returned", "not returned"] as const) {
  clusterTest(
    `each change of an endpoint is one call, and an impossible change is rejected (target_qps: ${vectorTargetQps})`,
    async (world) => {
      await world.apply(documents({ target_qps: 100 }));
      await world.ready(KIND, "documents");
      await sweeps(world.workspace, LIST, 2);
      world.workspace.ledger.clear();
      await world.apply(documents({ target_qps: 200, budget_policy_id: "p", custom_tags: [{ key: "a", value: "b" }] }));
      await world.ready(KIND, "documents");
      await sweeps(world.workspace, LIST, 3);
      const writes = world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`).sort();
      const path = "PATCH /api/2.0/vector-search/endpoints/documents";
      assert.deepEqual(writes, [path, `${path}/budget-policy`, `${path}/tags`]);
      await world.apply(documents({ endpoint_type: "STORAGE_OPTIMIZED" }));
      assert.match((await world.blocked(KIND, "documents", "Immutable")).message, /endpoint_type/);
    },
    { settings: quiet, mock: { doubts: { vectorTargetQps } } },
  );
}

for (const usedVectorEndpoint of ["refused", "with its indexes"] as const) {
  clusterTest(
    `an endpoint with indexes is not deleted before they are (Databricks: ${usedVectorEndpoint})`,
    async (world) => {
      await world.apply(documents());
      await world.ready(KIND, "documents");
      const { vectorSearch } = world.workspace.kinds;
      vectorSearch.edit("documents", { num_indexes: 2 });
      await world.delete(KIND, "documents");
      await eventually("a condition says what to do", async () => {
        const { status } = await world.get(KIND, "documents") ?? {};
        const text = JSON.stringify(status?.conditions);
        return /it has 2 indexes: delete them in Databricks first/.test(text) || problem(text);
      });
      assert.equal(world.workspace.ledger.count("DELETE"), 0);
      vectorSearch.edit("documents", { num_indexes: 0 });
      await world.gone(KIND, "documents");
      assert.equal(vectorSearch.get("documents"), undefined);
    },
    { settings: quiet, mock: { doubts: { usedVectorEndpoint } } },
  );
}
