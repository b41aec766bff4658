/**
 * A manifest and its resource are edited at the same time: the manifest wins, with no more writes than edits.
 *
 * @module
 */
import * as fc from "fast-check";
import { check } from "./report.ts";
import type { Schedule } from "./schedule.ts";
import { simpleKinds } from "./simple_kinds.ts";
import { kinds, type Slot } from "./slots.ts";
import type { Step } from "./steps.ts";

/** The step before which there must be calm. */
const CALM = 60;

/** The kinds that can be edited: a run cannot. */
const edited = kinds.filter((kind) => simpleKinds[kind]?.isOnce !== true);

/** The schedules: each object is created, and then edited on both sides, with other steps before, between and after. */
const schedules: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constantFrom(...edited),
  numbers: fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)),
  isManifestFirst: fc.boolean(),
  works: fc.array(fc.record({ parcels: fc.nat(12), chance: fc.nat(2 ** 31) }), { minLength: 3, maxLength: 3 }),
  seed: fc.nat(2 ** 31),
}).map(({ kind, numbers: [first, second, byHand], isManifestFirst, works, seed }) => {
  const slot: Slot = { kind, letter: "a" };
  const variant = (number: number) => ({ number, more: false });
  // The keys of a scope come from a Secret, not from the manifest.
  const edit: Step = kind === "DatabricksSecret"
    ? { do: "source", letter: "a", variant: variant(second) }
    : { do: "apply", slot, variant: variant(second) };
  const remote: Step = { do: "edit-remote", slot, number: byHand };
  const [before, between, after] = works.map((work): Step => ({ do: "work", ...work }));
  const steps: Step[] = [
    { do: "source", letter: "a", variant: variant(first) },
    { do: "apply", slot: { kind: "DatabricksSecretScope", letter: "a" }, variant: variant(1) },
    { do: "apply", slot, variant: variant(first) },
    { do: "time", seconds: CALM, chance: seed },
    ...before === undefined ? [] : [before],
    ...isManifestFirst ? [edit] : [remote],
    ...between === undefined ? [] : [between],
    ...isManifestFirst ? [remote] : [edit],
    ...after === undefined ? [] : [after],
  ];
  return { seed, ingest: false, steps };
});

Deno.test("when both sides are edited at the same time the manifest wins, with at most two writes", async () => {
  await check({
    schedules,
    share: 0.4,
    judge: ({ violations, story }) => {
      const calm = story.findIndex((line) => line.startsWith(`--- let ${CALM} s pass`));
      const since = story.slice(calm);
      // A run that the manifest requests is not a write to the job.
      const writes = since.filter((line) =>
        /: (POST|PATCH|PUT|DELETE) \/api\/2/.test(line) && !line.includes("run-now")
      );
      const afterEdits = since.slice(since.findIndex((line, index) => index > 0 && line.startsWith("---")));
      const made = writes.filter((line) => afterEdits.includes(line));
      // The keys of a Secret are written one by one.
      const most = made.some((line) => line.includes("/secrets/put")) ? 4 : 2;
      return made.length <= most ? violations : [...violations, `${made.length} writes: ${made.join("; ")}`];
    },
  });
});
