/** The package meets JSR's requirements. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { publishDry } from "./support/jsr_package.ts";

Deno.test("the package for JSR can be published: no slow types, all imports included, and no tests", async () => {
  const { success, text, files } = await publishDry();
  assert.ok(success, text);
  assert.doesNotMatch(text, /^(error|warning)/m);
  for (const entry of Object.values(config.exports)) assert.ok(files.includes(entry.slice(2)), entry);
  assert.deepEqual(files.filter((file) => /_(test|fake)\.ts$|^src\/(main\.ts|commands)/.test(file)), []);
});
