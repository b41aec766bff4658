import assert from "node:assert/strict";
import type { Clock } from "../base/clock.ts";
import { FakeClock } from "../base/clock_fake.ts";
import { watchEventLoop } from "./event_loop_lag.ts";

Deno.test("event loop: a late timer is counted with its delay, and does not make the next one late", async () => {
  const fake = new FakeClock();
  let late = 0;
  const clock: Clock = {
    now: () => fake.now(),
    monotonic: () => fake.monotonic() + late,
    sleep: (ms, signal) => fake.sleep(ms, signal),
    setTimeout: (fn, ms) => fake.setTimeout(fn, ms),
  };
  const lags: number[] = [];
  const watch = watchEventLoop((seconds) => lags.push(seconds), clock);
  await fake.advance(250);
  late = 125;
  await fake.advance(500);
  watch[Symbol.dispose]();
  await fake.advance(1000);
  assert.deepEqual(lags, [0, 0.125, 0]);
  assert.equal(fake.pending, 0);
});
