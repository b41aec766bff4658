/** The report of dependencies states the purpose of each package, and no package runs a script when it is installed. */
import assert from "node:assert/strict";
import { knownFacts, namesInBinary, packages, PURPOSES, reportOf } from "../tools/dependency_report.ts";
import config from "../deno.json" with { type: "json" };

Deno.test("docs/dependencies.md is what deno task dependencies writes", async () => {
  assert.equal(await Deno.readTextFile("docs/dependencies.md"), reportOf(await knownFacts(), await namesInBinary()));
});

Deno.test("every package of deno.json says what it is for, and no other does", () => {
  assert.deepEqual(Object.keys(PURPOSES).sort(), packages().map(({ name }) => name).sort());
});

Deno.test("a package of which nothing is known is no row without words", () => {
  assert.throws(() => reportOf({}, new Set()), /^Error: Nothing is known of \S+ \S+: run deno task dependencies/);
});

Deno.test("packages with scripts of installation are denied them by name, so that nobody is asked or warned", async () => {
  const lock: { npm: Record<string, { scripts?: boolean }> } = JSON.parse(await Deno.readTextFile("deno.lock"));
  const withScripts = Object.entries(lock.npm).filter(([, { scripts }]) => scripts === true)
    .map(([key]) => `npm:${key.replace(/(.)@.*$/, "$1")}`);
  assert.deepEqual(config.allowScripts.allow, []);
  assert.deepEqual(config.allowScripts.deny.toSorted(), [...new Set(withScripts)].sort());
});
