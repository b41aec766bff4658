import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeClock, settle } from "../../base/clock_fake.ts";
import { Limiter, type Priority } from "./limiter.ts";

function started(options: { ratePerSecond: number; burst?: number }) {
  const clock = new FakeClock();
  const limiter = new Limiter({ ...options, clock });
  const passed: { id: string; at: number }[] = [];
  const call = (id: string, priority?: Priority) =>
    limiter.acquire(priority).then(() => void passed.push({ id, at: clock.monotonic() }));
  return { clock, limiter, passed, call };
}

Deno.test("limiter lets a burst pass immediately, and the rest at the rate", async () => {
  const { clock, passed, call } = started({ ratePerSecond: 10, burst: 2 });
  for (let i = 0; i < 5; i++) call(`${i}`);
  await clock.advance(1000);
  assert.deepEqual(passed.map(({ at }) => at), [0, 0, 200, 200, 400]);
});

Deno.test("limiter lets high priority pass first, each priority in order of arrival", async () => {
  const { clock, passed, call } = started({ ratePerSecond: 1 });
  call("first");
  for (const id of ["l1", "l2"]) call(id, "low");
  for (const id of ["h1", "h2"]) call(id, "high");
  await clock.advance(5000);
  assert.deepEqual(passed.map(({ id }) => id), ["first", "h1", "h2", "l1", "l2"]);
});

Deno.test("every fourth call that the limiter lets pass is of low priority, however many of high priority arrive", async () => {
  const { clock, passed, call } = started({ ratePerSecond: 1 });
  call("first");
  for (let i = 0; i < 3; i++) call("low", "low");
  for (let i = 0; i < 20; i++) call("high", "high");
  await clock.advance(12_000);
  assert.deepEqual(passed.flatMap(({ id }, index) => id === "low" ? [index] : []), [4, 8, 12]);
});

Deno.test("limiter keeps two calls per second free, so that an edit does not wait for repairs", async () => {
  const { clock, limiter, passed, call } = started({ ratePerSecond: 15 });
  for (let i = 0; i < 500; i++) call("repair", "low");
  const waits: number[] = [];
  for (let edit = 0; edit < 20; edit++) {
    await clock.advance(1000);
    const before = clock.monotonic();
    // An edit is two calls, one after the other.
    for (let n = 0; n < 2; n++) {
      let isDone = false;
      limiter.acquire("high").then(() => isDone = true);
      await settle();
      while (!isDone) await clock.advance(1);
    }
    waits.push(clock.monotonic() - before);
  }
  assert.ok(waits.every((ms) => ms === 0), `the edits waited ${waits} ms`);
  const repairs = passed.filter(({ id }) => id === "repair").length;
  assert.ok(repairs >= 12 * clock.monotonic() / 1000, `${repairs} repairs in ${clock.monotonic()} ms`);
});

Deno.test("limiter lets half of a burst of low priority pass immediately after a pause", async () => {
  const { clock, passed, call } = started({ ratePerSecond: 15 });
  for (let i = 0; i < 5; i++) call("list", "low");
  await clock.advance(500);
  assert.deepEqual(passed.map(({ at }) => Math.floor(at)), [0, 0, 0, 77, 154]);
});

Deno.test("limiter holds all calls, also without a rate, for the longest of several holds", async () => {
  for (const ratePerSecond of [0, 10]) {
    const { clock, limiter, passed, call } = started({ ratePerSecond });
    limiter.hold(3000);
    limiter.hold(1000);
    call("a", "high");
    await clock.advance(2999);
    assert.equal(passed.length, 0);
    await clock.advance(1);
    assert.equal(passed.length, 1);
  }
});

Deno.test("limiter adapts to a server with a lower rate, with few rejections and little idle time", async () => {
  // A server's bucket of 10 calls a second, met with the operator's default of 15.
  const { clock, limiter } = started({ ratePerSecond: 15 });
  let [tokens, at, refusals, done] = [10, 0, 0, 0];
  const take = () => {
    tokens = Math.min(10, tokens + (clock.monotonic() - at) / 100);
    at = clock.monotonic();
    return tokens >= 1 && tokens-- > 0;
  };
  const call = async () => {
    for (;;) {
      await limiter.acquire("high");
      if (take()) return void done++;
      refusals++;
      limiter.refused(1000);
    }
  };
  const all = Promise.all(Array.from({ length: 200 }, call));
  while (done < 200) await clock.advance(100);
  await all;
  assert.ok(refusals <= 5, `${refusals} refusals`);
  assert.ok(clock.monotonic() <= 1.1 * 20_000, `${clock.monotonic()} ms`);
});

Deno.test("limiter returns to its rate after a while without rejections", async () => {
  const { clock, limiter } = started({ ratePerSecond: 15, burst: 5 });
  limiter.refused(0);
  assert.ok(limiter.rate < 13, `${limiter.rate}`);
  await clock.advance(120_000);
  assert.equal(limiter.rate, 15);
});

Deno.test("limiter counts rejections of concurrent calls as one", async () => {
  const { clock, limiter } = started({ ratePerSecond: 20 });
  limiter.refused(1000);
  await clock.advance(500);
  limiter.refused(1000);
  assert.equal(limiter.rate, 17);
});

Deno.test("limiter without a rate lets everything pass", async () => {
  const { clock, passed, call } = started({ ratePerSecond: 0 });
  for (let i = 0; i < 1000; i++) call(`${i}`);
  await settle();
  assert.deepEqual([passed.length, clock.pending], [1000, 0]);
});

Deno.test("limiter frees the slot of a caller that aborts", async () => {
  const { clock, limiter, passed, call } = started({ ratePerSecond: 1 });
  call("first");
  const controller = new AbortController();
  const aborted = assert.rejects(limiter.acquire("high", controller.signal), /enough/);
  call("second");
  controller.abort(new Error("enough"));
  await aborted;
  await assert.rejects(limiter.acquire("high", controller.signal), /enough/);
  await clock.advance(1000);
  assert.deepEqual(passed.map(({ id }) => id), ["first", "second"]);
});

Deno.test("limiter applies a new rate immediately", async () => {
  const { clock, limiter, passed, call } = started({ ratePerSecond: 0.001 });
  for (const id of ["a", "b", "c"]) call(id);
  await clock.advance(1);
  assert.equal(passed.length, 1);
  limiter.configure({ ratePerSecond: 1 });
  await clock.advance(1000);
  assert.equal(passed.length, 2);
  limiter.configure({ ratePerSecond: 0 });
  await settle();
  assert.equal(passed.length, 3);
});

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("call" as const),
        count: fc.integer({ min: 1, max: 20 }),
        high: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat(700) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("hold" as const), ms: fc.nat(2000) }) },
  ),
  { maxLength: 20 },
);

Deno.test("limiter: never more than the rate in any second, no call during a hold, no call lost", async () => {
  const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 30 }), async (steps, ratePerSecond) => {
    const { clock, limiter, passed, call } = started({ ratePerSecond });
    let calls = 0;
    for (const step of steps) {
      if (step.do === "call") {
        for (let i = 0; i < step.count; i++) call(`${calls++}`, step.high ? "high" : "low");
      } else if (step.do === "advance") {
        await clock.advance(step.ms);
      } else {
        await settle();
        limiter.hold(step.ms);
        const before = passed.length;
        await clock.advance(Math.max(0, step.ms - 1));
        assert.ok(step.ms === 0 || passed.length === before, "somebody passed a hold");
      }
    }
    await clock.advance(1000 * (calls + 1));
    assert.equal(passed.length, calls);
    for (const [i, { at }] of passed.entries()) {
      const within = passed.slice(i).filter((other) => other.at < at + 1000).length;
      assert.ok(within <= ratePerSecond, `${within} in a second at a rate of ${ratePerSecond}`);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});
