import assert from "node:assert/strict";
import fc from "fast-check";
import { applyConditions, type Condition, conditionOf, printable, type Setting } from "./conditions.ts";

const ready: Setting = { type: "Ready", status: "True", reason: "Available", message: "Job 1 exists" };
const first = "2026-01-01T00:00:00Z";
const later = "2026-01-02T00:00:00Z";

/** Conditions that were set at the first time, for generation 1. */
function conditions(...settings: Setting[]): Condition[] {
  return applyConditions([], settings, { generation: 1, now: first });
}

Deno.test("a condition has all fields of metav1.Condition", () => {
  assert.deepEqual(conditions(ready), [
    { ...ready, observedGeneration: 1, lastTransitionTime: first },
  ]);
  assert.deepEqual(conditions({ type: "Synced", status: "True" }), [
    { type: "Synced", status: "True", reason: "", message: "", observedGeneration: 1, lastTransitionTime: first },
  ]);
});

Deno.test("lastTransitionTime changes with the status, not with message or generation", () => {
  const before = conditions(ready);
  const at = (setting: Setting, generation = 1) => applyConditions(before, [setting], { generation, now: later })[0];
  assert.equal(at({ ...ready, message: "Job 2 exists" })?.lastTransitionTime, first);
  assert.equal(at(ready, 2)?.lastTransitionTime, first);
  assert.equal(at(ready, 2)?.observedGeneration, 2);
  assert.equal(at({ ...ready, status: "False" })?.lastTransitionTime, later);
});

Deno.test("a status that a draft changes and changes back keeps its time", () => {
  const stored = conditions({ ...ready, status: "False" });
  const draft = applyConditions(stored, [ready], { generation: 1, now: later, stored });
  const back = applyConditions(draft, [{ ...ready, status: "False" }], { generation: 1, now: later, stored });
  assert.deepEqual(back, stored);
});

Deno.test("a condition that a draft removes and sets again keeps its position, so nothing is written", () => {
  const reconciling: Setting = { type: "Reconciling", status: "True", reason: "Pending", message: "It waits" };
  const stored = conditions(ready, reconciling, { type: "Complete", status: "False", reason: "Pending" });
  const draft = applyConditions(stored, [{ type: "Reconciling" }], { generation: 1, now: later, stored });
  const back = applyConditions(draft, [reconciling], { generation: 1, now: later, stored });
  assert.deepEqual(back, stored);
  const more = applyConditions(draft, [{ type: "Failed", status: "False" }, reconciling], {
    generation: 1,
    now: later,
    stored,
  });
  assert.deepEqual(more.map(({ type }) => type), ["Ready", "Reconciling", "Complete", "Failed"]);
});

Deno.test("a condition without a status is removed, and the others keep their positions", () => {
  const before = conditions(ready, { type: "Stalled", status: "True", reason: "InternalError" }, {
    type: "Synced",
    status: "True",
  });
  const after = applyConditions(before, [{ type: "Stalled" }, { type: "Reconciling" }], { generation: 1, now: later });
  assert.deepEqual(after.map(({ type }) => type), ["Ready", "Synced"]);
  assert.deepEqual(after, before.filter(({ type }) => type !== "Stalled"));
});

Deno.test("setting the same conditions again changes nothing", () => {
  const setting = fc.record({
    type: fc.constantFrom("Ready", "Synced", "Stalled"),
    status: fc.constantFrom("True", "False", "Unknown", undefined),
    reason: fc.string(),
    message: fc.string({ unit: fc.constantFrom("a", "\n", "\u0007", "🎉", "\ud83c", "\u2028") }),
  }) as fc.Arbitrary<Setting>;
  fc.assert(fc.property(fc.array(setting, { maxLength: 5 }), (settings) => {
    const once = conditions(...settings);
    const last = settings.filter((one, index) => !settings.slice(index + 1).some(({ type }) => type === one.type));
    assert.deepEqual(applyConditions(once, last, { generation: 1, now: later }), once);
  }));
});

Deno.test("a message is one line without control characters, of bounded length", () => {
  const table: [text: string, shown: string][] = [
    ["plain", "plain"],
    ["two\nlines", "two lines"],
    ["bell\u0007", "bell\\u0007"],
    ["csi\u009b31m", "csi\\u009b31m"],
    ["line\u2028separator", "line\\u2028separator"],
    ["日本語 🎉", "日本語 🎉"],
    ["half \ud83c pair", "half \ufffd pair"],
    ["a".repeat(1024), "a".repeat(1024)],
    ["a".repeat(1025), `${"a".repeat(1023)}…`],
  ];
  for (const [text, shown] of table) assert.equal(printable(text), shown);
});

Deno.test("a cut message is well-formed Unicode, so the API server stores it unchanged", () => {
  fc.assert(fc.property(fc.integer({ min: 1015, max: 1030 }), (length) => {
    const cut = printable("a".repeat(length) + "🎉".repeat(10));
    assert.ok(cut.isWellFormed() && cut.length <= 1024, `${length}`);
    assert.equal(printable(cut), cut);
  }));
});

Deno.test("conditionOf finds a condition by type, also in an empty status", () => {
  assert.equal(conditionOf(conditions(ready), "Ready")?.reason, "Available");
  assert.equal(conditionOf(undefined, "Ready"), undefined);
});
