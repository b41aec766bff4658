/** A parent or another prerequisite may be named by its object: the operator waits for it, and sends its name. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, condition, eventually, manifest, sweeps, type World } from "../support/harness.ts";

const ROOT = "/api/2.1/unity-catalog";
const DELETE = { "deletion-policy": "delete" };
const IN_SCHEMA = { catalog_ref: { name: "books" }, schema_ref: { name: "raw" } };

const catalog = manifest("DatabricksCatalog", "books", { catalog: { name: "finance" } });
const schema = manifest("DatabricksSchema", "raw", { schema: { name: "landing", catalog_ref: { name: "books" } } });
const volume = (annotations: Record<string, string> = {}) =>
  manifest("DatabricksVolume", "files", { volume: { ...IN_SCHEMA, volume_type: "MANAGED" } }, annotations);
const model = manifest("DatabricksRegisteredModel", "churn", { registered_model: IN_SCHEMA });

async function apply(world: World, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await world.apply(object);
  for (const { kind = "", metadata } of objects) await world.ready(kind, metadata.name ?? "");
}

const volumes = ({ workspace }: World) => workspace.kinds.catalog.names("volume");

clusterTest("a volume that refers to the objects of its catalog and schema is created only there", async (world) => {
  await world.apply(volume());
  const { message } = await world.blocked("DatabricksVolume", "files", "ReferenceNotReady");
  assert.match(message, /^spec\.volume\.catalog_ref: DatabricksCatalog "books" does not exist: create it, or give/);
  await apply(world, [model, volume(), schema, catalog]);
  const names = ["DatabricksSchema raw", "DatabricksVolume files", "DatabricksRegisteredModel churn"];
  const ids = await Promise.all(names.map(async (name) => {
    const [kind = "", object = ""] = name.split(" ");
    return (await world.get(kind, object))?.status?.id;
  }));
  assert.deepEqual(ids, ["finance.landing", "finance.landing.files", "finance.landing.churn"]);
  const before = world.workspace.ledger.calls.length;
  await sweeps(world.workspace, `${ROOT}/volumes`, 3);
  assert.deepEqual(world.workspace.ledger.calls.slice(before).filter(({ method }) => method !== "GET"), []);
});

clusterTest("a volume is deleted with its object, even after the objects of its catalog and schema", async (world) => {
  await apply(world, [catalog, schema, volume(DELETE)]);
  assert.deepEqual(volumes(world), ["finance.landing.files"]);
  for (const [kind, name] of [["DatabricksSchema", "raw"], ["DatabricksCatalog", "books"]] as const) {
    await world.delete(kind, name);
    await world.gone(kind, name);
  }
  await world.delete("DatabricksVolume", "files");
  await world.gone("DatabricksVolume", "files");
  assert.deepEqual(volumes(world), []);
});

clusterTest("deleting the object of a volume whose create lost its response leaves nothing behind", async (world) => {
  await apply(world, [catalog, schema]);
  world.workspace.faults.add({ match: `POST ${ROOT}/volumes`, effect: "kept", cut: "before-headers", times: 1 });
  // The first get finds nothing, so the create begins.
  const hidden = world.workspace.faults.add({ match: /^GET .*\/volumes\/finance/, after: 1, status: 503 });
  await world.apply(volume(DELETE));
  await eventually("it was made", () => volumes(world).length === 1);
  await world.delete("DatabricksSchema", "raw");
  await world.gone("DatabricksSchema", "raw");
  await world.delete("DatabricksVolume", "files");
  hidden.remove();
  await world.gone("DatabricksVolume", "files");
  assert.deepEqual(volumes(world), []);
});

clusterTest("another catalog by name is rejected before any write", async (world) => {
  await apply(world, [catalog, manifest("DatabricksCatalog", "other", { catalog: {} }), schema]);
  await world.apply(
    manifest("DatabricksSchema", "raw", { schema: { name: "landing", catalog_ref: { name: "other" } } }),
  );
  const { message } = await world.blocked("DatabricksSchema", "raw", "Immutable");
  assert.match(message, /catalog_name/);
});

clusterTest("a missing catalog name and reference is an error", async (world) => {
  await assert.rejects(
    world.apply(manifest("DatabricksSchema", "raw", { schema: { name: "raw" } })),
    /say either catalog_name or catalog_ref/,
  );
  const both = { name: "raw", catalog_name: "main", catalog_ref: { name: "books" } };
  await assert.rejects(world.apply(manifest("DatabricksSchema", "raw", { schema: both })), /say either catalog_name/);
});

clusterTest("an external location uses the credential of the object that it names", async (world) => {
  const { catalog: securables } = world.workspace.kinds;
  await world.apply(manifest("DatabricksExternalLocation", "raw", {
    external_location: { url: "s3://example-raw/files", credential_ref: { name: "lake" } },
  }));
  await world.blocked("DatabricksExternalLocation", "raw", "ReferenceNotReady");
  await world.apply(manifest("DatabricksStorageCredential", "lake", {
    storage_credential: { name: "lake_role", aws_iam_role: { role_arn: "arn:aws:iam::123456789012:role/lake" } },
  }));
  await world.ready("DatabricksExternalLocation", "raw");
  assert.equal(securables.get("raw", "external_location")?.credential_name, "lake_role");
});

clusterTest("a job's webhooks use the destination of the object that they name", async (world) => {
  await world.apply(manifest("DatabricksJob", "etl", {
    job: {
      settings: {
        name: "etl",
        tasks: [],
        webhook_notifications: { on_failure: [{ destination_ref: { name: "hook" } }] },
      },
    },
  }));
  await world.blocked("DatabricksJob", "etl", "ReferenceNotReady");
  await world.apply(manifest("DatabricksNotificationDestination", "hook", {
    destination: { config: { email: { addresses: ["a@example.com"] } } },
  }));
  const { status } = await world.ready("DatabricksNotificationDestination", "hook");
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  const hooks = world.workspace.jobs.require(id).settings.webhook_notifications;
  assert.deepEqual(hooks, { on_failure: [{ id: status?.id }] });
});

clusterTest("a pipeline uses the schema and the connection of the objects that it names", async (world) => {
  await world.apply(manifest("DatabricksPipeline", "orders", {
    pipeline: {
      serverless: true,
      catalog_ref: { name: "books" },
      schema_ref: { name: "raw" },
      ingestion_definition: { connection_ref: { name: "shop" }, objects: [{ table: { source_table: "orders" } }] },
    },
  }));
  await world.blocked("DatabricksPipeline", "orders", "ReferenceNotReady");
  await world.apply(manifest("DatabricksUnityCatalogConnection", "shop", {
    uc_connection: { name: "shop_db", connection_type: "HTTP", options: { host: "https://example.com", port: "443" } },
  }));
  await apply(world, [catalog, schema]);
  const object = await world.ready("DatabricksPipeline", "orders");
  const [{ spec } = { spec: {} }] = world.workspace.kinds.pipelines.all() as { spec: Record<string, unknown> }[];
  const { catalog: held, schema: place, ingestion_definition } = spec;
  assert.deepEqual([held, place], ["finance", "landing"]);
  assert.deepEqual(ingestion_definition, {
    connection_name: "shop_db",
    objects: [{ table: { source_table: "orders" } }],
  });
  assert.equal(condition(object, "Synced")?.message, "", "a connector's own fields are not misspellings");
});

clusterTest("an endpoint serves the model of the object that it names", async (world) => {
  const entity = {
    name: "churn",
    entity_ref: { name: "churn" },
    entity_version: "1",
    workload_size: "Small",
    scale_to_zero_enabled: true,
  };
  await world.apply(
    manifest("DatabricksServingEndpoint", "churn", { endpoint: { config: { served_entities: [entity] } } }),
  );
  await world.blocked("DatabricksServingEndpoint", "churn", "ReferenceNotReady");
  await apply(world, [catalog, schema, model]);
  await world.ready("DatabricksServingEndpoint", "churn");
  const created = world.workspace.ledger.writes().find(({ path }) => path === "/api/2.0/serving-endpoints");
  const { config } = created?.body as { config: { served_entities: Record<string, unknown>[] } };
  assert.equal(config.served_entities[0]?.entity_name, "finance.landing.churn");
});
