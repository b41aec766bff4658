import assert from "node:assert/strict";
import fc from "fast-check";
import { type Baseline, BASELINE_VERSION, baselineText, parseBaseline } from "./baseline.ts";

const hash = fc.string({ minLength: 1, maxLength: 16 });
const fingerprint = fc.dictionary(
  fc.string({ maxLength: 12 }),
  fc.oneof(hash, fc.dictionary(fc.string({ maxLength: 12 }), hash, { noNullPrototype: true })),
  { noNullPrototype: true },
);
const baseline = fc.record<Partial<Baseline>>({
  applied: fingerprint,
  observed: fingerprint,
  stands: fc.dictionary(hash, hash, { noNullPrototype: true }),
  kept: fc.constant({ edit_mode: "UI_LOCKED", limit: 901234567890123456n }),
  created: fc.constant(true),
}, { requiredKeys: [], noNullPrototype: true }).map((some): Baseline => ({
  version: BASELINE_VERSION,
  api: "2.2",
  generation: 3,
  ...some,
}));

Deno.test("a baseline survives a round trip through its text, which is one stable line", () => {
  fc.assert(fc.property(baseline, (one) => {
    const text = baselineText(one);
    assert.deepEqual(parseBaseline(text), one);
    assert.equal(baselineText(parseBaseline(text) ?? one), text);
    assert.ok(!text.includes("\n"));
  }));
});

Deno.test("observed values that equal the desired ones are stored once", () => {
  const applied = Object.fromEntries(Array.from({ length: 50 }, (_, task) => [`task_${task}`, "x".repeat(16)]));
  const one: Baseline = { version: 1, api: "2.2", generation: 1, applied: { tasks: applied } };
  const seen = { ...one, observed: { tasks: { ...applied, task_7: "y".repeat(16) } } };
  assert.ok(baselineText(seen).length < baselineText(one).length + 60);
});

Deno.test("a text of another version is not a baseline", () => {
  for (const text of ["", "1", "1 ", "1 {", "1 []", "1 {}", '2 {"version":1}', '{"version":1}', "1 null"]) {
    assert.equal(parseBaseline(text), undefined, text);
  }
});
