/** The lives of catalogs and volumes. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";

const ROOT = "/api/2.1/unity-catalog";

const catalog = (fields: Record<string, unknown> = {}, annotations: Record<string, string> = {}) =>
  manifest("DatabricksCatalog", "finance", { catalog: { comment: "Books", ...fields } }, annotations);

const volume = (fields: Record<string, unknown> = {}) =>
  manifest("DatabricksVolume", "landing", {
    volume: { catalog_name: "finance", schema_name: "raw", volume_type: "MANAGED", ...fields },
  });

const writes = ({ workspace }: World) =>
  workspace.ledger.writes().map(({ method, path }) => `${method} ${path.replace(ROOT, "")}`);

clusterTest("a catalog, a schema and a volume that are applied in the wrong order become Ready", async (world) => {
  await world.apply(volume());
  await world.apply(manifest("DatabricksSchema", "raw", { schema: { catalog_name: "finance" } }));
  await eventually("the schema waits for its catalog", async () => {
    const reconciling = condition(await world.get("DatabricksSchema", "raw"), "Reconciling");
    return reconciling?.reason === "ParentMissing" || problem(JSON.stringify(reconciling));
  });
  await world.apply(catalog());
  for (const [kind, name] of [["Catalog", "finance"], ["Schema", "raw"], ["Volume", "landing"]] as const) {
    await world.ready(`Databricks${kind}`, name);
  }
  const { status } = await eventually("the volume's status has its path", async () => {
    const object = await world.get("DatabricksVolume", "landing");
    return object?.status?.path !== undefined && object;
  });
  assert.deepEqual([status?.id, status?.path], ["finance.raw.landing", "/Volumes/finance/raw/landing"]);
  const events = await world.events("landing");
  assert.deepEqual(events.filter((line) => line.includes("Warning")), []);
  const before = world.workspace.ledger.calls.length;
  await sweeps(world.workspace, `${ROOT}/volumes`, 3);
  const calls = world.workspace.ledger.calls.slice(before).map(({ method, path }) => `${method} ${path}`);
  const lists = ["catalogs", "schemas", "volumes"].map((name) => `GET ${ROOT}/${name}`);
  assert.deepEqual(calls.filter((line) => line.includes(ROOT) && !lists.includes(line)), [], "a list each, no gets");
}, { mock: { doubts: { emptyPages: "never" } } });

clusterTest("catalogs cost no call without objects", async (world) => {
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }));
  await world.ready("DatabricksSecretScope", "x");
  await sweeps(world.workspace, "/api/2.0/secrets/scopes/list", 3);
  assert.deepEqual(world.workspace.ledger.calls.filter(({ path }) => path.startsWith(ROOT)), []);
});

for (const openBinding of ["taken", "refused"] as const) {
  clusterTest(
    `an isolated catalog can still be read in this workspace: a binding of an open one is ${openBinding}`,
    async (world) => {
      await world.apply(catalog({ isolation_mode: "ISOLATED", owner: "finance-admins" }));
      await world.ready("DatabricksCatalog", "finance");
      const held = () => world.workspace.kinds.catalog.get("finance");
      await eventually(
        "it is isolated",
        () => held()?.isolation_mode === "ISOLATED" && held()?.owner === "finance-admins",
      );
      await sweeps(world.workspace, `${ROOT}/catalogs`, 3);
      await world.ready("DatabricksCatalog", "finance");
      const lines = writes(world);
      assert.equal(lines[0], "POST /catalogs");
      assert.deepEqual([...new Set(lines.slice(1))].sort(), [
        "PATCH /bindings/catalog/finance",
        "PATCH /catalogs/finance",
      ]);
      if (openBinding === "taken") {
        assert.equal(lines[1], "PATCH /bindings/catalog/finance", "bound before it is isolated");
      }
    },
    { mock: { doubts: { openBinding } } },
  );
}

for (const defaultSchema of ["prevents it", "does not count"] as const) {
  clusterTest(
    `an empty catalog is deleted on request: its default schema ${defaultSchema}`,
    async (world) => {
      await world.apply(catalog({}, { "deletion-policy": "delete" }));
      await world.ready("DatabricksCatalog", "finance");
      await world.delete("DatabricksCatalog", "finance");
      await world.gone("DatabricksCatalog", "finance");
      assert.deepEqual(world.workspace.kinds.catalog.names("catalog"), ["main"]);
    },
    { mock: { doubts: { defaultSchema } } },
  );
}

for (const inside of ["finance.raw", "finance.default.books"]) {
  clusterTest(`a catalog with ${inside} in it is not deleted, nor is anything in it`, async (world) => {
    const { catalog: store } = world.workspace.kinds;
    await world.apply(catalog({}, { "deletion-policy": "delete" }));
    await world.ready("DatabricksCatalog", "finance");
    if (inside === "finance.raw") store.add("schema", { catalog_name: "finance", name: "raw" });
    else store.addOther("table", inside);
    const before = store.names("schema");
    await world.delete("DatabricksCatalog", "finance");
    const message = await eventually("the deletion is rejected", async () => {
      const synced = condition(await world.get("DatabricksCatalog", "finance"), "Synced");
      return synced?.reason === "InvalidRequest" ? synced.message : problem(JSON.stringify(synced));
    });
    assert.match(message, /(is not empty|dependent).*delete its schemas first; or set spec\.force_destroy: true/);
    assert.deepEqual(store.names("schema"), before);
    assert.ok(store.get(inside));
    await world.annotate("DatabricksCatalog", "finance", "deletion-policy", "retain");
    await world.gone("DatabricksCatalog", "finance");
    assert.ok(store.get(inside), "the advice in the message works");
  });
}

clusterTest("catalogs and volumes stay when their objects are deleted, and the events say why", async (world) => {
  const { catalog: store } = world.workspace.kinds;
  await world.apply(catalog());
  await world.apply(volume({ schema_name: "default" }));
  await world.ready("DatabricksVolume", "landing");
  await world.ready("DatabricksCatalog", "finance");
  for (const [kind, name] of [["DatabricksVolume", "landing"], ["DatabricksCatalog", "finance"]] as const) {
    await world.delete(kind, name);
    await world.gone(kind, name);
  }
  assert.match(await world.event("landing", "Retained"), /its files would go with it/);
  assert.match(await world.event("finance", "Retained"), /its schemas with their tables/);
  assert.ok(store.get("finance.default.landing"));
});

clusterTest(
  "another volume type is rejected before any write, and the message names the data at risk",
  async (world) => {
    await world.apply(volume({ catalog_name: "main", schema_name: "default" }));
    await world.ready("DatabricksVolume", "landing");
    const before = writes(world);
    const external = { volume_type: "EXTERNAL", storage_location: "s3://x/y" };
    await world.apply(volume({ catalog_name: "main", schema_name: "default", ...external }));
    const { message } = await world.blocked("DatabricksVolume", "landing", "Immutable");
    assert.match(message, /cannot be changed.*a new volume would begin empty, without its files/);
    assert.deepEqual(writes(world), before);
  },
);

clusterTest("the API server rejects a managed volume with a location, and an external one without", async (world) => {
  const wrong = /volume_type EXTERNAL needs a storage_location/;
  await assert.rejects(world.apply(volume({ storage_location: "s3://x/y" })), wrong);
  await assert.rejects(world.apply(volume({ volume_type: "EXTERNAL" })), wrong);
});
