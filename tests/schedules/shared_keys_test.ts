/**
 * Two objects define the same key of one scope at the same time: in the end, the value of the older one is there.
 *
 * @module
 */
import * as fc from "fast-check";
import { check } from "./report.ts";
import type { Schedule } from "./schedule.ts";
import type { Step } from "./steps.ts";

const variant = (number: number) => ({ number, more: true });
const slot = (kind: string, letter: "a" | "b") => ({ kind, letter });

const schedules: fc.Arbitrary<Schedule> = fc.tuple(fc.nat(2 ** 31), fc.nat(2 ** 31)).map(([seed, chance]) => {
  const steps: Step[] = [
    { do: "stranger", slot: slot("DatabricksSecretScope", "a") },
    { do: "source", letter: "a", variant: variant(1) },
    { do: "source", letter: "b", variant: variant(2) },
    { do: "apply", slot: slot("DatabricksSecret", "a"), variant: variant(1) },
    { do: "apply", slot: slot("DatabricksSecret", "b"), variant: variant(2) },
    { do: "time", seconds: 40, chance },
  ];
  return { seed, ingest: false, steps };
});

Deno.test("of two objects that put the same key at the same time the older one's value stays", async () => {
  await check({ schedules, share: 0.15, judge: ({ violations }) => violations });
});
