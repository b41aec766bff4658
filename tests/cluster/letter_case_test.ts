/** Names that differ only in case: it is a doubt whether Databricks distinguishes them. */
import assert from "node:assert/strict";
import {
  clusterTest,
  condition,
  eventually,
  manifest,
  problem,
  secret,
  sweeps,
  type World,
} from "../support/harness.ts";

const SECRET = "DatabricksSecret";
const SCOPE = "DatabricksSecretScope";
const LIST = "/secrets/list";
const SCOPES = "/secrets/scopes/list";
const noIngest = { settings: { ingest: "false" } };
const IGNORING = ["ignore case; listed as made", "ignore case; listed in lower case"] as const;

const keysOf = (name: string, scope: string, from: string) => manifest(SECRET, name, { scope, secret_name: from });
const scopeOf = (name: string, scope: string) => manifest(SCOPE, name, { scope: { name: scope } });

function held(world: World, scope: string, key: string): string | undefined {
  const value = world.workspace.secrets.value(scope, key);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

/** Waits until a new object would be younger: Kubernetes records ages in whole seconds. */
async function younger(world: World, than: string): Promise<void> {
  const born = Date.parse((await world.get(SECRET, than))?.metadata.creationTimestamp ?? "");
  await eventually("another object is newer", () => Date.now() >= born + 1000);
}

function puts(world: World): number {
  return world.workspace.ledger.count("POST", "/secrets/put");
}

for (const scopeNames of IGNORING) {
  clusterTest(
    `two objects that name the same scope in another case do not both fill a key (${scopeNames})`,
    async (world) => {
      Object.assign(world.workspace.doubts, { scopeNames });
      world.workspace.secrets.addScope("Team");
      await world.apply(secret("one", { user: "first" }));
      await world.apply(secret("two", { user: "second" }));
      await world.apply(keysOf("older", "Team", "one"));
      await world.ready(SECRET, "older");
      await younger(world, "older");
      await world.apply(keysOf("younger", "team", "two"));
      await world.blocked(SECRET, "younger", "HeldByAnother");
      const before = puts(world);
      await sweeps(world.workspace, LIST, 4);
      assert.deepEqual([puts(world), held(world, "Team", "user")], [before, "first"]);
    },
    noIngest,
  );

  clusterTest(
    `our own scope in another case is not missed, duplicated or left behind (${scopeNames})`,
    async (world) => {
      Object.assign(world.workspace.doubts, { scopeNames });
      await world.apply(scopeOf("own", "Team"));
      await world.ready(SCOPE, "own");
      await world.apply(secret("one", { user: "first" }));
      await world.apply(keysOf("keys", "TEAM", "one"));
      await world.ready(SECRET, "keys");
      await sweeps(world.workspace, SCOPES, 3);
      assert.equal(world.workspace.ledger.count("POST", "/scopes/create"), 1);
      await world.apply(scopeOf("other", "team"));
      await world.blocked(SCOPE, "other", "AlreadyExists");
      await world.delete(SCOPE, "other");
      await world.gone(SCOPE, "other");
      await world.delete(SECRET, "keys");
      await world.gone(SECRET, "keys");
      assert.deepEqual(world.workspace.secrets.keys("Team"), []);
      await world.delete(SCOPE, "own");
      await world.gone(SCOPE, "own");
      assert.deepEqual(world.workspace.secrets.scopes(), []);
    },
    noIngest,
  );
}

clusterTest("two scopes whose names differ in case are separate, each with its own keys", async (world) => {
  world.workspace.doubts.scopeNames = "respect case";
  for (const name of ["Team", "team"]) world.workspace.secrets.addScope(name);
  await world.apply(secret("one", { user: "first" }));
  await world.apply(secret("two", { user: "second" }));
  await world.apply(keysOf("older", "Team", "one"));
  await world.ready(SECRET, "older");
  await younger(world, "older");
  await world.apply(keysOf("younger", "team", "two"));
  await world.ready(SECRET, "younger");
  assert.deepEqual([held(world, "Team", "user"), held(world, "team", "user")], ["first", "second"]);
  await world.delete(SECRET, "younger");
  await world.gone(SECRET, "younger");
  assert.deepEqual([held(world, "Team", "user"), held(world, "team", "user")], ["first", undefined]);
}, noIngest);

clusterTest("a scope is not confused with another one whose name differs in case", async (world) => {
  world.workspace.doubts.scopeNames = "respect case";
  world.workspace.secrets.addScope("TEAM", { manager: "ann@example.com" });
  await world.apply(scopeOf("own", "Team"));
  await world.ready(SCOPE, "own");
  await world.apply(scopeOf("other", "team"));
  await world.ready(SCOPE, "other");
  const names = () => world.workspace.secrets.scopes().map(({ name }) => name).sort();
  assert.deepEqual(names(), ["TEAM", "Team", "team"]);
  world.workspace.secrets.removeScope("Team");
  await eventually("it is missed and created again", () => names().includes("Team") || problem(names().join()));
  await world.ready(SCOPE, "own");
  for (const name of ["own", "other"]) {
    await world.delete(SCOPE, name);
    await world.gone(SCOPE, name);
  }
  assert.deepEqual(names(), ["TEAM"]);
}, noIngest);

clusterTest("an unmanaged key in another case is not overwritten without adopt", async (world) => {
  world.workspace.doubts.secretKeys = "ignore case";
  world.workspace.secrets.addScope("team");
  world.workspace.secrets.put("team", "Password", "somebody's");
  await world.apply(secret("one", { password: "ours" }));
  await world.apply(keysOf("keys", "team", "one"));
  await world.blocked(SECRET, "keys", "AlreadyExists");
  assert.equal(held(world, "team", "Password"), "somebody's");
  await world.annotate(SECRET, "keys", "adopt", "true");
  await world.ready(SECRET, "keys");
  const before = puts(world);
  await sweeps(world.workspace, LIST, 3);
  assert.deepEqual([puts(world), held(world, "team", "password")], [before, "ours"]);
  await world.apply(secret("one", { other: "x" }));
  await eventually("the key is deleted", () => held(world, "team", "password") === undefined);
}, noIngest);

for (const secretKeys of ["respect case", "ignore case"] as const) {
  clusterTest(`a key that is renamed only in case is not lost (${secretKeys})`, async (world) => {
    world.workspace.doubts.secretKeys = secretKeys;
    world.workspace.secrets.addScope("team");
    await world.apply(secret("one", { Password: "same" }));
    await world.apply(keysOf("keys", "team", "one"));
    await world.ready(SECRET, "keys");
    await world.apply(secret("one", { password: "same" }));
    await eventually("it is renamed", () => world.workspace.secrets.keys("team").some(({ key }) => key === "password"));
    await world.ready(SECRET, "keys");
    const before = puts(world);
    await sweeps(world.workspace, LIST, 3);
    assert.deepEqual(world.workspace.secrets.keys("team").map(({ key }) => key), ["password"]);
    assert.deepEqual([held(world, "team", "password"), puts(world)], ["same", before]);
  }, noIngest);

  clusterTest(
    `two keys of one Secret that differ in case are not sent repeatedly (${secretKeys})`,
    async (world) => {
      world.workspace.doubts.secretKeys = secretKeys;
      world.workspace.secrets.addScope("team");
      await world.apply(secret("one", { Password: "upper", password: "lower" }));
      await world.apply(keysOf("keys", "team", "one"));
      if (secretKeys === "respect case") {
        await world.ready(SECRET, "keys");
        await sweeps(world.workspace, LIST, 3);
        assert.deepEqual([held(world, "team", "Password"), held(world, "team", "password")], ["upper", "lower"]);
        return assert.equal(puts(world), 2);
      }
      const told = await eventually("it is reported", async () => {
        const { status, message = "" } = condition(await world.get(SECRET, "keys"), "Synced") ?? {};
        return status === "False" && message.includes("assword") && message;
      });
      assert.match(told, /Password.*password.*differ in case/);
      const before = puts(world);
      await sweeps(world.workspace, LIST, 4);
      assert.equal(puts(world), before);
      // Follows the message's advice.
      await world.apply(secret("one", { Password: "upper", password_2: "lower" }));
      await world.ready(SECRET, "keys");
      assert.deepEqual([held(world, "team", "password"), held(world, "team", "password_2")], ["upper", "lower"]);
    },
    noIngest,
  );
}
