/** Updates that take several calls: after one that failed only the rest is made. */
import assert from "node:assert/strict";
import { appliedFingerprint, BASELINE_VERSION, observedFingerprint } from "./baseline.ts";
import { plan, type Situation } from "./plan.ts";

const before = { size: "Small", lifecycle: { started: false } };
const after = { size: "Large", lifecycle: { started: true } };

function situation(more: Partial<Situation>): Situation {
  const rules = { updateOnly: ["lifecycle"] };
  const baseline = {
    ...{ version: BASELINE_VERSION, api: "2.0", generation: 1, words: true },
    ...{ applied: appliedFingerprint(before, rules), observed: observedFingerprint(before, rules) },
  };
  const fixed = { api: "2.0", rules, baseline, row: undefined, updatable: true, gradual: true, rotated: false };
  return { ...fixed, desired: after, observed: before, generation: 2, ...more };
}

Deno.test("an edit whose first call took effect continues with the second call", () => {
  assert.deepEqual(plan(situation({})), {
    action: "update",
    cause: "manifest",
    changes: ["size", "lifecycle.started"],
  });
  const half = situation({ observed: { ...before, size: "Large" } });
  assert.deepEqual(plan(half), { action: "update", cause: "manifest", changes: ["lifecycle.started"] });
  assert.deepEqual(plan(situation({ observed: after })), { action: "bind" });
});

Deno.test("if an update is one call, it sends the whole edit", () => {
  const half = situation({ observed: { ...before, size: "Large" }, gradual: false });
  assert.deepEqual(plan(half), { action: "update", cause: "manifest", changes: ["size", "lifecycle.started"] });
});

Deno.test("a step after a create first checks whether its value is already set", () => {
  const created = {
    desired: after,
    generation: 1,
    baseline: {
      ...{ version: BASELINE_VERSION, api: "2.0", generation: 1, words: true, created: true },
      applied: appliedFingerprint(after, { updateOnly: ["lifecycle"] }, { created: true }),
    },
  };
  assert.deepEqual(plan(situation({ ...created, observed: "unknown", row: after })), { action: "look" });
  assert.equal(plan(situation({ ...created, observed: after })).action, "bind");
  const { action } = plan(situation({ ...created, observed: { ...after, lifecycle: { started: false } } }));
  assert.equal(action, "update");
});
