/**
 * Checks a property of schedules, and reports a failure: the shortest failing schedule, in words, and how to repeat it.
 *
 * @module
 */
import * as fc from "fast-check";
import { describeDoubts } from "../../mock/databricks/doubts.ts";
import { chosenDoubts, scheduleDoubts } from "../support/doubts.ts";
import { play, type Result, type Schedule } from "./schedule.ts";
import { inWords } from "./steps.ts";

/** Options of {@link check}. */
export interface CheckOptions {
  readonly schedules: fc.Arbitrary<Schedule>;
  /** The number of schedules, relative to {@link DEFAULT} or `SCHEDULES`. */
  readonly share: number;
  /** Returns the violations in a schedule's result, in words. */
  readonly judge: (result: Result, schedule: Schedule) => readonly string[];
}

/** The number of schedules without `SCHEDULES`. */
const DEFAULT = 200;

/** Plays schedules, and throws the violations of a failing one. */
export async function check({ schedules, share, judge }: CheckOptions): Promise<void> {
  const seed = Number(Deno.env.get("SCHEDULE_SEED") ?? 20261122);
  const path = Deno.env.get("SCHEDULE_PATH");
  const numRuns = path === undefined ? Math.ceil(share * Number(Deno.env.get("SCHEDULES") ?? DEFAULT)) : 1;
  const begun = performance.now();
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const wrong = judge(await play(schedule), schedule);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
  const result = await fc.check(property, { numRuns, seed, ...path !== undefined && { path } });
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${result.numRuns} schedules with seed ${seed} in ${seconds.toFixed(1)} s`);
  if (!result.failed) return;
  const [shrunk] = result.counterexample ?? [];
  if (shrunk === undefined) throw new Error("The schedules could not be played", { cause: result.errorInstance });
  const repeat = `DOUBTS=${chosenDoubts} SCHEDULE_SEED=${seed} SCHEDULE_PATH=${result.counterexamplePath}`;
  throw new Error(await inFull(shrunk, { repeat, wrong: String(result.errorInstance) }));
}

/** Describes a failure: the schedule, the violations, and the file with the log of all arrivals. */
async function inFull(schedule: Schedule, { repeat, wrong }: { repeat: string; wrong: string }): Promise<string> {
  const steps = schedule.steps.map((step, index) => `  ${index + 1}. ${inWords(step)}`);
  const doubts = describeDoubts(scheduleDoubts(schedule.seed)) || "default";
  const story = await play(schedule).then(({ story }) => story, () => []);
  const file = await Deno.makeTempFile({ prefix: "schedule-", suffix: ".log" });
  await Deno.writeTextFile(file, story.join("\n"));
  return [
    `A schedule ends wrong (ingest ${schedule.ingest}, seed ${schedule.seed}, doubts: ${doubts}):`,
    ...steps,
    ...wrong.split("\n").map((text) => `  => ${text}`),
    `Repeat with: ${repeat}; what arrived when: ${file}`,
  ].join("\n");
}
