/** The seconds for which declared compute runs, on a fake clock. */
import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import { RunningMeter } from "./running.ts";

const INTERVAL = 300_000;

/** A meter over one resource whose state the test sets. */
function metered() {
  const clock = new FakeClock();
  const counts = new Map<string, number>();
  const meter = new RunningMeter({
    clock,
    isRunning: (key, { state }) => key === "team/theirs" ? undefined : state === "RUNNING",
    add: (key, seconds) => counts.set(key, (counts.get(key) ?? 0) + seconds),
  });
  const look = (state: string | undefined, keys: readonly string[] = ["team/a"], id = "w1") =>
    meter.look({
      listed: new Map(state === undefined ? [] : [[id, { id, observed: { state } }]]),
      bound: new Map([[id, keys]]),
      intervalMs: INTERVAL,
    });
  return { clock, look, count: (key = "team/a") => counts.get(key) };
}

Deno.test("compute that runs at two looks counts for the time in between, and stopped compute does not", async () => {
  const { clock, look, count } = metered();
  look("STOPPED");
  assert.equal(count(), 0, "its series begins at once");
  await clock.advance(INTERVAL);
  look("RUNNING");
  assert.equal(count(), 0);
  await clock.advance(INTERVAL);
  look("RUNNING");
  await clock.advance(120_000);
  look("STOPPED");
  assert.equal(count(), 420, "until the look that finds it stopped");
  await clock.advance(INTERVAL);
  look("STOPPED");
  assert.equal(count(), 420);
});

Deno.test("a gap without looks counts for at most two intervals", async () => {
  const { clock, look, count } = metered();
  look("RUNNING");
  await clock.advance(100 * INTERVAL);
  look("RUNNING");
  assert.equal(count(), 600);
});

Deno.test("another resource, an unlisted one, and an object that does not count add nothing", async () => {
  const { clock, look, count } = metered();
  look("RUNNING", ["team/a", "team/theirs"]);
  await clock.advance(INTERVAL);
  look("RUNNING", ["team/a", "team/theirs"], "w2");
  assert.deepEqual([count(), count("team/theirs")], [0, undefined]);
  await clock.advance(INTERVAL);
  look(undefined, ["team/a"], "w2");
  await clock.advance(INTERVAL);
  look("RUNNING", ["team/a"], "w2");
  assert.equal(count(), 0, "the time in between is unknown");
});
