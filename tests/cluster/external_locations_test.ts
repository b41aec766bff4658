/** The lives of storage credentials and external locations. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem, secret, type World } from "../support/harness.ts";

const ROOT = "/api/2.1/unity-catalog";
const CREDENTIAL = "DatabricksStorageCredential";
const LOCATION = "DatabricksExternalLocation";
const principal = { directory_id: "tenant", application_id: "app" };

const credential = (fields: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  manifest(CREDENTIAL, "lake", { storage_credential: fields, ...more });

const location = (fields: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  manifest(LOCATION, "landing", {
    external_location: { url: "s3://example/landing/", credential_name: "Lake", ...fields },
    ...more,
  });

const patches = ({ workspace }: World, path: string) =>
  workspace.ledger.calls.filter((call) => call.method === "PATCH" && call.path === `${ROOT}/${path}`);

clusterTest(
  "a credential and its location become Ready and are deleted in any order",
  async (world) => {
    const { catalog } = world.workspace.kinds;
    await world.apply(location());
    await eventually("the location waits", async () => {
      const reconciling = condition(await world.get(LOCATION, "landing"), "Reconciling");
      return reconciling?.reason === "ParentMissing" || problem(JSON.stringify(reconciling));
    });
    await world.apply(credential({ aws_iam_role: { role_arn: "arn:aws:iam::1:role/lake" } }));
    await world.ready(LOCATION, "landing");
    const { status } = await eventually("the status has the principal that the role must trust", async () => {
      const object = await world.get(CREDENTIAL, "lake");
      return object?.status?.aws_external_id !== undefined && object;
    });
    assert.match(String(status?.aws_unity_catalog_iam_arn), /^arn:aws:iam::/);
    await world.delete(CREDENTIAL, "lake");
    const message = await eventually("the credential is still needed", async () => {
      const synced = condition(await world.get(CREDENTIAL, "lake"), "Synced");
      return synced?.reason === "InvalidRequest" ? synced.message : problem(JSON.stringify(synced));
    });
    assert.match(message, /delete the external locations and tables that depend on it first/);
    assert.ok(catalog.get("lake"));
    await world.delete(LOCATION, "landing");
    await world.gone(LOCATION, "landing");
    await world.gone(CREDENTIAL, "lake");
    assert.deepEqual(catalog.names("storage_credential"), ["metastore_default"]);
  },
);

clusterTest("a secret is sent on create and on change, and appears nowhere", async (world) => {
  await world.apply(secret("values", { client_secret: "first-secret-value", other: "x" }));
  await world.apply(credential({ azure_service_principal: principal }, { secret_name: "values" }));
  await world.ready(CREDENTIAL, "lake");
  await world.apply(secret("values", { client_secret: "second-secret-value", other: "x" }));
  await world.event("lake", "CredentialSent");
  const sent = world.workspace.ledger.writes().map(({ method, body }) => [method, body]);
  const made = { name: "lake", azure_service_principal: { ...principal, client_secret: "first-secret-value" } };
  const changed = { azure_service_principal: { ...principal, client_secret: "second-secret-value" } };
  assert.deepEqual(sent, [["POST", made], ["PATCH", changed]]);
  const shown = JSON.stringify([await world.get(CREDENTIAL, "lake"), await world.events("lake")]);
  assert.doesNotMatch(shown, /secret-value/);
});

clusterTest("a rejection that repeats the secret is shown without it", async (world) => {
  world.workspace.faults.add({
    match: `POST ${ROOT}/storage-credentials`,
    status: 400,
    body: JSON.stringify({ error_code: "INVALID_PARAMETER_VALUE", message: "wrong: very-secret-value" }),
  });
  await world.apply(secret("values", { client_secret: "very-secret-value" }));
  await world.apply(credential({ azure_service_principal: principal }, { secret_name: "values" }));
  const { message } = await world.blocked(CREDENTIAL, "lake", "InvalidRequest");
  assert.doesNotMatch(message, /very-secret/);
});

clusterTest(
  "the API server rejects a credential with two identities, with none, and a principal without a Secret",
  async (world) => {
    const role = { aws_iam_role: { role_arn: "arn" } };
    await assert.rejects(world.apply(credential({})), /exactly one of aws_iam_role/);
    await assert.rejects(world.apply(credential({ ...role, azure_service_principal: principal })), /exactly one of/);
    await assert.rejects(world.apply(credential({ azure_service_principal: principal })), /need spec\.secret_name/);
  },
);

for (const openBinding of ["taken", "refused"] as const) {
  clusterTest(
    `an isolated location can still be read in this workspace, and options are sent with each call: ${openBinding}`,
    async (world) => {
      const { catalog } = world.workspace.kinds;
      await world.apply(location({ credential_name: "metastore_default", skip_validation: true }));
      await world.ready(LOCATION, "landing");
      const more = { isolation_mode: "ISOLATION_MODE_ISOLATED", read_only: true, skip_validation: true };
      await world.apply(location({ credential_name: "metastore_default", ...more }));
      await eventually("it is isolated", () => catalog.get("landing")?.isolation_mode === "ISOLATION_MODE_ISOLATED");
      await world.ready(LOCATION, "landing");
      assert.equal(catalog.get("landing")?.read_only, true);
      for (const { body } of patches(world, "external-locations/landing")) {
        assert.equal((body as Record<string, unknown>).skip_validation, true);
      }
      catalog.edit("landing", { read_only: false });
      await world.event("landing", "DriftCorrected");
      assert.equal(catalog.get("landing")?.read_only, true);
    },
    { mock: { doubts: { openBinding } } },
  );
}

clusterTest("a location with dependent volumes is deleted only with force_destroy", async (world) => {
  const { catalog } = world.workspace.kinds;
  await world.apply(location({ credential_name: "metastore_default" }));
  await world.ready(LOCATION, "landing");
  const storage = { volume_type: "EXTERNAL", storage_location: "s3://example/landing/files" };
  catalog.add("volume", { catalog_name: "main", schema_name: "default", name: "files", ...storage });
  await world.delete(LOCATION, "landing");
  const message = await eventually("the deletion is rejected", async () => {
    const synced = condition(await world.get(LOCATION, "landing"), "Synced");
    return synced?.reason === "InvalidRequest" ? synced.message : problem(JSON.stringify(synced));
  });
  assert.match(message, /spec\.force_destroy: true/);
  await world.patch(LOCATION, "landing", { spec: { force_destroy: true } });
  await world.gone(LOCATION, "landing");
  assert.deepEqual(catalog.names("volume"), ["main.default.files"]);
});
