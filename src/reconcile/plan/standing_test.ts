import assert from "node:assert/strict";
import { heldAt, pairsOf } from "./baseline.ts";
import type { Situation } from "./plan.ts";
import { settledDeviations, standing } from "./standing.ts";
import { baselineOf, desired, observed, pending, settled, withBaseline } from "./situations_fake.ts";

const standings: [name: string, situation: Situation, expected: string[]][] = [
  ["a settled field is not standing", settled(), []],
  [
    "a value that Databricks dropped is not applied",
    settled({ observed: { ...observed, name: undefined }, desired }),
    ["ignored name"],
  ],
  [
    "a number that Databricks reduced is not applied",
    settled({ desired: { ...desired, timeout_seconds: 9 } }),
    ["ignored timeout_seconds"],
  ],
  ["another spelling of a text is applied", settled({ observed: { ...observed, name: "ETL" } }), []],
  [
    "a text that did not change with our write is not applied",
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
    "a field that no call can clear is reported while it exists",
    withBaseline({ left: ["sparse"] }, { observed: { ...observed, sparse: 1 } }),
    ["left sparse"],
  ],
  ["a field that no call could clear is not reported when it is gone", withBaseline({ left: ["sparse"] }), []],
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
