/**
 * Edits on both sides, faults, crashes and time in any order. After each schedule the system must reach the same state
 * as a run without faults.
 *
 * `SCHEDULES=5000` plays more of them; `SCHEDULE_SEED` (and `SCHEDULE_PATH`, for one of them) repeats a reported
 * failure.
 *
 * @module
 */
import * as fc from "fast-check";
import { check } from "./report.ts";
import { step } from "./steps.ts";

const schedules = fc.record({
  seed: fc.nat(2 ** 31),
  ingest: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 30, size: "max" }),
});

Deno.test("any schedule of edits, faults and crashes ends in the same state as without faults", async () => {
  await check({ schedules, share: 1, judge: ({ violations }) => violations });
});
