/** A schema's life. */
import assert from "node:assert/strict";
import type { Doubts } from "../../mock/databricks/doubts.ts";
import { clusterTest, condition, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksSchema";
const PATH = "/api/2.1/unity-catalog/schemas";

const schema = (more: Record<string, unknown> = {}, annotations: Record<string, string> = {}, force?: boolean) =>
  manifest(
    KIND,
    "sales",
    {
      schema: { catalog_name: "Main", comment: "Orders", properties: { team: "Sales" }, ...more },
      ...(force === undefined ? {} : { force_destroy: force }),
    },
    annotations,
  );

const patches = ({ workspace }: World) =>
  workspace.ledger.calls.filter(({ method, path }) => method === "PATCH" && path.startsWith(PATH));

const dialects: readonly Partial<Doubts>[] = [
  {
    securableNames: "lower case",
    ownerCase: "lower case",
    addedProperties: "later",
    emptyPages: "sometimes",
  },
  {
    securableNames: "as written",
    securableProperties: "kept",
    securableRows: "without properties and storage",
    listOrder: "any",
    missingSecurable: "RESOURCE_DOES_NOT_EXIST",
  },
];

for (const doubts of dialects) {
  clusterTest(
    `a schema is created, repaired and edited, and Databricks' additions are not drift: ${
      Object.values(doubts).join(", ")
    }`,
    async (world) => {
      const { catalog } = world.workspace.kinds;
      await world.apply(schema({ name: "Sales", owner: "Data-Engineers" }));
      await world.ready(KIND, "sales");
      const { storage_location } = await eventually("the status contains more", async () => {
        const { status } = await world.ready(KIND, "sales");
        return status?.storage_location !== undefined && status;
      });
      assert.match(String(storage_location), /^s3:/);
      assert.equal(String(catalog.get("main.sales")?.owner).toLowerCase(), "data-engineers");
      await sweeps(world.workspace, PATH, 4);
      const { status } = await world.ready(KIND, "sales");
      assert.deepEqual([status?.id, status?.storage_location], ["main.sales", storage_location]);
      assert.deepEqual(patches(world).map(({ body }) => Object.keys(body as object)), [["owner"]]);
      catalog.edit("main.sales", { comment: "Somebody's", properties: { team: "Sales", other: "x" } });
      await world.event("sales", "DriftCorrected");
      assert.equal(catalog.get("main.sales")?.comment, "Orders");
      assert.deepEqual(
        Object.keys(patches(world).at(-1)?.body as object),
        ["comment"],
        "additions of people are left alone",
      );
      await world.apply(schema({ name: "Sales", owner: "Data-Engineers", comment: "" }));
      await eventually("the comment is cleared", () => catalog.get("main.sales")?.comment === "");
      assert.equal(world.workspace.ledger.count("POST", PATH), 1);
    },
    { mock: { doubts } },
  );
}

clusterTest("schemas cost no call without objects, and one list per sweep with one", async (world) => {
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }));
  await world.ready("DatabricksSecretScope", "x");
  await sweeps(world.workspace, "/api/2.0/secrets/scopes/list", 2);
  assert.equal(world.workspace.ledger.count("GET", PATH), 0);
  await world.apply(schema());
  await world.ready(KIND, "sales");
  await sweeps(world.workspace, PATH, 2);
  const before = world.workspace.ledger.calls.length;
  await sweeps(world.workspace, PATH, 3);
  const lines = world.workspace.ledger.calls.slice(before).map(({ method, path }) => `${method} ${path}`)
    .filter((line) => line.includes("unity-catalog"));
  assert.deepEqual(lines.filter((line) => line !== `GET ${PATH}`), []);
}, { mock: { doubts: { emptyPages: "never" } } });

clusterTest("a schema waits for its catalog, and is created when it exists", async (world) => {
  await world.apply(schema({ catalog_name: "late" }));
  const { message } = await world.blocked(KIND, "sales", "ParentMissing");
  assert.match(message, /create the catalog, or correct spec\.schema\.catalog_name/);
  world.workspace.kinds.catalog.add("catalog", { name: "late" });
  const { status } = await world.ready(KIND, "sales");
  assert.equal(status?.id, "late.sales");
});

clusterTest(
  "a schema that is found only seconds after its create is created once and never counts as lost",
  async (world) => {
    await world.apply(schema());
    await world.ready(KIND, "sales");
    await sweeps(world.workspace, PATH, 4);
    assert.equal(world.workspace.ledger.count("POST", PATH), 1);
    const events = await world.events("sales");
    assert.deepEqual(events.filter((line) => /DataMissing|ExternalResourceMissing|Warning/.test(line)), []);
  },
  { mock: { doubts: { freshSecurable: "after seconds" } } },
);

clusterTest(
  "an unmanaged schema is left alone until it is adopted, and then keeps other fields",
  async (world) => {
    const { catalog } = world.workspace.kinds;
    catalog.add("schema", { catalog_name: "main", name: "sales", comment: "Theirs", properties: { a: "1" } });
    catalog.edit("main.sales", { created_by: "other@example.com" });
    await world.apply(schema());
    const { message } = await world.blocked(KIND, "sales", "AlreadyExists");
    assert.match(message, /databricks-operator\/adopt: "true"/);
    assert.equal(catalog.get("main.sales")?.comment, "Theirs");
    await world.annotate(KIND, "sales", "adopt", "true");
    await world.ready(KIND, "sales");
    assert.equal(catalog.get("main.sales")?.comment, "Orders");
    assert.equal(world.workspace.ledger.count("POST", PATH), 0);
  },
);

clusterTest(
  "another catalog is rejected before any write, and the message names the data that a new schema would lack",
  async (world) => {
    const { catalog } = world.workspace.kinds;
    catalog.add("catalog", { name: "other" });
    await world.apply(schema());
    await world.ready(KIND, "sales");
    await world.apply(schema({ catalog_name: "other" }));
    const { message } = await world.blocked(KIND, "sales", "Immutable");
    assert.match(message, /spec\.schema\.catalog_name .*without its tables, views/);
    assert.deepEqual(catalog.names("schema").filter((name) => !/\.(default|information_schema)$/.test(name)), [
      "main.sales",
    ]);
    await world.apply(schema());
    await world.ready(KIND, "sales");
  },
);

clusterTest("a schema stays when its object is deleted, and the event says why", async (world) => {
  const { catalog } = world.workspace.kinds;
  await world.apply(schema({}, {}, true));
  await world.ready(KIND, "sales");
  await world.delete(KIND, "sales");
  await world.gone(KIND, "sales");
  const event = await world.event("sales", "Retained");
  assert.match(event, /its tables, views, volumes, functions and models would go with it/);
  assert.ok(catalog.get("main.sales"));
});

clusterTest(
  "a schema with tables is deleted only with force_destroy, and the message says so",
  async (world) => {
    const { catalog } = world.workspace.kinds;
    await world.apply(schema({}, { "deletion-policy": "delete" }));
    await world.ready(KIND, "sales");
    catalog.addOther("table", "main.sales.orders");
    await world.delete(KIND, "sales");
    const message = await eventually("the deletion is rejected", async () => {
      const synced = condition(await world.get(KIND, "sales"), "Synced");
      return synced?.reason === "InvalidRequest" ? synced.message : problem(JSON.stringify(synced));
    });
    assert.match(message, /(is not empty|dependent).*spec\.force_destroy: true/);
    assert.ok(catalog.get("main.sales.orders"));
    await world.patch(KIND, "sales", { spec: { force_destroy: true } });
    await world.gone(KIND, "sales");
    assert.deepEqual([catalog.get("main.sales"), catalog.get("main.sales.orders")], [undefined, undefined]);
  },
);

clusterTest(
  "a schema that was dropped in Databricks is not created again, since it would be empty",
  async (world) => {
    await world.apply(schema());
    await world.ready(KIND, "sales");
    world.workspace.kinds.catalog.remove("main.sales");
    const { message } = await world.blocked(KIND, "sales", "DataMissing");
    assert.match(message, /restore it in Databricks/);
    assert.equal(world.workspace.ledger.count("POST", PATH), 1);
  },
);

clusterTest(
  "fields that only the owner can change are set after the manifest takes ownership",
  async (world) => {
    const { catalog } = world.workspace.kinds;
    await world.apply(schema());
    await world.ready(KIND, "sales");
    catalog.disown("main.sales", "somebody@example.com");
    await world.apply(schema({ owner: "operator@example.com", comment: "Ours" }));
    await eventually("both are set", () => catalog.get("main.sales")?.comment === "Ours");
    assert.equal(catalog.get("main.sales")?.owner, "operator@example.com");
    await world.ready(KIND, "sales");
  },
);

clusterTest("a schema with only BROWSE does not count as changed", async (world) => {
  const { catalog } = world.workspace.kinds;
  await world.apply(schema());
  await world.ready(KIND, "sales");
  catalog.hide("main.sales");
  const { message } = await world.blocked(KIND, "sales", "ReadInPart");
  assert.match(message, /may only browse it, so grant/);
  assert.deepEqual(patches(world), []);
});
