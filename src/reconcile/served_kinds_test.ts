import assert from "node:assert/strict";
import { FakeClock, settle } from "../base/clock_fake.ts";
import { ServedKinds } from "./served_kinds.ts";

const ALL = ["jobs", "repos", "scopes"];

/** Looks for three kinds at an API server that serves what `served` holds. */
function looking(...plurals: readonly string[]) {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const came: string[] = [];
  const server = { requests: 0, served: new Set(plurals), isAway: false };
  const discover = () => {
    server.requests++;
    if (server.isAway) return Promise.reject(new Error("away"));
    return Promise.resolve(new Map([...server.served].flatMap((one) => [[one, []], [`${one}/status`, []]])));
  };
  const kinds = new ServedKinds({
    ...{ clock, client: { discover }, signal: stopping.signal, plurals: ALL },
    onServed: (plural) => came.push(plural),
  });
  return { clock, server, came, kinds, [Symbol.dispose]: () => stopping.abort() };
}

Deno.test("kinds that wait cost one request per ten seconds, however many they are", async () => {
  using test = looking("jobs");
  test.kinds.start();
  await test.kinds.any;
  assert.deepEqual([test.server.requests, test.came], [1, ["jobs"]]);
  await test.clock.advance(60 * 60_000);
  // Four more at the beginning: after 1, 3, 7 and 15 s.
  assert.ok(test.server.requests <= 366, String(test.server.requests));
  test.server.served.add("repos");
  await test.clock.advance(10_000);
  assert.deepEqual(test.came, ["jobs", "repos"]);
});

Deno.test("when all kinds are served, no more requests are sent", async () => {
  using test = looking(...ALL);
  test.kinds.start();
  await test.kinds.any;
  await test.clock.advance(60 * 60_000);
  assert.deepEqual([test.server.requests, test.came], [1, ALL]);
});

Deno.test("an API server that is down is asked again, and no kind counts as missing", async () => {
  using test = looking(...ALL);
  test.server.isAway = true;
  test.kinds.start();
  await test.clock.advance(5000);
  test.server.isAway = false;
  await test.clock.advance(10_000);
  await test.kinds.any;
  test.server.isAway = true;
  const waiting = test.kinds.whenServed("repos");
  await test.clock.advance(5000);
  assert.equal(test.kinds.isServed("repos"), true);
  test.server.isAway = false;
  await test.clock.advance(10_000);
  assert.equal(await waiting, false, "it was never missing");
});

Deno.test("a removed kind is missing only if watch and discovery agree, and waits without its own requests", async () => {
  using test = looking(...ALL);
  test.kinds.start();
  await test.kinds.any;
  test.server.served.delete("repos");
  test.server.served.delete("scopes");
  const waiting = Array.from({ length: 60 }, () => test.kinds.whenServed("repos"));
  await settle();
  assert.deepEqual(ALL.map((plural) => test.kinds.isServed(plural)), [true, false, true]);
  assert.match(
    test.kinds.problem("repos") ?? "",
    /^CRD repos\.com\.dstancu\.databricks is not installed: apply the CRDs/,
  );
  const { requests } = test.server;
  await test.clock.advance(10 * 60_000);
  assert.ok(test.server.requests - requests <= 64, String(test.server.requests - requests));
  test.server.served.add("repos");
  await test.clock.advance(10_000);
  assert.deepEqual([...new Set(await Promise.all(waiting))], [true]);
  assert.deepEqual(test.came, [...ALL, "repos"]);
});

Deno.test("waiting for a kind ends with the stop", async () => {
  const test = looking("jobs");
  test.kinds.start();
  await test.kinds.any;
  const waiting = test.kinds.whenServed("repos");
  test[Symbol.dispose]();
  assert.deepEqual([await waiting, await test.kinds.whenServed("scopes")], [false, false]);
});
