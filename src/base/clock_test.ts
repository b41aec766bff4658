import assert from "node:assert/strict";
import { systemClock } from "./clock.ts";
import { FakeClock } from "./clock_fake.ts";

for (const [name, clock] of [["system clock", systemClock], ["fake clock", new FakeClock()]] as const) {
  Deno.test(`${name} ends a sleep without an error when its signal aborts, before or during it`, async () => {
    const controller = new AbortController();
    const slept = clock.sleep(1e12, controller.signal);
    controller.abort();
    await slept;
    await clock.sleep(1e12, controller.signal);
  });
}

Deno.test("the fake clock fires timers in order, and runs their continuations in between", async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  clock.sleep(20).then(() => log.push(`second at ${clock.monotonic()}`));
  clock.sleep(10).then(() => {
    log.push(`first at ${clock.monotonic()}`);
    return clock.sleep(5);
  }).then(() => log.push(`its follower at ${clock.monotonic()}`));
  const timer = clock.setTimeout(() => log.push("cancelled"), 12);
  timer.cancel();
  await clock.advance(100);
  assert.deepEqual(log, ["first at 10", "its follower at 15", "second at 20"]);
});
