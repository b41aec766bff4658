import assert from "node:assert/strict";
import { election, led } from "./election_fake.ts";

Deno.test("a release hands over immediately, and leaves the lease as client-go does", async () => {
  const { time, lease, replica, a } = await led();
  await time.advance(7_000);
  await a.elector.release();
  assert.equal(a.isHeld, false);
  assert.deepEqual(lease.spec, {
    holderIdentity: "",
    leaseDurationSeconds: 1,
    acquireTime: "2024-01-01T00:00:07.000000Z",
    renewTime: "2024-01-01T00:00:07.000000Z",
    leaseTransitions: 0,
  });
  const b = replica("b").start();
  await time.advance(0);
  assert.equal(b.isHeld, true);
  assert.deepEqual([lease.spec.leaseTransitions, a.lost], [1, undefined]);
});

for (const [mayWatch, ms] of [[true, 0], [false, 2_200]] as const) {
  const how = mayWatch ? "one that watches the lease" : "one that may not watch the lease, after the retry period,";
  Deno.test(`${how} sees a release while it waits`, async () => {
    const { time, replica, a } = await led();
    const b = replica("b");
    b.client.mayWatch = mayWatch;
    b.start();
    await time.advance(7_100);
    await a.elector.release();
    await time.advance(ms);
    assert.equal(b.isHeld, true);
  });
}

Deno.test("a release after a renewal without a response still frees the lease", async () => {
  const { time, lease, a } = await led();
  a.client.weather = "lost";
  await time.advance(2_500);
  a.client.weather = "fair";
  await a.elector.release();
  assert.equal(lease.spec.holderIdentity, "");
});

Deno.test("a replica that stops before the response to its acquisition frees the lease", async () => {
  const { time, lease, replica } = election();
  const a = replica("a");
  a.client.latencyMs = 100;
  a.start();
  await time.advance(150);
  assert.equal(lease.spec.holderIdentity, "a");
  a.stop.abort();
  a.client.latencyMs = 0;
  await time.advance(0);
  assert.equal(a.acquired, false);
  await a.elector.release();
  assert.equal(lease.spec.holderIdentity, "");
});

Deno.test("a release takes at most a second, whatever the API server does", async () => {
  for (const weather of ["silent", "lost", "refused"] as const) {
    const { time, a } = await led();
    a.client.weather = weather;
    let isOver = false;
    void a.elector.release().then(() => isOver = true);
    await time.advance(1_001);
    assert.equal(isOver, true, weather);
  }
});

Deno.test("a lease of another holder is not released", async () => {
  const { lease, a } = await led();
  lease.edit({ holderIdentity: "x" });
  await a.elector.release();
  assert.equal(lease.spec.holderIdentity, "x");
});

Deno.test("replicas that share a lease hold it together, and no other replica does before the last one ends", async () => {
  const { time, lease, replica } = election();
  const shared = { isShared: true };
  const [a, b] = [replica("2 shards", shared).start(), replica("2 shards", shared).start()];
  await time.advance(5_000);
  assert.deepEqual([a.isHeld, b.isHeld, lease.spec.leaseTransitions], [true, true, 0]);
  const [c, alone] = [replica("3 shards", shared).start(), replica("alone").start()];
  await time.advance(30_000);
  assert.deepEqual([a, b, c, alone].map(({ isHeld }) => isHeld), [true, true, false, false]);
  await a.elector.release();
  await time.advance(30_000);
  assert.deepEqual([a, b, c, alone].map(({ isHeld }) => isHeld), [false, true, false, false]);
  await b.elector.release();
  await time.advance(11_000);
  assert.deepEqual([c.isHeld, alone.isHeld], [false, false], "a request of b's may still be in flight");
  await time.advance(10_000);
  assert.equal([c, alone].filter(({ isHeld }) => isHeld).length, 1);
  assert.deepEqual([a.lost, b.lost], [undefined, undefined]);
});

Deno.test("a replica that is cut off from a shared lease stops by its own clock, though the others renew", async () => {
  const { time, replica } = election();
  const [a, b] = ["a", "b"].map(() => replica("2 shards", { isShared: true }).start());
  await time.advance(5_000);
  assert.ok(a && b);
  a.client.weather = "silent";
  await time.advance(14_000);
  assert.deepEqual([a.isHeld, b.isHeld], [false, true]);
  assert.match(a.lost ?? "", /could not be renewed for 10 s/);
});
