import assert from "node:assert/strict";
import { settle } from "../../base/clock_fake.ts";
import type { Resource } from "../../resource.ts";
import { BASELINE, RESYNC, World } from "../../../tests/support/sweeper.ts";

/** A world that has swept once: `a`, `b` and `c` are bound to objects of the same name. */
async function swept(): Promise<World> {
  const world = new World();
  world.pages = [{ a: 1, b: 1 }, { c: 1 }];
  for (const id of ["a", "b", "c"]) world.bound.set(id, [`team/${id}`]);
  world.sweeper.start();
  await settle();
  world.take();
  return world;
}

Deno.test("the first sweep starts immediately, the next after the interval", async () => {
  await using world = await swept();
  assert.equal(world.lists, 1);
  await world.clock.advance(RESYNC - 1);
  assert.equal(world.lists, 1);
  await world.clock.advance(1);
  assert.equal(world.lists, 2);
});

Deno.test("a test's interval replaces that of the settings", async () => {
  await using world = new World({}, { intervalMs: 400 });
  world.sweeper.start();
  await settle();
  await world.clock.advance(2000);
  assert.equal(world.lists, 6);
});

Deno.test("a sweep without changes queues nothing", async () => {
  await using world = await swept();
  await world.clock.advance(RESYNC * 3);
  assert.deepEqual([world.lists, world.take()], [4, []]);
});

Deno.test("a sweep queues only the objects of changed resources", async () => {
  await using world = await swept();
  world.bound.set("b", ["team/b", "team/also-b"]);
  world.pages = [{ a: 1, b: 2 }, { c: 1, unbound: 1 }];
  await world.clock.advance(RESYNC);
  assert.deepEqual(world.take(), ["team/also-b", "team/b"]);
  assert.deepEqual(world.observations.fresh("b")?.observed, { value: 2 });
});

Deno.test("a sweep queues the objects of vanished and never seen resources, so that a pass gets them by id", async () => {
  await using world = await swept();
  world.bound.set("never-seen", ["team/never-seen"]);
  world.pages = [{ a: 1, b: 1 }];
  await world.clock.advance(RESYNC);
  assert.deepEqual(world.take(), ["team/c", "team/never-seen"]);
  assert.equal(world.observations.fresh("c"), undefined);
});

Deno.test("a resource written during a sweep does not count as vanished", async () => {
  await using world = await swept();
  const gate = Promise.withResolvers<void>();
  world.gate = gate.promise;
  await world.clock.advance(RESYNC);
  world.observations.wrote("new");
  world.bound.set("new", ["team/new"]);
  gate.resolve();
  await settle();
  assert.deepEqual(world.take(), []);
});

Deno.test("a sweep that breaks off changes nothing and ingests nothing", async () => {
  await using world = await swept();
  world.pages = [{ a: 2 }, new Error("503")];
  await world.clock.advance(RESYNC);
  assert.deepEqual([world.lists, world.take(), world.ingested.length], [2, [], 1]);
  assert.deepEqual(world.observations.fresh("a")?.observed, { value: 1 });
  assert.deepEqual(world.observations.fresh("c")?.observed, { value: 1 });
});

Deno.test("after a sweep that broke off the next one reports what changed", async () => {
  await using world = await swept();
  world.pages = [new Error("503")];
  await world.clock.advance(RESYNC);
  world.pages = [{ a: 2, b: 1, c: 1 }];
  await world.clock.advance(RESYNC);
  assert.deepEqual(world.take(), ["team/a"]);
});

Deno.test("two sweeps never run at the same time, and a kick during one leads to another", async () => {
  await using world = await swept();
  const gate = Promise.withResolvers<void>();
  world.gate = gate.promise;
  world.sweeper.kick();
  await settle();
  for (let count = 0; count < 5; count++) world.sweeper.kick();
  await world.clock.advance(RESYNC);
  assert.deepEqual([world.lists, world.mostAtOnce], [2, 1]);
  gate.resolve();
  await settle();
  await settle();
  assert.deepEqual([world.lists, world.mostAtOnce], [3, 1]);
});

Deno.test("listed rows go to ingest, once per sweep", async () => {
  await using world = await swept();
  assert.deepEqual(world.ingested, [["a", "b", "c"]]);
});

Deno.test("without a connection nothing is listed until a kick reports one", async () => {
  const world = new World();
  await using _end = world;
  world.isConnected = false;
  world.sweeper.start();
  await world.clock.advance(60_000);
  assert.equal(world.lists, 0);
  world.isConnected = true;
  world.sweeper.kick();
  await settle();
  assert.equal(world.lists, 1);
});

Deno.test("a row without an id is neither inspected nor ingested", async () => {
  await using world = new World();
  world.pages = [{ a: 1, undefined: 2 }, { null: 3 }];
  world.sweeper.start();
  await settle();
  assert.deepEqual([world.inspected, world.ingested], [[["a"]], [["a"]]]);
});

Deno.test("a kind without a list queues all of its objects, for a get each", async () => {
  const world = new World({ list: undefined } as unknown as Partial<Resource["external"]>);
  await using _end = world;
  world.bound.set("a", ["team/a", "team/b"]);
  world.observations.put("a", { value: 1 }, world.observations.begin());
  world.sweeper.start();
  await settle();
  assert.deepEqual(world.take(), ["team/a", "team/b"]);
  assert.equal(world.observations.fresh("a"), undefined);
});

Deno.test("a pass before the first sweep waits for it, whether it succeeds or fails", async () => {
  for (const page of [{ a: 1 }, new Error("503")]) {
    const world = new World();
    await using _end = world;
    world.pages = [page];
    assert.equal(world.sweeper.defers("team/a"), true);
    world.sweeper.start();
    await settle();
    assert.deepEqual(world.take(), ["team/a"]);
    assert.equal(world.sweeper.defers("team/a"), false);
  }
});

for (const count of [1, 3]) {
  Deno.test(`${count} writes within the time are observed one by one, without a list`, async () => {
    await using world = await swept();
    const keys = Array.from({ length: count }, (_, index) => `team/w${index}`);
    for (const [index, key] of keys.entries()) world.sweeper.requestBaseline(key, `w${index}`);
    assert.equal(world.sweeper.awaitsBaseline("team/w0"), true);
    await world.clock.advance(BASELINE - 1);
    assert.deepEqual(world.take(), []);
    await world.clock.advance(1);
    assert.deepEqual([world.take(), world.lists], [keys, 1]);
    assert.equal(world.sweeper.awaitsBaseline("team/w0"), false);
  });
}

Deno.test("more than three writes within the time are observed by one list", async () => {
  await using world = await swept();
  const keys = Array.from({ length: 200 }, (_, index) => `team/w${index}`);
  for (const [index, key] of keys.entries()) {
    world.sweeper.requestBaseline(key, `w${index}`);
    world.observations.wrote(`w${index}`);
  }
  world.pages = [{ a: 1, b: 1, c: 1, ...Object.fromEntries(keys.map((_, index) => [`w${index}`, 1])) }];
  await world.clock.advance(BASELINE);
  assert.deepEqual([world.take(), world.lists], [keys.sort(), 2]);
  assert.notEqual(world.observations.fresh("w199"), undefined, "the list was begun after the writes");
});

Deno.test("if a list has many pages, as many writes are observed one by one", async () => {
  await using world = await swept();
  for (let index = 0; index < 1000; index++) world.bound.set(`w${index}`, [`team/w${index}`]);
  const written = Array.from({ length: 10 }, (_, index) => `w${index}`);
  for (const id of written) world.sweeper.requestBaseline(`team/${id}`, id);
  await world.clock.advance(BASELINE);
  assert.deepEqual([world.take(), world.lists], [written.map((id) => `team/${id}`).sort(), 1]);
});

Deno.test("a write during a sweep is observed after it, when it is due", async () => {
  await using world = await swept();
  const gate = Promise.withResolvers<void>();
  world.gate = gate.promise;
  world.sweeper.kick();
  await settle();
  world.observations.wrote("w");
  world.sweeper.requestBaseline("team/w", "w");
  gate.resolve();
  await settle();
  assert.deepEqual(world.take(), [], "that sweep cannot contain the write");
  assert.equal(world.sweeper.awaitsBaseline("team/w"), true);
  await world.clock.advance(BASELINE);
  assert.deepEqual(world.take(), ["team/w"]);
});

Deno.test("after a long sweep, sweeps for writes leave four times as long for other calls", async () => {
  await using world = await swept();
  const gate = Promise.withResolvers<void>();
  world.gate = gate.promise;
  world.sweeper.kick();
  await world.clock.advance(7000);
  gate.resolve();
  await settle();
  assert.equal(world.lists, 2);
  for (let index = 0; index < 200; index++) world.sweeper.requestBaseline(`team/w${index}`, `w${index}`);
  await world.clock.advance(27_999);
  assert.equal(world.lists, 2);
  await world.clock.advance(1);
  assert.equal(world.lists, 3);
  // A few are still asked for one by one in their own time.
  world.take();
  world.sweeper.requestBaseline("team/a", "a");
  await world.clock.advance(BASELINE);
  assert.deepEqual([world.take(), world.lists], [["team/a"], 3]);
});

Deno.test("a second write to the same object is observed once", async () => {
  await using world = await swept();
  for (let count = 0; count < 9; count++) world.sweeper.requestBaseline("team/a", "a");
  await world.clock.advance(BASELINE);
  assert.deepEqual([world.take(), world.lists], [["team/a"], 1]);
});

Deno.test("stop ends a running sweep after its list, and starts no other", async () => {
  const world = await swept();
  world.sweeper.requestBaseline("team/a", "a");
  await world.sweeper.stop();
  await world.clock.advance(RESYNC * 2);
  assert.deepEqual([world.lists, world.clock.pending], [1, 0]);
});

Deno.test("a resource that a list left out is observed by a get, and not by repeated lists", async () => {
  await using world = await swept();
  const keys = Array.from({ length: 6 }, (_, index) => `team/w${index}`);
  const request = () => keys.forEach((key, index) => world.sweeper.requestBaseline(key, `w${index}`));
  request();
  await world.clock.advance(BASELINE);
  assert.deepEqual([world.take(), world.lists], [keys, 2], "one list is tried");
  request();
  await world.clock.advance(BASELINE);
  assert.deepEqual([world.take(), world.lists], [keys, 2]);
});
