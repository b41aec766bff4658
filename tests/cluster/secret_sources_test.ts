/** DatabricksSecrets whose source, scope or rival changes. */
import assert from "node:assert/strict";
import { clusterTest, eventually, manifest, secret, sweeps, type World } from "../support/harness.ts";

const LIST = "/secrets/list";

function keysOf(name: string, spec: Record<string, unknown> = {}) {
  return manifest("DatabricksSecret", name, { scope: "team", secret_name: "source", ...spec });
}

async function fill(world: World, values: Record<string, string>): Promise<void> {
  world.workspace.secrets.addScope("team");
  await world.apply(secret("source", values));
  await world.apply(keysOf("keys"));
  await world.ready("DatabricksSecret", "keys");
}

function held(world: World): Record<string, string> {
  const keys = world.workspace.secrets.keys("team").map(({ key }) => key).sort();
  return Object.fromEntries(
    keys.map((key) => [key, new TextDecoder().decode(world.workspace.secrets.value("team", key))]),
  );
}

clusterTest("another secret_name adds that Secret's keys and removes the former's", async (world) => {
  await fill(world, { both: "same", former: "x" });
  world.workspace.ledger.clear();
  await world.apply(secret("next", { both: "same", added: "y" }));
  await world.apply(keysOf("keys", { secret_name: "next" }));
  await world.ready("DatabricksSecret", "keys");
  assert.deepEqual(held(world), { added: "y", both: "same" });
  assert.equal(world.workspace.ledger.count("POST", "/secrets/put"), 1, "an equal value is not sent again");
  world.workspace.ledger.clear();
  await world.apply(secret("source", { both: "stale" }));
  await sweeps(world.workspace, LIST, 2);
  assert.deepEqual(world.workspace.ledger.writes(), [], "the former Secret no longer counts");
});

clusterTest("another scope is reported as immutable, and nothing is written", async (world) => {
  await fill(world, { user: "etl" });
  world.workspace.secrets.addScope("other");
  world.workspace.ledger.clear();
  await world.apply(keysOf("keys", { scope: "other" }));
  const { message } = await world.blocked("DatabricksSecret", "keys", "Immutable");
  assert.match(message, /^spec\.scope of secret "keys" cannot be changed/);
  await sweeps(world.workspace, LIST, 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.apply(keysOf("keys"));
  await world.ready("DatabricksSecret", "keys");
});

clusterTest("a key that Databricks rejects is named and does not block the others", async (world) => {
  world.workspace.secrets.addScope("team");
  await world.apply(secret("source", { alpha: "1", huge: "x".repeat(129 * 1024), omega: "2" }));
  await world.apply(keysOf("keys"));
  const { message } = await world.blocked("DatabricksSecret", "keys", "InvalidRequest");
  assert.match(message, /^Cannot put key "huge" of secret "keys": .*exceeds/);
  assert.deepEqual(held(world), { alpha: "1", omega: "2" });
  await world.apply(secret("source", { alpha: "1", huge: "smaller", omega: "2" }));
  await world.ready("DatabricksSecret", "keys");
  assert.equal(held(world).huge, "smaller");
  const puts = world.workspace.ledger.find("POST", "/secrets/put").map(({ body }) => (body as { key: string }).key);
  assert.deepEqual(puts.filter((key) => key !== "huge").sort(), ["alpha", "omega"]);
});

clusterTest("all keys that Databricks rejects are named", async (world) => {
  world.workspace.secrets.addScope("team");
  const huge = "x".repeat(129 * 1024);
  await world.apply(secret("source", { alpha: "1", huge, larger: huge }));
  await world.apply(keysOf("keys"));
  const { message } = await world.blocked("DatabricksSecret", "keys", "InvalidRequest");
  assert.match(message, /^Cannot put key "huge", "larger" of secret "keys": /);
});

clusterTest("a rejected key that somebody else had set is not deleted with the object", async (world) => {
  world.workspace.secrets.addScope("team");
  world.workspace.secrets.put("team", "theirs", "z");
  world.workspace.faults.add({ match: "secrets/put", status: 403 });
  await world.apply(secret("source", { theirs: "ours" }));
  await world.apply(keysOf("keys"));
  await world.blocked("DatabricksSecret", "keys", "AlreadyExists");
  await world.delete("DatabricksSecret", "keys");
  await world.gone("DatabricksSecret", "keys");
  assert.deepEqual(held(world), { theirs: "z" });
});

clusterTest("a webapp edit whose repair was rejected is repaired as soon as it is allowed", async (world) => {
  await fill(world, { user: "etl", password: "x" });
  const fault = world.workspace.faults.add({ match: "secrets/put", status: 403 });
  world.workspace.secrets.put("team", "user", "edited in the webapp");
  await world.blocked("DatabricksSecret", "keys", "PermissionDenied");
  await sweeps(world.workspace, LIST, 2);
  fault.remove();
  await eventually("it is repaired", () => held(world).user === "etl");
  await world.ready("DatabricksSecret", "keys");
});

clusterTest("a Secret without keys is not an error, and nothing is sent", async (world) => {
  await fill(world, {});
  await sweeps(world.workspace, LIST, 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.apply(secret("source", { user: "etl" }));
  await eventually("the key exists", () => held(world).user === "etl");
});

clusterTest("a managed scope that is deleted in the webapp comes back with its keys", async (world) => {
  await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: "team" } }));
  await world.apply(secret("source", { user: "etl" }));
  await world.apply(keysOf("keys"));
  await world.ready("DatabricksSecret", "keys");
  world.workspace.secrets.removeScope("team");
  await eventually("the key is back", () => world.workspace.secrets.value("team", "user") !== undefined);
  await world.ready("DatabricksSecret", "keys");
  await world.ready("DatabricksSecretScope", "scope");
});

clusterTest("when the older of two rivals is deleted, the key gets the other's value", async (world) => {
  await fill(world, { shared: "older" });
  // Kubernetes records ages in whole seconds.
  const born = Date.parse((await world.get("DatabricksSecret", "keys"))?.metadata.creationTimestamp ?? "");
  await eventually("another object is newer", () => Date.now() >= born + 1000);
  await world.apply(secret("rival", { shared: "younger" }));
  await world.apply(keysOf("rival", { secret_name: "rival" }));
  await world.blocked("DatabricksSecret", "rival", "HeldByAnother");
  await world.delete("DatabricksSecret", "keys");
  await world.gone("DatabricksSecret", "keys");
  await world.ready("DatabricksSecret", "rival");
  await eventually("the key has the other's value", () => held(world).shared === "younger");
});

clusterTest("with deletion-policy retain the keys stay", async (world) => {
  await fill(world, { user: "etl" });
  await world.annotate("DatabricksSecret", "keys", "deletion-policy", "retain");
  await world.delete("DatabricksSecret", "keys");
  await world.gone("DatabricksSecret", "keys");
  assert.deepEqual(held(world), { user: "etl" });
});
