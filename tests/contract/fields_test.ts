/** The rules of known and unknown fields, for every kind and each of its examples. */
import assert from "node:assert/strict";
import type { z } from "zod";
import { isObject, stringifyJson } from "../../src/base/json.ts";
import type { Schema } from "../../mock/kubernetes/schema/schema.ts";
import { checkSchema } from "../../mock/kubernetes/schema/structural.ts";
import { toCrd } from "../../src/generate/crd.ts";
import { kinds } from "../../src/kinds.ts";
import { unknownFields, unwrap } from "../../src/reconcile/plan/fields.ts";
import { doubtfulValues } from "../../src/reconcile/plan/doubtful.ts";
import { passesOn } from "../../src/reconcile/pass/manifest/unknown_fields.ts";
import type { Resource } from "../../src/resource.ts";
import { type Fields, owner, subject } from "./bench.ts";
import { everyExample, everyKind } from "./kinds.ts";

/**
 * Returns a spec with an unknown field in each object that the kind's schema defines, and the paths of these fields.
 */
function withStrangers(resource: Resource, spec: Fields): { spec: Fields; paths: [path: string, name: string][] } {
  const mark = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(mark);
    if (!isObject(value)) return value;
    return { ...Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mark(field)])), stranger: 1 };
  };
  const paths: [string, string][] = [];
  const unknown = new Set(unknownFields(resource.spec, mark(spec), "spec").map(({ path }) => path));
  const place = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((element, index) => place(element, `${path}[${index}]`));
    if (!isObject(value)) return value;
    const placed = Object.entries(value).map(([name, field]) => [name, place(field, `${path}.${name}`)]);
    if (!unknown.has(`${path}.stranger`)) return Object.fromEntries(placed);
    const name = `stranger_${paths.length}_`;
    paths.push([path, name]);
    return { ...Object.fromEntries(placed), [name]: 1 };
  };
  return { spec: place(spec, "spec") as Fields, paths };
}

everyExample(
  "an unknown field is sent only if the kind allows it",
  async (bench) => {
    const { resource, example } = bench;
    const { external } = resource;
    const { spec, paths } = withStrangers(resource, example.spec);
    const intent = bench.intent(spec);
    const id = await external.create?.(bench.workspace, intent) ?? await bench.idOfExisting(intent);
    await bench.putParts(id, intent);
    const sent = bench.mock.ledger.writes().map(({ body }) => stringifyJson(body)).join();
    for (const [path, name] of paths) {
      assert.equal(sent.includes(name), passesOn(resource, `${path}.${name}`), path);
    }
  },
);

everyExample("nothing in an example is doubtful", ({ resource, example: { spec, edited = spec } }) => {
  for (const one of [spec, edited]) assert.deepEqual(doubtfulValues(resource.spec, one), []);
});

/** Fields that hold credentials somewhere in the API (SDK 0.162.0: clusters, serving, catalog). */
const SECRET_FIELDS = ["spark_env_vars", "spark_conf", "basic_auth", "environment_vars"];

/** The names of all fields of a schema, at any depth. */
function fieldNames(schema: z.ZodType, inside: readonly z.ZodType[] = []): string[] {
  if (inside.includes(schema)) return [];
  const inner = unwrap(schema);
  const deeper = [...inside, schema];
  if (inner.type === "array") return fieldNames(inner.element as z.ZodType, deeper);
  if (inner.type !== "object") return [];
  const fields = Object.entries(inner.shape as Record<string, z.ZodType>);
  return fields.flatMap(([name, field]) => [name, ...fieldNames(field, deeper)]);
}

everyKind("fields that may contain credentials appear in no message", ({ spec, fields: { confidential = [] } }) => {
  const names = new Set(fieldNames(spec));
  assert.deepEqual(SECRET_FIELDS.filter((field) => names.has(field) && !confidential.includes(field)), []);
});

for (const kind of kinds) {
  Deno.test(`${kind.kind}: no rule of its CRD fails to compile against the types, or costs too much`, () => {
    const schemas = toCrd(kind).spec.versions.map(({ schema }) => schema.openAPIV3Schema as Schema);
    assert.deepEqual(schemas.flatMap((schema) => checkSchema(schema, "spec.validation.openAPIV3Schema")), []);
  });
}

everyKind("the rules name existing fields", (resource) => {
  const { fields } = resource;
  const known = Object.keys((resource.comparableSchema.def as unknown as { shape: Fields }).shape);
  const examples = resource.examples.flatMap(({ spec, edited = spec }) =>
    [spec, edited].flatMap((one) => Object.keys(resource.desired(resource.spec.parse(one) as Fields, subject)))
  );
  const all = new Set([...known, ...examples, "initial_manage_principal"]);
  const { immutable = [], createOnly = [], updateOnly = [], outputOnly = [], unread = [] } = fields;
  const { keyedBy = {}, spelling = {}, answers = {}, unordered = [], irremovable = [] } = fields;
  const { onlyIfAsked = {}, defaults = {} } = fields;
  const followed = Object.entries(onlyIfAsked).flatMap(([field, askers]) => [field, ...askers]);
  const lists = [...immutable, ...createOnly, ...updateOnly, ...outputOnly, ...unread, ...irremovable];
  const named = [...lists, ...followed, ...Object.keys(defaults)];
  const paths = [...unordered, ...[keyedBy, spelling, answers].flatMap((rules) => Object.keys(rules))].map((path) =>
    path.split(".")[0] as string
  );
  assert.deepEqual([...named, ...paths].filter((field) => !all.has(field)), []);
});

everyExample("write-only values are in no response", async (bench) => {
  const { resource, example } = bench;
  const id = await bench.create();
  const observed = await bench.observe(id);
  const shown = Deno.inspect([observed, resource.toSpec?.(observed, owner), await bench.list()], { depth: 20 });
  for (const value of Object.values(example.secret ?? {})) {
    if (value.length > 4) assert.ok(!shown.includes(value));
  }
});
