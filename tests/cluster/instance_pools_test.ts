/** An instance pool's life. */
import assert from "node:assert/strict";
import { clusterTest, manifest, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksInstancePool";
const PATH = "/api/2.0/instance-pools";

const pool = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "small", { pool: { node_type_id: "m5.large", max_capacity: 10, ...more } });

function only(world: World): Record<string, unknown> {
  const all = world.workspace.kinds.pools.all();
  assert.equal(all.length, 1, JSON.stringify(all));
  return all[0] ?? {};
}

for (const omittedByPoolEdit of ["reset", "kept"] as const) {
  for (const missingPool of ["404", "400"] as const) {
    clusterTest(
      `a pool is created, repaired, edited and deleted: fields that an edit omits are ${omittedByPoolEdit}, ${missingPool}`,
      async (world) => {
        const { pools } = world.workspace.kinds;
        await world.apply(pool({ min_idle_instances: 1, custom_tags: { team: "data" } }));
        const { status, metadata } = await world.ready(KIND, "small");
        const id = String(status?.id);
        assert.equal(only(world).instance_pool_name, "small", "metadata.name is the name");
        assert.deepEqual(only(world).custom_tags, { team: "data", "databricks-kube-operator": metadata.uid });
        await sweeps(world.workspace, `${PATH}/list`, 2);
        assert.equal(world.workspace.ledger.count("POST", `${PATH}/edit`), 0, "our tag and defaults are not drift");
        pools.edit(id, { max_capacity: 500 });
        await world.event("small", "DriftCorrected");
        assert.equal(only(world).max_capacity, 10);
        await world.apply(pool());
        await world.event("small", "Updated");
        assert.equal(only(world).min_idle_instances, 0, "instances that nobody needs do not wait");
        assert.deepEqual(only(world).custom_tags, { "databricks-kube-operator": metadata.uid });
        await world.delete(KIND, "small");
        await world.gone(KIND, "small");
        assert.deepEqual(pools.all(), []);
      },
      { mock: { doubts: { omittedByPoolEdit, missingPool } }, settings: { ingest: "false" } },
    );
  }
}

clusterTest("a pool whose create lost its response is found by its tag, and not created again", async (world) => {
  world.workspace.faults.add({ match: `${PATH}/create`, effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(pool());
  await world.ready(KIND, "small");
  only(world);
});

clusterTest("an unmanaged pool is taken over only with adopt, and not edited before", async (world) => {
  const id = world.workspace.kinds.pools.add({ instance_pool_name: "small", node_type_id: "m5.large" });
  await world.apply(pool());
  const { message } = await world.blocked(KIND, "small", "AlreadyExists");
  assert.match(message, /adopt/);
  assert.equal(world.workspace.kinds.pools.get(id)?.max_capacity, undefined);
  await world.annotate(KIND, "small", "adopt", "true");
  const { status } = await world.ready(KIND, "small");
  assert.equal(status?.id, id);
  assert.equal(only(world).max_capacity, 10);
});

clusterTest("another node type is rejected before any write", async (world) => {
  await world.apply(pool());
  await world.ready(KIND, "small");
  await world.apply(pool({ node_type_id: "m5.xlarge" }));
  const { message } = await world.blocked(KIND, "small", "Immutable");
  assert.match(message, /node_type_id/);
  assert.equal(only(world).node_type_id, "m5.large");
  assert.equal(world.workspace.ledger.count("POST", `${PATH}/edit`), 0);
});

clusterTest("a pool that is retained loses our tag, and nothing else", async (world) => {
  await world.apply(pool({ custom_tags: { team: "data" }, min_idle_instances: 2 }));
  await world.ready(KIND, "small");
  await world.annotate(KIND, "small", "deletion-policy", "retain");
  await world.delete(KIND, "small");
  await world.gone(KIND, "small");
  const { custom_tags, min_idle_instances, max_capacity } = only(world);
  assert.deepEqual({ custom_tags, min_idle_instances, max_capacity }, {
    custom_tags: { team: "data" },
    min_idle_instances: 2,
    max_capacity: 10,
  });
});
