import assert from "node:assert/strict";
import { defaultDoubts, extremeDoubts } from "../../mock/databricks/doubts.ts";
import { doubtsFor, settingOf } from "./doubts.ts";

Deno.test("DOUBTS selects the default, an extreme or a seed, and rejects anything else", () => {
  assert.deepEqual(settingOf("default", "a test"), defaultDoubts());
  assert.deepEqual(settingOf("all:extreme:b", "a test"), extremeDoubts("b", { all: true }));
  assert.deepEqual(settingOf("all:7", "a test"), settingOf("all:7", "a test"));
  const chosen = settingOf("missingJob=404, wrongToken=403", "a test");
  assert.deepEqual(chosen, { ...defaultDoubts(), missingJob: "404", wrongToken: "403" });
  assert.throws(() => settingOf("missingJob=500", "a test"), RangeError);
  assert.throws(() => settingOf("extreme:c", "a test"), RangeError);
});

Deno.test("tests of one seed have different settings", () => {
  const settings = Array.from({ length: 20 }, (_, index) => JSON.stringify(settingOf("all:7", `test ${index}`)));
  assert.ok(new Set(settings).size > 5);
});

Deno.test("an answer that a test pins overrides the draw", () => {
  for (const test of ["a", "b", "c", "d"]) assert.equal(doubtsFor(test, { missingJob: "404" }).missingJob, "404");
});
