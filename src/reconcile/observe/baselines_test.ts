import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import { Baselines } from "./baselines.ts";

/** Baselines of many writes, and the seconds at which sweeps of so many pages began. */
function many(pages: number) {
  const clock = new FakeClock();
  const sweptAt: number[] = [];
  const baselines: Baselines = new Baselines({
    clock,
    collectMs: 5000,
    isMany: (count) => count > 0,
    release: (keys) => baselines.forget(keys),
    sweep: () => {
      sweptAt.push(clock.monotonic() / 1000);
      baselines.forget(baselines.keys);
      baselines.swept({ tookMs: 100, pages });
    },
  });
  return { clock, sweptAt, baselines };
}

Deno.test("under constant writes, sweeps that only observe them read at most one page per second", async () => {
  const { clock, sweptAt, baselines } = many(60);
  const first = clock.monotonic() / 1000;
  for (let second = 0; second < 300; second++) {
    baselines.request(`team/job-${second}`, String(second));
    await clock.advance(1000);
  }
  assert.deepEqual(sweptAt.map((at) => at - first), [5, 65, 125, 185, 245]);
});

Deno.test("in a small workspace writes are observed within seconds", async () => {
  const { clock, sweptAt, baselines } = many(1);
  baselines.request("team/one", "1");
  await clock.advance(5000);
  baselines.request("team/two", "2");
  await clock.advance(5000);
  assert.equal(sweptAt.length, 2);
});
