/**
 * Thousands of schedules: edits on both sides, faults, crashes and time in any order. After each the system must come to
 * rest where a run without faults would.
 *
 * `SCHEDULES=5000` plays more of them; `SCHEDULE_SEED` (and `SCHEDULE_PATH`, for one of them) repeats what a failure names.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { play, type Schedule } from "./schedule.ts";
import { inWords, step } from "./steps.ts";

const schedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(2 ** 31),
  ingest: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 30, size: "max" }),
});

Deno.test("after any schedule of edits, faults and crashes all is as without the faults", async () => {
  const seed = Number(Deno.env.get("SCHEDULE_SEED") ?? 20261122);
  const path = Deno.env.get("SCHEDULE_PATH");
  const numRuns = path === undefined ? Number(Deno.env.get("SCHEDULES") ?? 300) : 1;
  const start = performance.now();
  const property = fc.asyncProperty(schedule, async (schedule) => {
    const { violations } = await play(schedule);
    assert.deepEqual(violations, []);
  });
  const result = await fc.check(property, { numRuns, seed, ...path !== undefined && { path } });
  const seconds = (performance.now() - start) / 1000;
  console.log(`${result.numRuns} schedules with seed ${seed} in ${seconds.toFixed(1)} s`);
  if (!result.failed) return;
  const [shrunk] = result.counterexample ?? [];
  if (shrunk === undefined) throw new Error("The schedules could not be played", { cause: result.errorInstance });
  throw new Error(await report(shrunk, `SCHEDULE_SEED=${seed} SCHEDULE_PATH=${result.counterexamplePath}`));
});

/** A failure for people: the schedule, what is wrong, and what arrived when. */
async function report(schedule: Schedule, repeat: string): Promise<string> {
  const steps = schedule.steps.map((step, index) => `  ${index + 1}. ${inWords(step)}`);
  const { violations, story } = await play(schedule).catch((error) => ({
    violations: [String(error.stack)],
    story: [],
  }));
  const file = await Deno.makeTempFile({ prefix: "schedule-", suffix: ".log" });
  await Deno.writeTextFile(file, story.join("\n"));
  return [
    `A schedule ends wrong (ingest ${schedule.ingest}, seed ${schedule.seed}):`,
    ...steps,
    ...violations.map((text) => `  => ${text}`),
    `Repeat with: ${repeat}; what arrived when: ${file}`,
  ].join("\n");
}
