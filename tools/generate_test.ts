import assert from "node:assert/strict";
import { kinds } from "../src/kinds.ts";
import { kindFiles, stale, typesFile } from "./generate.ts";
import { pageFiles } from "./page.ts";

Deno.test("src/databricks/types.ts is what deno task generate writes", async () => {
  assert.deepEqual(await stale(await typesFile()), []);
});

Deno.test("crds/ and docs/reference.md are what deno task generate writes", async () => {
  assert.deepEqual(await stale(kindFiles(kinds)), []);
});

Deno.test("the page of ui is what deno task generate writes", async () => {
  assert.deepEqual(await stale(await pageFiles()), []);
});

Deno.test("stale names a file whose text is another, and a CRD that no kind has", async () => {
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
