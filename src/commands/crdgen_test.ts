import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { toCrd } from "../generate/crd.ts";
import { resources } from "../resources/mod.ts";
import { crdgen } from "./crdgen.ts";

Deno.test("crdgen prints one YAML document per kind, in the registry's order", () => {
  const documents = parseAllDocuments(crdgen(resources));
  assert.deepEqual(documents.map((document) => document.toJS()), resources.map(toCrd));
});

Deno.test("crdgen uses no YAML aliases", () => {
  assert.doesNotMatch(crdgen(resources), /: [&*]/);
});
