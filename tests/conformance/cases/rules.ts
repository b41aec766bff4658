/** CEL rules and the rarer keywords of schemas, each with a valid and an invalid value. @module */
import type { Body } from "../target.ts";
import { definitionOf } from "../widget.ts";
import { type Case, ok, refused, type World } from "../world.ts";

interface Row {
  readonly name: string;
  readonly schema: Body;
  readonly passes: unknown;
  readonly fails: unknown;
  /** The message about the invalid value. */
  readonly message: string;
}

const rule = (text: string, more: Body = {}) => ({
  "x-kubernetes-validations": [{ rule: text, message: "is refused", ...more }],
});
const object = (properties: Body, more: Body = {}) => ({ type: "object", properties, ...more });
const integer = { type: "integer" };
const string = { type: "string", maxLength: 20 };
const strings = { type: "array", maxItems: 5, items: string };

const rows: readonly Row[] = [
  {
    name: "has() is true for a field that is set, and ! and && combine",
    schema: object({ a: string, b: string }, rule("!(has(self.a) && has(self.b))")),
    passes: { a: "x" },
    fails: { a: "x", b: "y" },
    message: "is refused",
  },
  {
    name: "a ternary chooses",
    schema: object({ a: integer, b: integer }, rule("has(self.a) ? self.a > 1 : self.b > 1")),
    passes: { b: 2 },
    fails: { a: 1, b: 2 },
    message: "is refused",
  },
  {
    name: "filter and size count matches",
    schema: object(
      { a: string, b: string, c: string },
      rule("[has(self.a), has(self.b), has(self.c)].filter(x, x).size() <= 1"),
    ),
    passes: { c: "x" },
    fails: { a: "x", c: "y" },
    message: "is refused",
  },
  {
    name: "exists looks for one, and in for membership",
    schema: { ...strings, ...rule("self.exists(x, x in ['a', 'b'])") },
    passes: ["c", "b"],
    fails: ["c"],
    message: "is refused",
  },
  {
    name: "exists_one wants exactly one",
    schema: { ...strings, ...rule("self.exists_one(x, x.startsWith('a'))") },
    passes: ["ab", "c"],
    fails: ["ab", "ac"],
    message: "is refused",
  },
  {
    name: "map makes a list of others",
    schema: { type: "array", maxItems: 5, items: integer, ...rule("self.map(x, x * 2).all(x, x < 10)") },
    passes: [1, 4],
    fails: [5],
    message: "is refused",
  },
  {
    name: "the keys of a map are walked, and their values read",
    schema: {
      type: "object",
      maxProperties: 5,
      additionalProperties: integer,
      ...rule("self.all(key, self[key] > 0)"),
    },
    passes: { a: 1 },
    fails: { a: 1, b: 0 },
    message: "is refused",
  },
  {
    name: "matches takes a pattern",
    schema: { ...string, ...rule("self.matches('^[a-z]+$')") },
    passes: "abc",
    fails: "ABC",
    message: 'Invalid value: "ABC": is refused',
  },
  {
    name: "strings are taken apart and put together",
    schema: { ...string, ...rule("self.replace(' ', '').substring(1).indexOf('b') == 1 && self.lowerAscii() == self") },
    passes: "a, b",
    fails: "a",
    message: "is refused",
  },
  {
    name: "integers and fractions are compared",
    schema: object({ whole: integer, part: { type: "number" } }, rule("double(self.whole) < self.part")),
    passes: { whole: 1, part: 1.5 },
    fails: { whole: 2, part: 1.5 },
    message: "is refused",
  },
  {
    name: "a list can be asked whether it is sorted",
    schema: { type: "array", maxItems: 5, items: integer, ...rule("self.isSorted() && self.sum() < 10") },
    passes: [1, 2],
    fails: [2, 1],
    message: "is refused",
  },
  {
    name: "timestamps are compared as such",
    schema: object(
      { from: { type: "string", format: "date-time" }, to: { type: "string", format: "date-time" } },
      rule("self.from < self.to"),
    ),
    passes: { from: "2020-01-01T00:00:00Z", to: "2020-01-01T01:00:00+00:00" },
    fails: { from: "2020-01-01T00:00:00Z", to: "2019-01-01T00:00:00Z" },
    message: "is refused",
  },
  {
    name: "a field whose name is a word of CEL is escaped",
    schema: object({ namespace: string, "a-b": string }, rule("self.__namespace__ == 'x' || self.a__dash__b == 'y'")),
    passes: { namespace: "z", "a-b": "y" },
    fails: { namespace: "z", "a-b": "z" },
    message: "is refused",
  },
  {
    name: "a field whose name is a word of CEL is named as it is, too",
    schema: object({ namespace: string }, rule("self.namespace == 'x'")),
    passes: { namespace: "x" },
    fails: { namespace: "z" },
    message: "is refused",
  },
  {
    name: "a rule may name the field and the reason",
    schema: object({ a: integer }, rule("self.a > 1", { fieldPath: ".a", reason: "FieldValueForbidden" })),
    passes: { a: 2 },
    fails: { a: 1 },
    message: ".a: Forbidden: is refused",
  },
  {
    name: "a rule that reads a field that is not set is refused",
    schema: object({ a: integer }, rule("self.a > 1")),
    passes: { a: 2 },
    fails: {},
    message: "no such key: a",
  },
  {
    name: "anyOf wants one of several",
    schema: object({ a: string, b: string }, { anyOf: [{ required: ["a"] }, { required: ["b"] }] }),
    passes: { a: "x", b: "y" },
    fails: {},
    message: "must validate at least one schema (anyOf)",
  },
  {
    name: "oneOf wants exactly one of several",
    schema: object({ a: string, b: string }, { oneOf: [{ required: ["a"] }, { required: ["b"] }] }),
    passes: { a: "x" },
    fails: { a: "x", b: "y" },
    message: "must validate one and only one schema (oneOf)",
  },
  {
    name: "not wants the contrary",
    schema: object({ a: string }, { not: { required: ["a"] } }),
    passes: {},
    fails: { a: "x" },
    message: "must not validate the schema (not)",
  },
  {
    name: "exclusiveMinimum leaves the bound out",
    schema: { type: "integer", minimum: 1, exclusiveMinimum: true },
    passes: 2,
    fails: 1,
    message: "should be greater than 1",
  },
  {
    name: "multipleOf wants a multiple",
    schema: { type: "integer", multipleOf: 5 },
    passes: 10,
    fails: 11,
    message: "should be a multiple of 5",
  },
  {
    name: "minProperties wants some keys",
    schema: { type: "object", additionalProperties: string, minProperties: 1 },
    passes: { a: "x" },
    fails: {},
    message: "should have at least 1 properties",
  },
];

const made = new WeakMap<World, Promise<void>>();

/** Defines a kind that has each row's schema as a field. */
async function define(world: World): Promise<void> {
  const properties = Object.fromEntries(rows.map(({ schema }, index) => [`f${index}`, schema]));
  const schema = { type: "object", properties: { spec: { type: "object", properties } } };
  await world.define(definitionOf(`rules.${world.group}`, { kind: "Rule", schema }));
}

export const rules: readonly Case[] = rows.map(({ name, passes, fails, message }, index) => ({
  name,
  async run(world) {
    if (!made.has(world)) made.set(world, define(world));
    await made.get(world);
    const path = `/apis/rules.${world.group}/v1/namespaces/${world.namespace}/rules`;
    const object = (value: unknown) => ({
      apiVersion: `rules.${world.group}/v1`,
      kind: "Rule",
      metadata: { name: `rule-${index}` },
      spec: { [`f${index}`]: value },
    });
    refused(await world.post(path, object(fails)), 422, "Invalid", message);
    ok(await world.post(path, object(passes)));
  },
}));
