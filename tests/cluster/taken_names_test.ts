/**
 * Names that Databricks reports as taken although no search finds the resource: the message names a managed object with
 * this name.
 */
import assert from "node:assert/strict";
import { clusterTest, manifest } from "../support/harness.ts";

const POOL = "DatabricksInstancePool";
const WAREHOUSE = "DatabricksSQLWarehouse";

const pool = (name: string, instance_pool_name: string) =>
  manifest(POOL, name, { pool: { instance_pool_name, node_type_id: "m5.large" } });
const warehouse = (name: string, wanted: string) =>
  manifest(WAREHOUSE, name, { warehouse: { name: wanted, cluster_size: "Small", auto_stop_mins: 10 } });

clusterTest(
  "a create with a taken name immediately names the object that has it, in any namespace",
  async (world) => {
    const other = await world.addNamespace("other");
    await world.connect({ namespace: other, settings: { ingest: "false" } });
    await world.startOperator({ namespaces: [world.namespace, other] });
    await world.apply(pool("first", "shared"));
    await world.ready(POOL, "first");
    world.workspace.faults.add({ match: /^GET \/api\/2\.0\/instance-pools\/list$/, status: 200, body: {} });
    for (const namespace of [world.namespace, other]) {
      await world.apply(pool("second", "shared"), namespace);
      const { message } = await world.blocked(POOL, "second", "AlreadyExists", namespace);
      assert.match(message, /^Cannot create instance pool "second": .* answered \d+ .*instance-pools\/create: /);
      const holder = `DatabricksInstancePool "${world.namespace}/first"`;
      assert.ok(message.includes(`; it is held by ${holder}: use another name; or set annotation`), message);
      assert.match(
        message,
        /adopt: "true" on this object and .*deletion-policy: retain on that one, .*delete that one$/,
      );
    }
    await world.apply(pool("third", "theirs"));
    await world.ready(POOL, "third");
  },
  { start: false, settings: { ingest: "false" } },
);

clusterTest("a name without an object is not reported as held by one", async (world) => {
  await world.apply(pool("own", "mine"));
  await world.ready(POOL, "own");
  const { faults, kinds } = world.workspace;
  kinds.pools.add({ instance_pool_name: "theirs", node_type_id: "m5.large" });
  faults.add({ match: /^GET \/api\/2\.0\/instance-pools\/list$/, status: 200, body: {} });
  await world.apply(pool("second", "theirs"));
  const { message } = await world.blocked(POOL, "second", "AlreadyExists");
  assert.match(message, /; take it over with annotation databricks-operator\/adopt: "true", or use another name$/);
}, { settings: { ingest: "false" } });

clusterTest(
  "a new name that another object has is reported with that object, and without advice to adopt",
  async (world) => {
    await world.apply(warehouse("first", "shared"));
    await world.apply(warehouse("second", "own"));
    for (const name of ["first", "second"]) await world.ready(WAREHOUSE, name);
    await world.apply(warehouse("second", "shared"));
    const { message } = await world.blocked(WAREHOUSE, "second", "AlreadyExists");
    assert.match(message, /; it is held by DatabricksSQLWarehouse ".*\/first": use another name$/);
  },
  { settings: { ingest: "false" } },
);
