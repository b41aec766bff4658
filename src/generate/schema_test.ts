import assert from "node:assert/strict";
import * as z from "zod";
import { anything, int64, openEnum, stringMap } from "../databricks/primitives.ts";
import { type StructuralSchema, toStructural } from "./schema.ts";

const OPEN = { "x-kubernetes-preserve-unknown-fields": true } as const;

const conversions: { title: string; schema: z.ZodType; expected: StructuralSchema }[] = [
  { title: "text", schema: z.string(), expected: { type: "string" } },
  { title: "bounded text", schema: z.string().min(1).max(9), expected: { type: "string", minLength: 1, maxLength: 9 } },
  { title: "a pattern", schema: z.string().regex(/^a+$/), expected: { type: "string", pattern: "^a+$" } },
  { title: "zod's own pattern, left out", schema: z.email(), expected: { type: "string" } },
  { title: "a time", schema: z.iso.datetime(), expected: { type: "string", format: "date-time" } },
  { title: "a number", schema: z.number(), expected: { type: "number" } },
  { title: "an integer", schema: z.int(), expected: { type: "integer", format: "int64" } },
  { title: "a small integer", schema: z.int().min(0), expected: { type: "integer", format: "int64", minimum: 0 } },
  { title: "int64", schema: int64, expected: { type: "integer", format: "int64" } },
  { title: "a boolean", schema: z.boolean(), expected: { type: "boolean" } },
  { title: "a closed enum", schema: z.enum(["a", "b"]), expected: { type: "string", enum: ["a", "b"] } },
  { title: "a literal", schema: z.literal("a"), expected: { type: "string", enum: ["a"] } },
  { title: "anything", schema: anything, expected: OPEN },
  { title: "an unknown", schema: z.unknown(), expected: OPEN },
  { title: "a custom check without a type", schema: z.custom<string>(), expected: OPEN },
  { title: "a nullable field", schema: z.string().nullable(), expected: { type: "string", nullable: true } },
  { title: "a transform, by its input", schema: z.string().transform(Number), expected: { type: "string" } },
  {
    title: "a preprocessing step, by its output",
    schema: z.preprocess(String, z.string()),
    expected: { type: "string" },
  },
  { title: "a lazy schema", schema: z.lazy(() => z.string()), expected: { type: "string" } },
  {
    title: "an open enum, in words",
    schema: openEnum(["A", "B"]).describe("Which"),
    expected: { description: "Which. One of A, B; newer values pass through.", type: "string" },
  },
  {
    title: "a default, in words",
    schema: z.string().describe("Who").default("me"),
    expected: { description: 'Who. Default: "me".', type: "string" },
  },
  {
    title: "a list with bounds",
    schema: z.array(z.string()).min(1).max(3),
    expected: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
  },
  {
    title: "a list whose bound is in its meta",
    schema: z.array(z.string()).meta({ maxItems: 3 }),
    expected: { type: "array", items: { type: "string" }, maxItems: 3 },
  },
  {
    title: "a keyed list",
    schema: z.array(z.string()).meta({ "x-kubernetes-list-type": "set" }),
    expected: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
  },
  { title: "a map of strings", schema: stringMap, expected: { type: "object", additionalProperties: OPEN } },
  {
    title: "a map",
    schema: z.record(z.string(), z.boolean()),
    expected: { type: "object", additionalProperties: { type: "boolean" } },
  },
  {
    title: "an object, with its required fields",
    schema: z.object({ a: z.string(), b: z.string().optional(), c: z.string().default("x") }),
    expected: {
      type: "object",
      properties: {
        a: { type: "string" },
        b: { type: "string" },
        c: { description: 'Default: "x".', type: "string" },
      },
      required: ["a"],
    },
  },
  { title: "a strict object", schema: z.strictObject({}), expected: { type: "object", properties: {} } },
  { title: "a loose object", schema: z.looseObject({}), expected: { type: "object", properties: {}, ...OPEN } },
  {
    title: "an integer or text",
    schema: z.union([z.int(), z.string()]),
    expected: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
  },
  { title: "other mixed scalars", schema: z.union([z.boolean(), z.string()]), expected: OPEN },
  {
    title: "a union of enums",
    schema: z.union([z.literal("a"), z.enum(["a", "b"])]),
    expected: { type: "string", enum: ["a", "b"] },
  },
  {
    title: "a union of objects, merged",
    schema: z.union([z.object({ a: z.string(), b: z.string() }), z.object({ a: z.string(), c: z.int() })]),
    expected: {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" }, c: { type: "integer", format: "int64" } },
      required: ["a"],
    },
  },
];

for (const { title, schema, expected } of conversions) {
  Deno.test(`toStructural converts ${title}`, () => assert.deepEqual(toStructural(schema), expected));
}

Deno.test("toStructural describes a named type's fields, and a field's own description wins", () => {
  const schema = z.object({ a: z.string(), b: z.string().describe("own") }).meta({ typeName: "jobs.Thing" });
  const { properties } = toStructural(schema, { describe: (typeName, field) => `${typeName}/${field}` });
  assert.deepEqual([properties?.a?.description, properties?.b?.description], ["jobs.Thing/a.", "own."]);
});

Deno.test("toStructural leaves a recursive type open", () => {
  interface Tree {
    child?: Tree | undefined;
  }
  const Tree: z.ZodType<Tree> = z.object({
    get child() {
      return Tree.optional();
    },
  });
  assert.deepEqual(toStructural(Tree).properties?.child, { type: "object", ...OPEN });
});

Deno.test("toStructural rejects a type without a structural form, and names its path", () => {
  const schema = z.object({ list: z.array(z.object({ at: z.date() })) });
  const message = 'Cannot make a structural schema of "list[].at": "date" has no structural form';
  assert.throws(() => toStructural(schema), { name: "TypeError", message });
});

Deno.test("toStructural rejects a pattern that the API server cannot compile", () => {
  assert.throws(
    () => toStructural(z.object({ a: z.string().regex(/^(?!x)/) })),
    /"a": pattern "\^\(\?!x\)" looks around/,
  );
});
