/** A connection's life. */
import assert from "node:assert/strict";
import { clusterTest, manifest, secret, sweeps } from "../support/harness.ts";

const KIND = "DatabricksUnityCatalogConnection";
const PATH = "/api/2.1/unity-catalog/connections";
const options = { host: "shop.example.com", port: "5432" };

const connection = (fields: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  manifest(KIND, "shop", { uc_connection: { connection_type: "POSTGRESQL", options, ...fields }, ...more });

const extremes = {
  a: { connectionOptions: "removed", ownerWithoutOptions: "taken", addedOptions: "none", toldUser: "returned" },
  b: {
    connectionOptions: "kept",
    ownerWithoutOptions: "refused",
    addedOptions: "the expiry of its token",
    toldUser: "hidden",
  },
} as const;

for (const [end, doubts] of Object.entries(extremes)) {
  clusterTest(
    `no sweep writes a connection again, and no write loses the Secret's options (${end})`,
    async (world) => {
      Object.assign(world.workspace.doubts, doubts);
      const { catalog } = world.workspace.kinds;
      const sent = () => world.workspace.ledger.writes().map(({ method, body }) => [method, body]);
      await world.apply(secret("login", { user: "reader", password: "first-password" }));
      await world.apply(connection({}, { secret_name: "login" }));
      assert.equal((await world.ready(KIND, "shop")).status?.id, "shop");
      catalog.edit("shop", {}); // its token is renewed
      await sweeps(world.workspace, PATH, 2);
      const first = { ...options, user: "reader", password: "first-password" };
      assert.deepEqual(sent(), [["POST", { name: "shop", connection_type: "POSTGRESQL", options: first }]]);

      world.workspace.ledger.clear();
      catalog.edit("shop", { options: { ...first, host: "elsewhere" } });
      await world.event("shop", "DriftCorrected");
      assert.deepEqual(sent(), [["PATCH", { options: first }]]);

      world.workspace.ledger.clear();
      await world.apply(secret("login", { user: "reader", password: "second-password" }));
      await world.event("shop", "CredentialSent");
      const second = { ...first, password: "second-password" };
      assert.deepEqual(sent(), [["PATCH", { options: second }]]);

      await world.apply(connection({ owner: "platform-admins" }, { secret_name: "login" }));
      await world.event("shop", "Updated");
      await sweeps(world.workspace, PATH, 2);
      assert.equal(catalog.get("shop")?.owner, "platform-admins");
      assert.doesNotMatch(JSON.stringify(await world.get(KIND, "shop")), /-password/);
      await world.delete(KIND, "shop");
      await world.gone(KIND, "shop");
      assert.equal(catalog.get("shop"), undefined);
    },
  );
}

clusterTest("a rejection of a connection shows no option of the Secret", async (world) => {
  world.workspace.faults.add({
    match: `POST ${PATH}`,
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message: "odd.key is very-secret-value" },
  });
  await world.apply(secret("login", { "odd.key": "very-secret-value" }));
  await world.apply(connection({}, { secret_name: "login" }));
  assert.doesNotMatch(await world.event("shop", "InvalidRequest"), /very-secret/);
});

clusterTest("a password in a connection's manifest is rejected, and the message names the Secret", async (world) => {
  await world.apply(connection({ options: { ...options, password: "in-the-open" } }));
  const message = await world.event("shop", "InvalidSpec");
  assert.match(message, /spec\.uc_connection\.options\.password: is a secret: move it into a Secret/);
  assert.match(message, /spec\.secret_name/);
  assert.doesNotMatch(message, /in-the-open/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("a connection that a catalog uses is not deleted, and the message names the remedy", async (world) => {
  const { catalog } = world.workspace.kinds;
  await world.apply(connection());
  await world.ready(KIND, "shop");
  catalog.add("catalog", { name: "orders", connection_name: "shop" });
  await world.delete(KIND, "shop");
  assert.match(await world.event("shop", "InvalidRequest"), /delete the catalogs that use it first/);
  assert.ok(catalog.get("shop"));
  catalog.remove("orders");
  await world.gone(KIND, "shop");
});

clusterTest("a change of an immutable field of a connection is rejected with the field", async (world) => {
  await world.apply(connection({ comment: "Orders" }));
  await world.ready(KIND, "shop");
  world.workspace.ledger.clear();
  await world.apply(connection({ comment: "All orders" }));
  assert.match(await world.event("shop", "Immutable"), /spec\.uc_connection\.comment/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});
