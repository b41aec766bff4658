/** Several replicas, as processes: one works, another takes over, and none writes without the lease. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, job, manifest, secret, type World } from "../support/harness.ts";
import { DATABRICKS_URL, Replica } from "../support/replica.ts";

/** The duration of the lease (s), in tests that wait for it to expire. */
const LEASE = 6;
const SHORT = [
  ...["--lease-duration", String(LEASE), "--lease-renew-deadline", "4", "--lease-retry-period", "0.5"],
];
/** The delay that a slow machine may add (s). */
const SLACK = 8;

/** Registers a test without an operator in this process, whose settings lead to each replica's own entrance. */
function replicasTest(name: string, test: (world: World) => Promise<void>): void {
  clusterTest(name, async (world) => {
    await world.apply(secret("databricks-api-secret", { databricks_url: DATABRICKS_URL, access_token: "token" }));
    await world.configure({});
    await test(world);
  }, { start: false, settings: null });
}

/** Returns the duration of an action (s). */
async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return (performance.now() - start) / 1000;
}

async function holder(world: World): Promise<unknown> {
  const path = { group: "coordination.k8s.io", version: "v1", plural: "leases", namespace: world.namespace };
  return (await world.kube.get(path, "databricks-kube-operator")).spec?.holderIdentity;
}

function names({ workspace }: World): unknown[] {
  return workspace.jobs.all().map(({ settings }) => settings.name).sort();
}

replicasTest("one replica works, SIGTERM hands over immediately, and a standby exits immediately", async (world) => {
  await using a = await Replica.start(world);
  await a.leads();
  await using b = await Replica.start(world);
  await using c = await Replica.start(world);
  for (const one of [b, c]) await one.says(/Waiting for lease .*: it is held by /);
  await world.apply(job("first"));
  await world.ready("DatabricksJob", "first");

  c.send("SIGTERM");
  assert.ok(await timed(async () => assert.equal(await c.ended(), 0)) < SLACK, "a standby exits immediately");

  a.send("SIGTERM");
  const handover = await timed(() => b.leads());
  assert.ok(handover < 12, `the lease of 15 s was handed over after ${handover} s`);
  assert.equal(await a.ended(), 0);
  const written = a.writes.length;
  await world.apply(job("second"));
  await world.ready("DatabricksJob", "second");
  assert.equal(a.writes.length, written);
  assert.deepEqual([a.writes.length > 0, b.writes.length > 0, c.door.asked], [true, true, []]);
  assert.deepEqual(names(world), ["first", "second"]);

  b.send("SIGTERM");
  assert.equal(await b.ended(), 0);
  assert.equal(await holder(world), "");
});

replicasTest("after a kill another replica takes over exactly when the lease has expired", async (world) => {
  await using a = await Replica.start(world, SHORT);
  await a.leads();
  await using b = await Replica.start(world, SHORT);
  await b.says(/Waiting for lease/);
  await world.apply(job("before"));
  await world.ready("DatabricksJob", "before");
  a.send("SIGKILL");
  await world.apply(job("after"));
  const handover = await timed(() => b.leads());
  await world.ready("DatabricksJob", "after");
  // The last renewal was up to a retry period (0.5 s) before the kill.
  assert.ok(handover > LEASE - 1.5, `after ${handover} s the killed replica could still have been working`);
  assert.ok(handover < LEASE + SLACK, `it took ${handover} s`);
  assert.deepEqual(names(world), ["after", "before"]);
});

replicasTest("a replica that was suspended beyond its lease writes nothing, and exits", async (world) => {
  const scopes = ["red", "green", "blue", "grey"];
  const values = (value: string) => secret("source", { a: value, b: value, c: value });
  const isHeld = (value: string) =>
    scopes.every((scope) =>
      ["a", "b", "c"].every((key) => {
        const held = world.workspace.secrets.value(scope, key);
        return held !== undefined && new TextDecoder().decode(held) === value;
      })
    );
  await world.apply(values("1"));
  for (const scope of scopes) {
    world.workspace.secrets.addScope(scope);
    await world.apply(manifest("DatabricksSecret", scope, { scope, secret_name: "source" }));
  }
  await using a = await Replica.start(world, SHORT);
  for (const scope of scopes) await world.ready("DatabricksSecret", scope);
  await using b = await Replica.start(world, SHORT);
  await b.says(/Waiting for lease/);

  // It is stopped while it puts the first of three keys; when it wakes, the answers to that have already arrived.
  const put = a.door.hold("/secrets/put");
  await world.apply(values("2"));
  await eventually("a key of each is being sent", () => put.reached() === scopes.length);
  a.send("SIGSTOP");
  put.release();
  const before = a.writes.length;
  await b.leads();
  await world.apply(values("3"));
  await eventually("the other one has sent the newest values", () => isHeld("3"));

  a.send("SIGCONT");
  assert.equal(await a.ended(), 1);
  assert.match(a.log, /Lost lease .*; ending, since another replica may be at work/);
  assert.deepEqual(a.writes.slice(before), []);
  assert.equal(isHeld("3"), true);
});

replicasTest("a replica that lost its lease exits with 1, and leaves the lease alone", async (world) => {
  await using a = await Replica.start(world, SHORT);
  await a.leads();
  const path = { group: "coordination.k8s.io", version: "v1", plural: "leases", namespace: world.namespace };
  await world.kube.patch(path, "databricks-kube-operator", { spec: { holderIdentity: "another" } });
  assert.equal(await a.ended(), 1);
  assert.match(a.log, /Lost lease .*: it is held by another; ending/);
  assert.equal(await holder(world), "another");
});

replicasTest("SIGTERM during slow calls ends within 10 s, and causes no duplicates", async (world) => {
  const { workspace } = world;
  const slow = workspace.faults.add({ match: "jobs/create", latencyMs: 1500, times: 1 });
  const hung = workspace.faults.add({ match: "jobs/create", effect: "kept", hang: true, times: 2 });
  const jobs = ["one", "two", "three"];
  {
    await using a = await Replica.start(world);
    await a.leads();
    await Promise.all(jobs.map((name) => world.apply(job(name))));
    await eventually("the creates are in flight", () => slow.hits + hung.hits === 3);
    a.send("SIGTERM");
    const seconds = await timed(async () => assert.equal(await a.ended(), 0));
    assert.ok(seconds < 10, `it took ${seconds} s`);
    assert.doesNotMatch(a.log.slice(a.log.indexOf("Stopping")), /\[(WRN|ERR|FTL)\]/);
    assert.equal(await holder(world), "", "the lease is released");
    const objects = await world.list("DatabricksJob");
    assert.equal(objects.filter(({ status }) => status?.id !== undefined).length, 1, "the response is recorded");
    for (const object of objects) assert.notEqual(condition(object, "Synced")?.status, "False");
  }
  await using _b = await Replica.start(world);
  for (const name of jobs) await world.ready("DatabricksJob", name);
  assert.deepEqual(names(world), jobs.toSorted());
});

replicasTest("calls that wait for a retry do not delay SIGTERM", async (world) => {
  const busy = world.workspace.faults.add({ match: /(create|list)$/, status: 429, headers: { "retry-after": "30" } });
  await using a = await Replica.start(world);
  await a.leads();
  await world.apply(job("one"));
  await eventually("Databricks asks for a pause", () => busy.hits > 0);
  a.send("SIGTERM");
  const seconds = await timed(async () => assert.equal(await a.ended(), 0));
  assert.ok(seconds < SLACK, `it took ${seconds} s`);
});

replicasTest("a second SIGTERM ends the process immediately", async (world) => {
  const hung = world.workspace.faults.add({ match: "jobs/create", hang: true });
  await using a = await Replica.start(world);
  await a.leads();
  await world.apply(job("one"));
  await eventually("a create is in flight", () => hung.hits > 0);
  let code: number | undefined;
  void a.ended().then((it) => code = it);
  const seconds = await timed(() =>
    eventually("it ended", () => {
      if (code === undefined) a.send("SIGTERM");
      return code !== undefined;
    })
  );
  assert.equal(code, 1);
  assert.ok(seconds < SLACK, `it took ${seconds} s`);
});
