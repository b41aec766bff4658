import assert from "node:assert/strict";
import { settle } from "../../base/clock_fake.ts";
import { election, led } from "./election_fake.ts";
import type { FakeLease } from "./lease_fake.ts";

const YEAR = 365 * 24 * 3600 * 1000;

// --- Taking ---

Deno.test("a missing lease is created with client-go's fields, and renewed while it is held", async () => {
  const { time, lease, a } = await led();
  assert.equal(a.acquired, true);
  assert.deepEqual(lease.spec, {
    holderIdentity: "a",
    leaseDurationSeconds: 15,
    acquireTime: "2024-01-01T00:00:00.000000Z",
    renewTime: "2024-01-01T00:00:00.000000Z",
    leaseTransitions: 0,
  });
  await time.advance(60_000);
  assert.equal(a.isHeld, true);
  assert.equal(lease.spec.acquireTime, "2024-01-01T00:00:00.000000Z");
  assert.equal(lease.spec.renewTime, "2024-01-01T00:01:00.000000Z");
  assert.equal(lease.spec.leaseTransitions, 0);
  assert.deepEqual([...new Set(a.client.calls.slice(2))], ["replace"], "a renewal is one call");
});

for (const [where, offset] of [["behind", -YEAR], ["ahead", YEAR]] as const) {
  Deno.test(`a holder whose clock is a year ${where} keeps its lease while it renews, and no longer`, async () => {
    const { time, lease, replica } = election();
    const renewTime = (ms: number) => new Date(time.now() + offset + ms).toISOString().replace("Z", "000Z");
    lease.edit({ holderIdentity: "x", leaseDurationSeconds: 15, renewTime: renewTime(0), leaseTransitions: 4 });
    const b = replica("b").start();
    for (let renewal = 0; renewal < 10; renewal++) {
      await time.advance(14_000);
      lease.edit({ renewTime: renewTime(renewal) });
    }
    await time.advance(14_999);
    assert.equal(lease.spec.holderIdentity, "x");
    await time.advance(1);
    assert.equal(b.isHeld, true);
    assert.deepEqual([lease.spec.holderIdentity, lease.spec.leaseTransitions], ["b", 5]);
  });
}

Deno.test("a change without a renewal, such as a label, does not prolong another holder's lease", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "x", leaseDurationSeconds: 15, renewTime: "2024-01-01T00:00:00.000000Z" });
  const b = replica("b").start();
  await time.advance(10_000);
  lease.edit({});
  await time.advance(5_000);
  assert.equal(b.isHeld, true);
});

Deno.test("the holder's own duration counts, if it sets one", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "x", leaseDurationSeconds: 60 });
  const b = replica("b").start();
  await time.advance(59_999);
  assert.equal(b.isHeld, false);
  await time.advance(1);
  assert.equal(b.isHeld, true);
});

Deno.test("of two replicas that wait for the same expiry one wins, and the other keeps waiting", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "x", leaseDurationSeconds: 15 });
  const [b, c] = [replica("b").start(), replica("c").start()];
  await time.advance(120_000);
  assert.equal(Number(b.isHeld) + Number(c.isHeld), 1);
  assert.deepEqual([b.lost, c.lost], [undefined, undefined]);
});

Deno.test("a deleted lease still belongs to its holder until it would have expired", async () => {
  const { time, lease, replica } = await led();
  const b = replica("b").start();
  await time.advance(1000);
  lease.delete();
  await time.advance(15_000);
  assert.equal(b.isHeld, false);
  // It looked for the lease every two seconds or so.
  await time.advance(5_000);
  assert.equal(b.isHeld, true);
});

Deno.test("a candidate does not take a lease that was acquired and deleted before it saw it", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "", leaseDurationSeconds: 1 });
  const [b, c] = [replica("b"), replica("c")];
  c.client.mayWatch = false;
  b.start();
  c.start();
  await time.advance(0);
  assert.deepEqual([b.isHeld, c.isHeld], [true, false]);
  lease.delete();
  b.client.weather = "silent";
  for (let second = 0; second < 30; second++) {
    await time.advance(1000);
    assert.ok(!(b.isHeld && c.isHeld), `after ${second + 1} s both hold it`);
  }
  assert.equal(c.isHeld, true);
});

Deno.test("an API server that rejects or does not respond is asked again", async () => {
  const { time, replica } = election();
  const a = replica("a");
  a.client.weather = "refused";
  a.start();
  await time.advance(10_000);
  assert.match(a.elector.unready().join(), /503/);
  a.client.weather = "silent";
  await time.advance(10_000);
  assert.equal(a.acquired, undefined);
  a.client.weather = "fair";
  await time.advance(10_000);
  assert.equal(a.isHeld, true);
});

Deno.test("a missing namespace of the lease is logged, and the lease is acquired once it exists", async () => {
  const { time, replica } = election();
  const a = replica("a");
  a.client.hasNamespace = false;
  a.start();
  await time.advance(0);
  assert.match(
    a.elector.unready().join(),
    /namespace "ns" does not exist: create it, or name another .*--lease-namespace/,
  );
  a.client.hasNamespace = true;
  await time.advance(3_000);
  assert.equal(a.isHeld, true);
});

Deno.test("a lease whose create lost its response is recognized as ours", async () => {
  const { time, lease, replica } = election();
  const a = replica("a").start();
  a.client.weather = "lost";
  await time.advance(6_000);
  assert.equal(lease.spec.holderIdentity, "a");
  a.client.weather = "fair";
  await time.advance(10_000);
  assert.equal(a.isHeld, true);
  assert.deepEqual([lease.spec.holderIdentity, lease.spec.leaseTransitions], ["a", 0]);
});

Deno.test("a standby is ready when it knows the leader, and stops waiting when it is stopped", async () => {
  const { time, replica } = await led();
  const b = replica("b");
  assert.notDeepEqual(b.elector.unready(), []);
  b.start();
  await time.advance(0);
  assert.deepEqual(b.elector.unready(), []);
  b.stop.abort();
  await settle();
  assert.equal(b.acquired, false);
  await b.elector.release();
  assert.ok(!b.client.calls.includes("replace"));
});

// --- Holding ---

Deno.test("a renewal counts from its request, not from its response", async () => {
  const { time, a } = await led();
  a.client.latencyMs = 3_000;
  await time.advance(2_000); // asked for
  await time.advance(3_000); // answered
  a.client.weather = "silent";
  a.client.latencyMs = 0;
  await time.advance(6_999);
  assert.equal(a.isHeld, true);
  await time.advance(1);
  assert.equal(a.isHeld, false);
});

Deno.test("while renewals fail the lease is held until the deadline; then it is lost, with the reason", async () => {
  const { time, a } = await led();
  await time.advance(2_000);
  a.client.weather = "refused";
  await time.advance(9_999);
  assert.equal(a.isHeld, true);
  assert.equal(a.lost, undefined);
  await time.advance(1);
  assert.equal(a.isHeld, false);
  assert.match(a.lost ?? "", /^Lost lease ns\/operator: it could not be renewed for 10 s: .*503/);
  a.client.weather = "fair";
  const asked = a.client.calls.length;
  await time.advance(60_000);
  assert.equal(a.isHeld, false, "the lost resource is not restored");
  assert.equal(a.client.calls.length, asked);
});

Deno.test("the loss is reported at the deadline, also while a renewal waits for its response", async () => {
  const { time, a } = await led();
  a.client.weather = "silent";
  await time.advance(9_999);
  assert.equal(a.lost, undefined);
  await time.advance(1);
  assert.match(a.lost ?? "", /could not be renewed for 10 s: no answer/);
});

Deno.test("a renewal without a response leaves time for another one", async () => {
  const { time, a } = await led();
  a.client.weather = "silent";
  await time.advance(6_000);
  a.client.weather = "fair";
  await time.advance(60_000);
  assert.equal(a.isHeld, true);
});

Deno.test("a renewal whose response was lost is followed by one that counts", async () => {
  const { time, lease, a } = await led();
  a.client.weather = "lost";
  await time.advance(6_000);
  a.client.weather = "fair";
  await time.advance(4_000);
  assert.equal(a.isHeld, true);
  assert.deepEqual([a.lost, lease.spec.leaseTransitions], [undefined, 0]);
});

Deno.test("other fields that a person writes into the lease stay, and do not lose the lease", async () => {
  const { time, lease, a } = await led();
  lease.edit({ preferredHolder: "c" });
  await time.advance(30_000);
  assert.equal(a.isHeld, true);
  assert.equal(lease.spec.preferredHolder, "c");
});

for (
  const [what, act, why] of [
    ["another holds", (lease: FakeLease) => lease.edit({ holderIdentity: "x" }), /it is held by x$/],
    ["somebody took away", (lease: FakeLease) => lease.edit({ holderIdentity: "" }), /it was taken away$/],
    ["somebody deleted", (lease: FakeLease) => lease.delete(), /it was deleted$/],
  ] as const
) {
  Deno.test(`a lease that ${what} is lost at the next renewal, and not taken back`, async () => {
    const { time, lease, a } = await led();
    act(lease);
    const after = lease.object;
    await time.advance(2_000);
    assert.equal(a.isHeld, false);
    assert.match(a.lost ?? "", why);
    await time.advance(60_000);
    assert.deepEqual(lease.object, after);
  });
}

Deno.test("after a suspension beyond the deadline the lease is lost before any other code runs", async () => {
  const { time, lease, a } = await led();
  await time.advance(2_000);
  const before = lease.object;
  a.clock.suspend();
  await time.advance(9_999);
  assert.equal(a.isHeld, true);
  await time.advance(1);
  assert.equal(a.isHeld, false);
  await time.advance(60_000);
  await a.clock.resume();
  assert.equal(a.isHeld, false);
  await time.advance(60_000);
  assert.match(a.lost ?? "", /could not be renewed/);
  assert.deepEqual(lease.object, before, "an expired lease is not renewed");
});

Deno.test("after a suspension that ends in time the lease is still held", async () => {
  const { time, a } = await led();
  a.clock.suspend();
  await time.advance(9_000);
  await a.clock.resume();
  await time.advance(60_000);
  assert.deepEqual([a.isHeld, a.lost], [true, undefined]);
});

Deno.test("a replica suspended between its read and its acquisition does not take a lease that another acquired meanwhile", async () => {
  const { time, lease, replica } = election();
  const a = replica("a");
  a.client.latencyMs = 1_000;
  a.start();
  await time.advance(500);
  a.clock.suspend();
  const b = replica("b").start();
  await time.advance(60_000);
  assert.equal(b.isHeld, true);
  await a.clock.resume();
  await time.advance(60_000);
  assert.deepEqual([a.isHeld, b.isHeld, lease.spec.holderIdentity], [false, true, "b"]);
});

Deno.test("a jump of the wall clock neither loses nor gives the lease", async () => {
  const { time, replica, a } = await led();
  const b = replica("b").start();
  for (const jump of [YEAR, -2 * YEAR]) {
    time.jump(jump);
    await time.advance(60_000);
    assert.deepEqual([a.isHeld, b.isHeld], [true, false]);
  }
});
