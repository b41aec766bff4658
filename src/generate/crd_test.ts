import assert from "node:assert/strict";
import * as z from "zod";
import { descriptions } from "../databricks/descriptions.ts";
import type { Runs } from "../resource.ts";
import { resources } from "../resources/mod.ts";
import { jobRuns } from "../resources/shared/job_runs.ts";
import { type CrdSource, toCrd } from "./crd.ts";
import { type StructuralSchema, toStructural } from "./schema.ts";

/** kubectl apply keeps the whole object in an annotation, which ends at 256 kB. */
const MAX_BYTES = 200_000;

function thing(change: Partial<CrdSource> = {}): CrdSource {
  return {
    kind: "Thing",
    plural: "things",
    singular: "thing",
    shortNames: ["th"],
    description: "A thing",
    spec: z.object({ inner: z.object({ size: z.int() }) }),
    printerColumns: [{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }],
    ...change,
  };
}

function schemaOf(resource: CrdSource): StructuralSchema {
  return toCrd(resource).spec.versions[0]!.schema.openAPIV3Schema;
}

/** The path of each schema below `schema`. */
function* walk(schema: StructuralSchema, path = ""): Iterable<[string, StructuralSchema]> {
  yield [path, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* walk(field, `${path}.${name}`);
  if (schema.items) yield* walk(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* walk(schema.additionalProperties, `${path}.*`);
}

Deno.test("toCrd uses the names of the declaration", () => {
  const { metadata, spec } = toCrd(thing());
  assert.equal(metadata.name, "things.com.dstancu.databricks");
  assert.deepEqual(spec.names, {
    kind: "Thing",
    listKind: "ThingList",
    plural: "things",
    singular: "thing",
    shortNames: ["th"],
    categories: ["databricks"],
  });
});

Deno.test("toCrd serves status as a subresource", () => {
  assert.deepEqual(toCrd(thing()).spec.versions[0]!.subresources, { status: {} });
});

Deno.test("toCrd puts a rule at its field", () => {
  const schema = schemaOf(thing({ rules: [{ at: ["inner"], rule: "self.size > 0", message: "too small" }] }));
  assert.deepEqual(schema.properties?.spec?.properties?.inner?.["x-kubernetes-validations"], [
    { rule: "self.size > 0", message: "too small" },
  ]);
});

Deno.test("toCrd rejects a rule on a field that does not exist", () => {
  const rules = [{ at: ["outer"], rule: "true", message: "never" }];
  assert.throws(() => schemaOf(thing({ rules })), /Cannot add a rule to "Thing": there is no spec.outer/);
});

Deno.test("toCrd adds a kind's own status fields, and run fields only to kinds with runs", () => {
  const { status } = schemaOf(thing({ statusFields: { color: z.string() } })).properties!;
  assert.ok(status?.properties?.color);
  assert.ok(status?.properties?.conditions);
  assert.equal(status?.properties?.latest_run, undefined);
  assert.ok(schemaOf(thing({ runs: jobRuns as Runs })).properties?.status?.properties?.latest_run);
});

Deno.test("the CRDs of all kinds together stay below 1.2 MB", () => {
  const bytes = resources.reduce((sum, resource) => sum + JSON.stringify(toCrd(resource)).length, 0);
  assert.ok(bytes < 1_200_000, `${bytes} bytes`);
});

for (const resource of resources) {
  Deno.test(`the CRD of ${resource.kind} stays below ${MAX_BYTES} bytes`, () => {
    assert.ok(JSON.stringify(toCrd(resource)).length < MAX_BYTES);
  });

  Deno.test(`each schema in the CRD of ${resource.kind} is structural`, () => {
    for (const [path, schema] of walk(schemaOf(resource))) {
      const open = schema["x-kubernetes-preserve-unknown-fields"] || schema["x-kubernetes-int-or-string"];
      assert.ok(schema.type || open, `${path} has no type`);
      assert.ok(!(schema.properties && schema.additionalProperties), `${path} is an object and a map`);
      assert.ok(schema.type !== "array" || schema.items, `${path} has no items`);
    }
  });
}

/** The fields of all named types that manifests hold and their kinds do not describe: `jobs.Task.task_key`. */
function documentedFields(): Set<string> {
  const fields = new Set<string>();
  for (const { spec, descriptions: own = {} } of resources) {
    const describe = (typeName: string, field: string) => {
      // A reference by name describes itself.
      const isReference = field.endsWith("_ref");
      if (own[typeName]?.[field] === undefined && !isReference) fields.add(`${typeName}.${field}`);
      return undefined;
    };
    toStructural(spec, { describe });
  }
  return fields;
}

Deno.test("every field of a Databricks type in a manifest has a description", () => {
  assert.deepEqual([...documentedFields()].filter((field) => !(field in descriptions)), []);
});

Deno.test("a description is one line of at most 90 characters", () => {
  const own = resources.flatMap((resource) => Object.values(resource.descriptions ?? {}).flatMap(Object.entries));
  const long = [...Object.entries(descriptions), ...own as [string, string][]].filter(([, text]) =>
    text.length > 90 || text.includes("\n")
  );
  assert.deepEqual(long, []);
});
