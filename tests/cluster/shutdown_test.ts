/** The end of an operator, on request or because another one leads: what it still does, and what it no longer does. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, manifest, secret, sweeps, type World } from "../support/harness.ts";

/** Returns the duration of an action (s). */
async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return (performance.now() - start) / 1000;
}

/** The resourceVersions of everything in the namespace that an operator writes. */
async function versions(world: World): Promise<unknown[]> {
  const kinds = ["DatabricksJob", "DatabricksSecret", "Event"];
  const objects = (await Promise.all(kinds.map((kind) => world.list(kind)))).flat();
  return objects.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
}

clusterTest("after the loss of the lease nothing is written to either side", async (world) => {
  let isHeld = true;
  world.workspace.secrets.addScope("team");
  world.workspace.faults.add({ match: "secrets/put", latencyMs: 500 });
  await world.startOperator({ mayWrite: () => isHeld });
  await world.apply(secret("source", { a: "1", b: "1", c: "1" }));
  await world.apply(manifest("DatabricksSecret", "keys", { scope: "team", secret_name: "source" }));
  const put = await eventually("a key is being sent", () => world.workspace.ledger.find("POST", "/secrets/put")[0]);
  isHeld = false;
  const before = await versions(world);
  await eventually("the key is sent", () => put.status === 200);
  await world.apply(job("another"));
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.deepEqual(world.workspace.ledger.writes(), [put]);
  const after = await versions(world);
  assert.deepEqual(after.filter((version) => !String(version).startsWith("another ")), before);
  assert.equal((await world.get("DatabricksJob", "another"))?.status, undefined);
}, { start: false });

clusterTest("a stop aborts calls that do not end, and a started create is resumed and not repeated", async (world) => {
  const operator = await world.startOperator();
  const hung = world.workspace.faults.add({ match: "jobs/create", effect: "kept", hang: true, times: 1 });
  await world.apply(job("etl"));
  await eventually("the create is in flight", () => hung.hits === 1);
  const seconds = await timed(() => operator.stop({ graceMs: 200 }));
  assert.ok(seconds < 7, `it took ${seconds} s`);
  const before = await versions(world);
  const { status } = await world.get("DatabricksJob", "etl") ?? {};
  assert.notEqual(status?.pending, undefined);
  assert.equal(status?.id, undefined);
  assert.deepEqual((await world.events("etl")).filter((event) => !event.startsWith("Created")), []);
  assert.deepEqual(await versions(world), before);
  await world.startOperator();
  await world.ready("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.ids().length, 1);
}, { start: false });

clusterTest("a stop waits for a pass that ends soon", async (world) => {
  const operator = await world.startOperator();
  const slow = world.workspace.faults.add({ match: "jobs/create", latencyMs: 700 });
  await world.apply(job("etl"));
  await eventually("the create is in flight", () => slow.hits === 1);
  await operator.stop();
  const { status } = await world.get("DatabricksJob", "etl") ?? {};
  assert.deepEqual([status?.id], world.workspace.jobs.ids());
  assert.match((await world.events("etl")).join(), /Created: /);
}, { start: false });

clusterTest("an endless list and a 429 of half a minute do not delay a stop", async (world) => {
  const busy = world.workspace.faults.add({ match: "jobs/create", status: 429, headers: { "retry-after": "29" } });
  const hung = world.workspace.faults.add({ match: /(scopes|repos|runs\/list)/, hang: true });
  const operator = await world.startOperator();
  await world.apply(job("etl"));
  await eventually("both have happened", () => busy.hits > 0 && hung.hits > 0);
  const seconds = await timed(() => operator.stop());
  assert.ok(seconds < 6, `it took ${seconds} s`);
}, { start: false });
