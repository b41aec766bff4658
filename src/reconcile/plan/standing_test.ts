import assert from "node:assert/strict";
import { heldAt, pairsOf } from "./baseline.ts";
import type { Situation } from "./plan.ts";
import { settledDeviations, standing } from "./standing.ts";
import { baselineOf, desired, observed, pending, settled, withBaseline } from "./situations_fake.ts";

const standings: [name: string, situation: Situation, expected: string[]][] = [
  ["what is settled does not stand", settled(), []],
  [
    "what Databricks dropped is not applied",
    settled({ observed: { ...observed, name: undefined }, desired }),
    ["ignored name"],
  ],
  [
    "a number that Databricks cut is not applied",
    settled({ desired: { ...desired, timeout_seconds: 9 } }),
    ["ignored timeout_seconds"],
  ],
  ["another spelling of a text is", settled({ observed: { ...observed, name: "ETL" } }), []],
  [
    "a text that is as it was before our write is not applied",
    settled({
      desired: { ...desired, name: "new" },
      baseline: baselineOf(desired, observed, { was: heldAt([{ path: "name", wanted: "new", got: "etl" }]) }),
    }),
    ["ignored name"],
  ],
  [
    "an immutable field that was changed is reported",
    settled({ desired: { ...desired, path: "/a" }, observed: { ...observed, path: "/b" } }),
    ["moved path"],
  ],
  [
    "a field that no call can clear is reported for as long as it is there",
    withBaseline({ left: ["sparse"] }, { observed: { ...observed, sparse: 1 } }),
    ["left sparse"],
  ],
  ["what no call could clear and is gone is not told", withBaseline({ left: ["sparse"] }), []],
];

for (const [name, situation, expected] of standings) {
  Deno.test(`standing: ${name}`, () => {
    assert.deepEqual(standing(situation).map(({ why, path }) => `${why} ${path}`), expected);
  });
}

Deno.test("Databricks' spelling of an immutable field in a create's response is not a change", () => {
  const asked = { ...desired, path: "/a" };
  const held = { ...observed, path: "/A" };
  const first = pending(asked, held, { created: true });
  const baseline = baselineOf(asked, held, { stands: pairsOf(settledDeviations(first)) });
  assert.deepEqual(standing(settled({ desired: asked, observed: held, baseline })), []);
});
