import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeClock, settle } from "../base/clock_fake.ts";
import { LeaderElector, type LeaderElectorOptions } from "./leader.ts";
import { FakeLease, FakeLeaseClient, ProcessClock, type Weather } from "./leader_fake.ts";

const YEAR = 365 * 24 * 3600 * 1000;

/** One process that takes part in the election. */
class Replica {
  readonly clock: ProcessClock;
  readonly client: FakeLeaseClient;
  readonly elector: LeaderElector;
  readonly stop = new AbortController();
  acquired: boolean | undefined;
  lost: string | undefined;

  constructor(lease: FakeLease, time: FakeClock, options: { identity: string } & Partial<LeaderElectorOptions>) {
    this.clock = new ProcessClock(time);
    this.client = new FakeLeaseClient(lease, this.clock);
    const names = { namespace: "ns", name: "operator" };
    this.elector = new LeaderElector({
      client: this.client,
      clock: this.clock,
      ...names,
      random: () => 0.5,
      ...options,
    });
    void this.elector.lost.then((why) => this.lost = why);
  }

  start(): this {
    void this.elector.acquire(this.stop.signal).then((acquired) => this.acquired = acquired);
    return this;
  }

  get isHeld(): boolean {
    return this.elector.isHeld();
  }
}

/** A Lease, the time, and the replicas that a test makes. */
function election() {
  const time = new FakeClock();
  const lease = new FakeLease();
  const replica = (identity: string, options: Partial<LeaderElectorOptions> = {}) =>
    new Replica(lease, time, { identity, ...options });
  return { time, lease, replica };
}

/** An election in which `a` leads. */
async function led() {
  const { time, lease, replica } = election();
  const a = replica("a").start();
  await time.advance(0);
  assert.equal(a.isHeld, true);
  return { time, lease, replica, a };
}

// --- Taking ---

Deno.test("a lease that is not there is made, with client-go's fields, and renewed while it is held", async () => {
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

Deno.test("a change that renews nothing, such as a label, does not prolong another's lease", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "x", leaseDurationSeconds: 15, renewTime: "2024-01-01T00:00:00.000000Z" });
  const b = replica("b").start();
  await time.advance(10_000);
  lease.edit({});
  await time.advance(5_000);
  assert.equal(b.isHeld, true);
});

Deno.test("the holder's own duration counts, where it says one", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "x", leaseDurationSeconds: 60 });
  const b = replica("b").start();
  await time.advance(59_999);
  assert.equal(b.isHeld, false);
  await time.advance(1);
  assert.equal(b.isHeld, true);
});

Deno.test("of two that wait for the same expiry one wins, and the other waits on", async () => {
  const { time, lease, replica } = election();
  lease.edit({ holderIdentity: "x", leaseDurationSeconds: 15 });
  const [b, c] = [replica("b").start(), replica("c").start()];
  await time.advance(120_000);
  assert.equal(Number(b.isHeld) + Number(c.isHeld), 1);
  assert.deepEqual([b.lost, c.lost], [undefined, undefined]);
});

Deno.test("a lease that somebody deletes is its holder's until it would have expired", async () => {
  const { time, lease, replica } = await led();
  const b = replica("b").start();
  await time.advance(1000);
  lease.delete();
  await time.advance(13_999);
  assert.equal(b.isHeld, false);
  await time.advance(1);
  assert.equal(b.isHeld, true);
});

Deno.test("an API server that refuses or does not answer is asked again", async () => {
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

Deno.test("a lease whose namespace does not exist is not waited for in silence, and is taken once it does", async () => {
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

Deno.test("a create whose answer was lost is found to be ours", async () => {
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

Deno.test("one that stands by is ready when it knows the leader, and waits no more when told to stop", async () => {
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

Deno.test("a renewal holds from when it was asked for, not from when it was answered", async () => {
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

Deno.test("while renewals fail the lease is held to the deadline; then it is lost, with the reason", async () => {
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
  assert.equal(a.isHeld, false, "what was lost stays lost");
  assert.equal(a.client.calls.length, asked);
});

Deno.test("the loss is told at the deadline, also while a renewal waits for its answer", async () => {
  const { time, a } = await led();
  a.client.weather = "silent";
  await time.advance(9_999);
  assert.equal(a.lost, undefined);
  await time.advance(1);
  assert.match(a.lost ?? "", /could not be renewed for 10 s: no answer/);
});

Deno.test("a renewal without an answer leaves time for another one", async () => {
  const { time, a } = await led();
  a.client.weather = "silent";
  await time.advance(6_000);
  a.client.weather = "fair";
  await time.advance(60_000);
  assert.equal(a.isHeld, true);
});

Deno.test("a renewal whose answer was lost is followed by one that counts", async () => {
  const { time, lease, a } = await led();
  a.client.weather = "lost";
  await time.advance(6_000);
  a.client.weather = "fair";
  await time.advance(4_000);
  assert.equal(a.isHeld, true);
  assert.deepEqual([a.lost, lease.spec.leaseTransitions], [undefined, 0]);
});

Deno.test("what a person writes beside the record stays, and costs nobody the lease", async () => {
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

Deno.test("after a suspension beyond the deadline the lease is not held, before anything else has run", async () => {
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
  assert.deepEqual(lease.object, before, "what has expired is not renewed");
});

Deno.test("after a suspension that ends in time the lease is held on", async () => {
  const { time, a } = await led();
  a.clock.suspend();
  await time.advance(9_000);
  await a.clock.resume();
  await time.advance(60_000);
  assert.deepEqual([a.isHeld, a.lost], [true, undefined]);
});

Deno.test("one that is suspended between its look and its take does not take what another took meanwhile", async () => {
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

Deno.test("a wall clock that jumps costs nobody the lease, and gives it to nobody", async () => {
  const { time, replica, a } = await led();
  const b = replica("b").start();
  for (const jump of [YEAR, -2 * YEAR]) {
    time.jump(jump);
    await time.advance(60_000);
    assert.deepEqual([a.isHeld, b.isHeld], [true, false]);
  }
});

// --- Releasing ---

Deno.test("a release hands over at once, and leaves the lease as client-go does", async () => {
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

Deno.test("a release after a renewal without an answer frees the lease all the same", async () => {
  const { time, lease, a } = await led();
  a.client.weather = "lost";
  await time.advance(2_500);
  a.client.weather = "fair";
  await a.elector.release();
  assert.equal(lease.spec.holderIdentity, "");
});

Deno.test("one that is told to stop while its take has no answer frees the lease", async () => {
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

Deno.test("a release takes a second at most, whatever the API server does", async () => {
  for (const weather of ["silent", "lost", "refused"] as const) {
    const { time, a } = await led();
    a.client.weather = weather;
    let isOver = false;
    void a.elector.release().then(() => isOver = true);
    await time.advance(1_001);
    assert.equal(isOver, true, weather);
  }
});

Deno.test("what another holds is not released", async () => {
  const { lease, a } = await led();
  lease.edit({ holderIdentity: "x" });
  await a.elector.release();
  assert.equal(lease.spec.holderIdentity, "x");
});

// --- Everything at once ---

const whom = fc.nat(2);
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(20_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("suspend" as const), whom }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("resume" as const), whom }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("weather" as const),
        whom,
        weather: fc.constantFrom<Weather>("fair", "refused", "lost", "silent"),
        latencyMs: fc.nat(3_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), whom, gently: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("jump" as const), ms: fc.integer({ min: -YEAR, max: YEAR }) }),
    },
  ),
  { maxLength: 30 },
);

Deno.test("those who share a lease hold it together, and nobody else does before the last has ended", async () => {
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
  assert.deepEqual([c.isHeld, alone.isHeld], [false, false], "a request of b's may still be on its way");
  await time.advance(10_000);
  assert.equal([c, alone].filter(({ isHeld }) => isHeld).length, 1);
  assert.deepEqual([a.lost, b.lost], [undefined, undefined]);
});

Deno.test("one of those who share a lease that is cut off stops by its own clock, though the others renew", async () => {
  const { time, replica } = election();
  const [a, b] = ["a", "b"].map(() => replica("2 shards", { isShared: true }).start());
  await time.advance(5_000);
  assert.ok(a && b);
  a.client.weather = "silent";
  await time.advance(14_000);
  assert.deepEqual([a.isHeld, b.isHeld], [false, true]);
  assert.match(a.lost ?? "", /could not be renewed for 10 s/);
});

Deno.test("never two hold the lease, whatever happens to three replicas; and one does once all is well", async () => {
  const property = fc.asyncProperty(steps, async (steps) => {
    const { time, lease, replica } = election();
    let made = 0;
    const fresh = () => replica(`replica-${made++}`, { random: Math.random }).start();
    const replicas = [fresh(), fresh(), fresh()];
    // Ended processes count too: what they hold must be nobody else's.
    const all = [...replicas];
    const check = () => {
      const holders = all.filter(({ isHeld }) => isHeld).length;
      assert.ok(holders <= 1, `${holders} hold the lease`);
    };
    const wait = async (ms: number) => {
      for (let rest = ms; rest > 0; rest -= 250) {
        await time.advance(Math.min(250, rest));
        check();
        // As a pod that ended is replaced.
        for (const [index, { lost }] of replicas.entries()) {
          if (lost !== undefined) all.push(replicas[index] = fresh());
        }
      }
    };
    for (const step of steps) {
      const it = "whom" in step ? replicas[step.whom]! : undefined;
      if (step.do === "wait") await wait(step.ms);
      else if (step.do === "suspend") it?.clock.suspend();
      else if (step.do === "resume") await it?.clock.resume();
      else if (step.do === "weather") Object.assign(it!.client, { weather: step.weather, latencyMs: step.latencyMs });
      else if (step.do === "jump") time.jump(step.ms);
      else if (step.do === "replace") {
        it?.stop.abort();
        if (step.gently) void it?.elector.release();
        else it?.clock.suspend();
        all.push(replicas[step.whom] = fresh());
      } else if (replicas.every(({ elector }) => elector.isHeld() || elector.unready().length === 0)) {
        // A new replica cannot know of a lease that was deleted before it came, so none comes for a while.
        lease.delete();
        await wait(15_000);
      }
      check();
    }
    for (const { clock, client } of replicas) {
      await clock.resume();
      Object.assign(client, { weather: "fair", latencyMs: 0 });
    }
    await wait(40_000);
    assert.equal(replicas.filter(({ isHeld }) => isHeld).length, 1);
    for (const { stop, elector } of all) {
      stop.abort();
      void elector.release();
    }
    await time.advance(2_000);
  });
  await fc.assert(property, { numRuns: 300 });
});
