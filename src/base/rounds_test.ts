import assert from "node:assert/strict";
import { FakeClock, settle } from "./clock_fake.ts";
import { Rounds } from "./rounds.ts";

Deno.test("a round starts after the pause that the previous one returned, or when it is woken", async () => {
  const clock = new FakeClock();
  let count = 0;
  const rounds = new Rounds(clock, () => Promise.resolve(++count * 1000));
  rounds.start();
  await settle();
  assert.equal(count, 1);
  await clock.advance(999);
  assert.equal(count, 1);
  await clock.advance(1);
  assert.equal(count, 2);
  rounds.wake();
  await settle();
  assert.equal(count, 3);
  await rounds.stop();
});

Deno.test("rounds do not overlap, and a stop waits for the current one", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const rounds = new Rounds(new FakeClock(), async () => {
    count++;
    await promise;
    return 0;
  });
  rounds.start();
  rounds.wake();
  await settle();
  assert.equal(count, 1);
  let isOver = false;
  const stopped = rounds.stop().then(() => isOver = true);
  await settle();
  assert.equal(isOver, false);
  resolve();
  await stopped;
  assert.equal(count, 1);
});
