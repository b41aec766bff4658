import assert from "node:assert/strict";
import { kinds } from "../src/kinds.ts";
import { kindFiles, stale, typesFile } from "./generate.ts";
import { pageFiles } from "./page.ts";

Deno.test("src/databricks/types.ts is up to date with deno task generate", async () => {
  assert.deepEqual(await stale(await typesFile()), []);
});

Deno.test("crds/ and docs/reference.md are up to date with deno task generate", async () => {
  assert.deepEqual(await stale(kindFiles(kinds)), []);
});

Deno.test("the page of ui is up to date with deno task generate", async () => {
  assert.deepEqual(await stale(await pageFiles()), []);
});

Deno.test("stale names a changed file, and a CRD without a kind", async () => {
  const crd = "crds/repos.yaml";
  const files = new Map([...kindFiles(kinds), ["docs/missing.md", "text"]]);
  files.delete(crd);
  const paths = await stale(files);
  assert.ok(paths.includes("docs/missing.md"));
  assert.ok(paths.includes(crd));
});

Deno.test("the kinds' files are the same each time", () => {
  assert.deepEqual(kindFiles(kinds), kindFiles(kinds));
});
