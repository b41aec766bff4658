/** Keys of a Kubernetes Secret in a Databricks scope: which are put, when, and which are left alone. */
import assert from "node:assert/strict";
import { resources } from "../../src/resources/mod.ts";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, condition, eventually, manifest, secret, sweeps, type World } from "../support/harness.ts";

const LIST = "/secrets/list";
/** Sweeps are so rare that anything that happens soon was not found by a sweep. */
const RARE = { settings: { default_requeue_interval: "300" } };
/** The time limit for things that must happen at once (ms). */
const AT_ONCE = { patience: 10_000 };

const logged = captureLog();

function keysOf(name: string, from = "source") {
  return manifest("DatabricksSecret", name, { scope: "team", secret_name: from });
}

/** Applies a scope, a Secret, and the DatabricksSecret "keys" that copies the Secret's keys to the scope. */
async function fill(world: World, values: Record<string, string | Uint8Array>): Promise<void> {
  world.workspace.secrets.addScope("team");
  await world.apply(secret("source", values));
  await world.apply(keysOf("keys"));
  await world.ready("DatabricksSecret", "keys");
}

function held(world: World, key: string): string | undefined {
  const value = world.workspace.secrets.value("team", key);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

function heldKeys(world: World): string[] {
  return world.workspace.secrets.keys("team").map(({ key }) => key).sort();
}

/** The keys that were put since the ledger was cleared. */
function puts(world: World): string[] {
  return world.workspace.ledger.find("POST", "/secrets/put").map(({ body }) => (body as { key: string }).key).sort();
}

clusterTest("a scope, a Secret and a DatabricksSecret applied together send every key once", async (world) => {
  await world.apply(keysOf("keys"));
  await world.apply(secret("source", { user: "etl", password: "påss\n" }));
  await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: "team" } }));
  await world.ready("DatabricksSecret", "keys");
  assert.equal(held(world, "user"), "etl");
  assert.equal(held(world, "password"), "påss\n", "a value is not trimmed");
  await sweeps(world.workspace, LIST, 2);
  assert.deepEqual(puts(world), ["password", "user"]);
});

clusterTest("a binary value is sent as bytes_value and reads back equal", async (world) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  await fill(world, { keystore: bytes, empty: "" });
  assert.deepEqual(world.workspace.secrets.value("team", "keystore"), bytes);
  const bodies = world.workspace.ledger.find("POST", "/secrets/put").map(({ body }) => body as Record<string, string>);
  assert.equal(bodies.find(({ key }) => key === "keystore")?.bytes_value, bytes.toBase64());
  assert.equal(bodies.find(({ key }) => key === "empty")?.string_value, "");
});

clusterTest("a change of the source Secret is sent immediately, and only the changed key", async (world) => {
  await fill(world, { user: "etl", password: "old" });
  world.workspace.ledger.clear();
  await world.apply(secret("source", { user: "etl", password: "new" }));
  await eventually("the new value is set", () => held(world, "password") === "new", AT_ONCE);
  await world.ready("DatabricksSecret", "keys");
  assert.deepEqual(puts(world), ["password"]);
}, RARE);

clusterTest(
  "a key that is removed from the Secret is deleted in the scope immediately, and no other",
  async (world) => {
    await fill(world, { user: "etl", password: "x" });
    world.workspace.secrets.put("team", "somebody-elses", "y");
    await world.apply(secret("source", { user: "etl" }));
    await eventually("the key is gone", () => held(world, "password") === undefined, AT_ONCE);
    assert.deepEqual(heldKeys(world), ["somebody-elses", "user"]);
  },
  RARE,
);

clusterTest("a key that was changed or deleted in the webapp is sent again", async (world) => {
  await fill(world, { user: "etl", password: "x" });
  world.workspace.ledger.clear();
  world.workspace.secrets.put("team", "password", "edited in the webapp");
  world.workspace.secrets.remove("team", "user");
  await eventually("both are back", () => held(world, "password") === "x" && held(world, "user") === "etl");
  await sweeps(world.workspace, LIST, 2);
  assert.deepEqual(puts(world), ["password", "user"]);
});

clusterTest("a webapp edit of one key is repaired although another key was sent meanwhile", async (world) => {
  await fill(world, { user: "etl", password: "x" });
  world.workspace.secrets.put("team", "user", "edited in the webapp");
  await world.apply(secret("source", { user: "etl", password: "y" }));
  await eventually("the new value is set", () => held(world, "password") === "y", AT_ONCE);
  await world.configure({ default_requeue_interval: "1" });
  await eventually("the edit is repaired", () => held(world, "user") === "etl");
}, RARE);

clusterTest("unmanaged keys in the scope are left alone, also when the object is deleted", async (world) => {
  await fill(world, { user: "etl" });
  world.workspace.secrets.put("team", "somebody-elses", "y");
  await sweeps(world.workspace, LIST, 2);
  await world.delete("DatabricksSecret", "keys");
  await world.gone("DatabricksSecret", "keys");
  assert.deepEqual(heldKeys(world), ["somebody-elses"]);
});

clusterTest(
  "nothing is sent when only the Secret's annotations change, also not by a restart after that",
  async (world) => {
    const first = await world.startOperator();
    await fill(world, { user: "etl", password: "x" });
    world.workspace.ledger.clear();
    await world.patch("Secret", "source", { metadata: { annotations: { note: "rotated by hand" } } });
    await sweeps(world.workspace, LIST, 2);
    await world.stopOperator(first);
    await world.startOperator();
    await sweeps(world.workspace, LIST, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
  { start: false },
);

clusterTest("changes of the Secret while the operator was down are sent when it starts", async (world) => {
  const first = await world.startOperator();
  await fill(world, { user: "etl", password: "old" });
  await world.stopOperator(first);
  world.workspace.ledger.clear();
  await world.apply(secret("source", { user: "etl", password: "new", added: "z" }));
  await world.startOperator();
  await eventually("everything exists", () => held(world, "password") === "new" && held(world, "added") === "z");
  await sweeps(world.workspace, LIST, 2);
  assert.deepEqual(puts(world), ["added", "password", "user"], "values cannot be read, so the changed Secret is sent");
}, { start: false });

clusterTest("a missing source Secret is named in the condition, and is used as soon as it exists", async (world) => {
  world.workspace.secrets.addScope("team");
  await world.apply(keysOf("keys"));
  const { message } = await world.blocked("DatabricksSecret", "keys", "SecretMissing");
  assert.match(message, new RegExp(`spec\\.secret_name: Secret "${world.namespace}/source" does not exist`));
  await world.apply(secret("source", { user: "etl" }));
  await eventually("the key exists", () => held(world, "user") === "etl", AT_ONCE);
  await world.ready("DatabricksSecret", "keys");
}, RARE);

clusterTest("a DatabricksSecret can be deleted when its Secret is gone, and its keys are deleted", async (world) => {
  await fill(world, { user: "etl" });
  await world.delete("Secret", "source");
  await world.blocked("DatabricksSecret", "keys", "SecretMissing");
  assert.equal(held(world, "user"), "etl", "a vanished Secret does not cause a deletion");
  await world.delete("DatabricksSecret", "keys");
  await world.gone("DatabricksSecret", "keys");
  assert.deepEqual(heldKeys(world), []);
});

clusterTest("a DatabricksSecret can be deleted when its scope is gone", async (world) => {
  await fill(world, { user: "etl" });
  world.workspace.secrets.removeScope("team");
  await world.blocked("DatabricksSecret", "keys", "ScopeMissing");
  await world.delete("DatabricksSecret", "keys");
  await world.gone("DatabricksSecret", "keys");
});

clusterTest("a missing scope is named in the condition, and the keys are sent when it exists", async (world) => {
  await world.apply(secret("source", { user: "etl" }));
  await world.apply(keysOf("keys"));
  const { message } = await world.blocked("DatabricksSecret", "keys", "ScopeMissing");
  assert.match(message, /Secret scope "team" does not exist: create it/);
  world.workspace.secrets.addScope("team");
  await world.ready("DatabricksSecret", "keys");
  assert.equal(held(world, "user"), "etl");
});

clusterTest("a scope that was created again in the webapp is filled again", async (world) => {
  await fill(world, { user: "etl", password: "x" });
  world.workspace.secrets.removeScope("team");
  world.workspace.secrets.addScope("team");
  await eventually("the keys are back", () => heldKeys(world).join() === "password,user");
  assert.equal(held(world, "password"), "x");
});

clusterTest("of two objects that claim the same key the older one holds it, and the other says so", async (world) => {
  await fill(world, { shared: "older" });
  // Kubernetes records ages in whole seconds.
  const born = Date.parse((await world.get("DatabricksSecret", "keys"))?.metadata.creationTimestamp ?? "");
  await eventually("another object is newer", () => Date.now() >= born + 1000);
  await world.apply(secret("rival", { shared: "younger", own: "z" }));
  await world.apply(keysOf("rival", "rival"));
  const { message } = await world.blocked("DatabricksSecret", "rival", "HeldByAnother");
  assert.match(message, /key shared of "team" belong/);
  await eventually("unclaimed keys are sent", () => held(world, "own") === "z");
  await sweeps(world.workspace, LIST, 4);
  assert.equal(held(world, "shared"), "older");
  await world.delete("DatabricksSecret", "rival");
  await world.gone("DatabricksSecret", "rival");
  assert.deepEqual(heldKeys(world), ["shared"], "deleting the loser leaves the key");
  await world.ready("DatabricksSecret", "keys");
});

const words = { token: "dapi-7h1s-t0ken", text: "c0rrect-horse-battery", later: "an0ther-horse" };

clusterTest("secret values and the token are in no log, event, condition or status", async (world) => {
  const { token, text, later } = words;
  const binary = Uint8Array.from([0xff, 0xfe, ...new TextEncoder().encode(text)]);
  await world.connect({ token });
  await fill(world, { text, binary });
  await world.apply(secret("git", { personal_access_token: text }));
  const credential = { git_username: "octocat", git_provider: "gitHub" };
  await world.apply(manifest("GitCredential", "git", { credential, secret_name: "git" }));
  await world.ready("GitCredential", "git");
  const fault = world.workspace.faults.add({ match: "secrets/put", status: 400 });
  await world.apply(secret("source", { text: later, binary, "an.other": later }));
  await world.blocked("DatabricksSecret", "keys", "InvalidRequest");
  fault.remove();
  await world.connect({ token: `${token}-wrong` });
  await world.apply(secret("source", { text: `${later}!`, binary }));
  await eventually("a rejection of the token was reported", async () => {
    return condition(await world.get("DatabricksSecret", "keys"), "Synced")?.reason === "Unauthenticated";
  });
  const objects = (await Promise.all(resources.map(({ kind }) => world.list(kind)))).flat();
  const events = await world.list("Event");
  const told = JSON.stringify([objects, events, logged.map(({ message, properties }) => [message, properties])]);
  assert.match(told, /InvalidRequest/);
  for (const word of [token, text, later, btoa(text), btoa(later), binary.toBase64()]) {
    assert.equal(told.includes(word), false, `"${word}" was printed`);
  }
}, { mock: { token: words.token } });

clusterTest("a key that somebody else set since the last look is not overwritten", async (world) => {
  await fill(world, { user: "etl" });
  world.workspace.secrets.put("team", "extra", "somebody's");
  await world.apply(secret("source", { user: "etl", extra: "ours" }));
  const { message } = await world.blocked("DatabricksSecret", "keys", "AlreadyExists");
  assert.match(message, /key extra of "team" exists already .*adopt: "true" to overwrite it/);
  assert.equal(held(world, "extra"), "somebody's");
  await world.annotate("DatabricksSecret", "keys", "adopt", "true");
  await world.ready("DatabricksSecret", "keys");
  assert.equal(held(world, "extra"), "ours");
}, RARE);
