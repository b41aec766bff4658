/** Lists that nobody needs are not requested: a kind costs nothing while it is not used. */
import assert from "node:assert/strict";
import { settle } from "../../base/clock_fake.ts";
import { RESYNC, World } from "../../../tests/support/sweeper.ts";

Deno.test("a kind that is not ingested is not listed while it has no object", async () => {
  await using world = new World({}, { isIngested: false });
  world.sweeper.start();
  await world.clock.advance(3 * RESYNC);
  assert.deepEqual([world.lists, world.sweeper.isReady], [0, true]);
  world.bound.set("a", ["team/a"]);
  await world.clock.advance(2 * RESYNC);
  assert.ok(world.lists > 0);
});

Deno.test("the first object of an unlisted kind triggers a list and waits for it", async () => {
  await using world = new World({}, { isIngested: false });
  world.sweeper.start();
  await settle();
  world.bound.set("a", ["team/a"]);
  assert.equal(world.sweeper.defers("team/a"), true);
  await settle();
  assert.deepEqual([world.lists, world.take().includes("team/a")], [1, true]);
  assert.equal(world.sweeper.defers("team/a"), false);
});

Deno.test("when the last object is gone, its listed rows are forgotten", async () => {
  await using world = new World({}, { isIngested: false });
  world.pages = [{ a: 1 }];
  world.bound.set("a", ["team/a"]);
  world.sweeper.start();
  await settle();
  assert.ok(world.observations.fresh("a"));
  world.bound.clear();
  await world.clock.advance(2 * RESYNC);
  assert.equal(world.observations.fresh("a"), undefined);
  const before = world.lists;
  await world.clock.advance(2 * RESYNC);
  assert.equal(world.lists, before);
});

Deno.test("without a list, only writes to resources of objects are remembered for long", async () => {
  await using world = new World({}, { isIngested: false, isListed: false });
  for (const id of ["a", "b"]) world.bound.set(id, [`team/${id}`]);
  world.sweeper.start();
  await settle();
  for (const id of ["a", "b"]) world.observations.wrote(id);
  world.bound.delete("b");
  await world.clock.advance(RESYNC);
  assert.equal(world.observations.writes, 2, "an older look may still be in flight");
  await world.clock.advance(RESYNC);
  assert.deepEqual([world.observations.writes, world.observations.wroteAfter("a", 0)], [1, true]);
  world.bound.clear();
  await world.clock.advance(2 * RESYNC);
  assert.equal(world.observations.writes, 0, "also not after the last object is gone");
});
