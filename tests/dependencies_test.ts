/** The report of dependencies states the purpose of each package, and no package runs a script when it is installed. */
import assert from "node:assert/strict";
import { knownFacts, namesInBinary, packages, PURPOSES, reportOf } from "../tools/dependency_report.ts";
import config from "../deno.json" with { type: "json" };

Deno.test("docs/dependencies.md is up to date with deno task dependencies", async () => {
  assert.equal(await Deno.readTextFile("docs/dependencies.md"), reportOf(await knownFacts(), await namesInBinary()));
});

Deno.test("exactly the packages of deno.json have a purpose", () => {
  assert.deepEqual(Object.keys(PURPOSES).sort(), packages().map(({ name }) => name).sort());
});

Deno.test("a package without known facts is an error, not an empty row", () => {
  assert.throws(() => reportOf({}, new Set()), /^Error: \S+ \S+ has no entry: add its purpose to PURPOSES/);
});

Deno.test("install scripts of packages are denied by name, so that Deno neither asks nor warns", async () => {
  const lock: { npm: Record<string, { scripts?: boolean }> } = JSON.parse(await Deno.readTextFile("deno.lock"));
  const withScripts = Object.entries(lock.npm).filter(([, { scripts }]) => scripts === true)
    .map(([key]) => `npm:${key.replace(/(.)@.*$/, "$1")}`);
  assert.deepEqual(config.allowScripts.allow, []);
  assert.deepEqual(config.allowScripts.deny.toSorted(), [...new Set(withScripts)].sort());
});
