import assert from "node:assert/strict";
import { FakeClock, settle } from "../../base/clock_fake.ts";
import { UnavailableError } from "../errors.ts";
import { CachedToken } from "./cached_token.ts";

const HOUR = 3_600_000;

/** Issues tokens 1, 2, 3, … and fails while `isDown`. */
function issuer(lifetimeMs = HOUR) {
  const state = { count: 0, isDown: false, wait: Promise.resolve() };
  const issue = async () => {
    state.count++;
    await state.wait;
    if (state.isDown) {
      throw new UnavailableError({ endpoint: "POST /token", status: 503, code: "", message: "down", host: "x" });
    }
    return { token: `token ${state.count}`, lifetimeMs };
  };
  return { state, issue };
}

Deno.test("a token is requested once, however many callers wait for it", async () => {
  const { state, issue } = issuer();
  const cache = new CachedToken(issue, new FakeClock());
  const tokens = await Promise.all(Array.from({ length: 50 }, () => cache.get()));
  assert.deepEqual([new Set(tokens).size, state.count], [1, 1]);
});

Deno.test("a token is renewed before its end, without a wait", async () => {
  const { state, issue } = issuer();
  const clock = new FakeClock();
  const cache = new CachedToken(issue, clock);
  await cache.get();
  await clock.advance(HOUR - 20 * 60_000 - 1);
  assert.deepEqual([await cache.get(), state.count], ["token 1", 1]);
  await clock.advance(2);
  assert.equal(await cache.get(), "token 1");
  await settle();
  assert.deepEqual([await cache.get(), state.count], ["token 2", 2]);
});

Deno.test("a failed renewal is retried a minute later, and the old token is used meanwhile", async () => {
  const { state, issue } = issuer();
  const clock = new FakeClock();
  const cache = new CachedToken(issue, clock);
  await cache.get();
  state.isDown = true;
  await clock.advance(HOUR - 10 * 60_000);
  for (let call = 0; call < 5; call++) assert.equal(await cache.get(), "token 1");
  await settle();
  assert.equal(state.count, 2);
  state.isDown = false;
  await clock.advance(60_001);
  await cache.get();
  await settle();
  assert.equal(await cache.get(), "token 3");
});

Deno.test("a token with less than 40 s left is not used", async () => {
  const { state, issue } = issuer();
  const clock = new FakeClock();
  const cache = new CachedToken(issue, clock);
  await cache.get();
  state.isDown = true;
  await clock.advance(HOUR - 40_001);
  assert.equal(await cache.get(), "token 1");
  await clock.advance(2);
  await assert.rejects(cache.get(), /down/);
});

Deno.test("a short-lived token is used for half of its life, and not renewed at every call", async () => {
  const { state, issue } = issuer(60_000);
  const clock = new FakeClock();
  const cache = new CachedToken(issue, clock);
  for (let second = 0; second < 29; second++) {
    await cache.get();
    await clock.advance(1000);
  }
  assert.equal(state.count, 1);
});

Deno.test("a rejected token is requested again, but not one that was issued meanwhile", async () => {
  const { state, issue } = issuer();
  const cache = new CachedToken(issue, new FakeClock());
  const first = await cache.get();
  cache.drop(first);
  assert.equal(await cache.get(), "token 2");
  cache.drop(first);
  assert.deepEqual([await cache.get(), state.count], ["token 2", 2]);
});

Deno.test("while the token endpoint is down, successive callers share one request", async () => {
  const { state, issue } = issuer();
  const clock = new FakeClock();
  const cache = new CachedToken(issue, clock);
  state.isDown = true;
  for (let call = 0; call < 1000; call++) await assert.rejects(cache.get(), /down/);
  assert.equal(state.count, 1);
  state.isDown = false;
  await clock.advance(1000);
  assert.equal(await cache.get(), "token 2");
});
