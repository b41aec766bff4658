/**
 * CEL rules that the API server accepts in a CRD, and others that it refuses because of their types or their cost.
 * @module
 */
import type { Body } from "../target.ts";
import { definitionOf } from "../widget.ts";
import { type Case, ok, refused } from "../world.ts";

const PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const integer = { type: "integer" };
const text = { type: "string" };
const open = { "x-kubernetes-preserve-unknown-fields": true };
const list = (items: Body, more: Body = {}) => ({ type: "array", items, ...more });
const map = (additionalProperties: Body, more: Body = {}) => ({ type: "object", additionalProperties, ...more });

/** The fields that the rules use. */
const fields: Body = {
  size: integer,
  share: { type: "number" },
  on: { type: "boolean" },
  name: { type: "string", maxLength: 50 },
  long: text,
  color: { type: "string", enum: ["red", "blue"] },
  since: { type: "string", format: "date-time" },
  pause: { type: "string", format: "duration" },
  either: { "x-kubernetes-int-or-string": true },
  open: { type: "object", ...open, properties: { known: integer } },
  loose: open,
  "a-b": text,
  namespace: text,
  tags: list(text),
  few: list({ type: "string", maxLength: 10 }, { maxItems: 5 }),
  limits: map(integer),
  labels: map({ type: "string", maxLength: 20 }, { maxProperties: 10 }),
  rows: list({ type: "object", properties: { n: integer, next: list(integer) } }, { maxItems: 20 }),
  looseRows: list(open),
};

/** A rule on all fields. */
const onSpec = (rule: string, more: Body = {}): Body => ({
  type: "object",
  properties: fields,
  "x-kubernetes-validations": [{ rule, ...more }],
});

/** A rule on one field of a spec. */
const onField = (schema: Body, rule: string, more: Body = {}): Body => ({
  type: "object",
  properties: { field: { ...schema, "x-kubernetes-validations": [{ rule, ...more }] } },
});

const good: Record<string, Body> = {
  "compares numbers of several types": onSpec("self.size < self.share && self.share >= 1"),
  "tests fields before it reads them": onSpec("!has(self.on) || self.on == (self.name.size() > 3)"),
  "reads declared fields beside unknown ones": onSpec("self.open.known > 0"),
  "spells names as CEL can": onSpec("self.a__dash__b == self.__namespace__"),
  "compares times and durations": onSpec("self.since + self.pause > timestamp('2020-01-01T00:00:00Z')"),
  "asks for the type of a number or text": onSpec("type(self.either) == int ? self.either < 5 : self.either == '5%'"),
  "goes through short lists of short texts": onSpec("self.few.all(a, self.few.exists_one(b, a == b))"),
  "goes through maps": onSpec("self.limits.all(key, self.limits[key] > 0)"),
  "maps, filters, and sums": onSpec("self.rows.map(row, has(row.n), row.n).filter(n, n > 1).sum() < 10"),
  "uses optional values": onSpec("self.?name.orValue('x') == 'x' && self.labels[?'a'].hasValue()"),
  "uses Kubernetes' libraries": onSpec("quantity('1Gi').isGreaterThan(quantity('1Mi')) && isURL(self.name)"),
  "uses two variables": onSpec("self.labels.all(key, value, key != value)"),
  "may be long and match": onSpec("self.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"),
  "compares with the old value": onSpec("self.size >= oldSelf.size"),
  "compares whole lists": onField(list(text, { maxItems: 5 }), "self == oldSelf"),
  "compares keyed items with their old values": onField(
    list({
      type: "object",
      required: ["key"],
      properties: {
        key: { type: "string", maxLength: 9 },
        value: { ...integer, "x-kubernetes-validations": [{ rule: "self >= oldSelf" }] },
      },
    }, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["key"], maxItems: 9 }),
    "self.size() >= 0",
  ),
  "compares a map's values with their old values": onField(
    map({ ...integer, "x-kubernetes-validations": [{ rule: "self >= oldSelf" }] }, { maxProperties: 9 }),
    "self.size() >= 0",
  ),
  "goes through one of two lists": onSpec("(self.on ? self.few : self.tags).all(x, x == 'a')"),
  "goes through a range, and formats values of several types": onSpec(
    "lists.range(10).all(n, '%s %d'.format([self.name, self.size]) != '')",
  ),
  "asks for the type of a time": onSpec("type(self.since) == google.protobuf.Timestamp"),
  "makes a message": onSpec("self.size > 0", { messageExpression: "'the name is ' + self.name" }),
};

interface Bad {
  readonly spec: Body;
  readonly message: string;
}

const compiles = "compilation failed: ERROR: <input>:";
const bad: Record<string, Bad> = {
  "names a field that is not declared": {
    spec: onSpec("self.sise > 1"),
    message: `${compiles}1:5: undefined field 'sise'\n | self.sise > 1\n | ....^`,
  },
  "tests a field that is not declared": {
    spec: onSpec("has(self.sise)"),
    message: `${compiles}1:4: undefined field 'sise'`,
  },
  "names an unknown field beside declared ones": {
    spec: onSpec("self.open.other == 1"),
    message: `${compiles}1:10: undefined field 'other'`,
  },
  "tests a field whose type is open": {
    spec: onSpec("has(self.loose)"),
    message: `${compiles}1:4: undefined field 'loose'`,
  },
  "goes through a list whose items are open": {
    spec: onSpec("self.looseRows.size() > 1"),
    message: `${compiles}1:5: undefined field 'looseRows'`,
  },
  "is on a field whose type is open": {
    spec: onField(open, "self.size() > 1"),
    message: "unable to convert structural schema to CEL declarations",
  },
  "compares a number with a text": {
    spec: onSpec("self.size == '1'"),
    message: `${compiles}1:11: found no matching overload for '_==_' applied to '(int, string)'`,
  },
  "calls a function of another type": {
    spec: onSpec("self.size.startsWith('a')"),
    message: "found no matching overload for 'startsWith' applied to 'int.(string)'",
  },
  "calls an unknown function": {
    spec: onSpec("self.name.begins('a')"),
    message: "undeclared reference to 'begins' (in container '')",
  },
  "tests something that is not a field": {
    spec: onSpec("has(self.few[0])"),
    message: "invalid argument to has() macro",
  },
  "is not a boolean": { spec: onSpec("self.size + 1"), message: "cel expression must evaluate to a bool" },
  "is of any type": { spec: onSpec("self.either"), message: "cel expression must evaluate to a bool" },
  "mixes the types of a list": {
    spec: onSpec("self.name in ['a', 1]"),
    message: "expected type 'string' but found 'int'",
  },
  "negates a number": { spec: onSpec("!self.size"), message: "found no matching overload for '!_' applied to '(int)'" },
  "joins a number to a truth": {
    spec: onSpec("self.on && self.size"),
    message: "expected type 'bool' but found 'int'",
  },
  "has a field of a number": {
    spec: onSpec("self.size.digits == 1"),
    message: "type 'int' does not support field selection",
  },
  "goes through a number": {
    spec: onSpec("self.size.all(x, x > 1)"),
    message: "cannot be range of a comprehension (must be list, map, or dynamic)",
  },
  "matches no pattern": { spec: onSpec("self.name.matches('(')"), message: "invalid matches argument" },
  "uses a macro that Kubernetes leaves out": {
    spec: onSpec("cel.bind(x, self.size, x > 1)"),
    message: "undeclared reference to 'cel'",
  },
  "makes a message that is not text": {
    spec: onSpec("self.size > 0", { messageExpression: "self.size" }),
    message: "messageExpression must evaluate to a string",
  },
  "makes a message of a field that is not declared": {
    spec: onSpec("self.size > 0", { messageExpression: "self.sise" }),
    message: "messageExpression compilation failed: ERROR: <input>:1:5: undefined field 'sise'",
  },
  "makes a message of a number's text, whose length is unknown": {
    spec: onSpec("self.size > 0", { messageExpression: "'size is ' + string(self.size)" }),
    message: "estimated messageExpression cost exceeds budget by factor of more than 100x",
  },
  "goes through a list under one name twice": {
    spec: onSpec("self.few.all(x, x, true)"),
    message: "<input>:1:17: duplicate variable name: x",
  },
  "intersects lists without bounds": {
    spec: onSpec("sets.intersects(self.tags, self.tags)"),
    message: "estimated rule cost exceeds budget by factor of more than 100x",
  },
  "is empty": { spec: onSpec(" "), message: "rule is not specified" },
  "has two lines and no message": { spec: onSpec("self.size > 0 &&\nself.on"), message: "message must be specified" },
  "names a field that its object does not have": {
    spec: onSpec("self.size > 0", { fieldPath: ".sise" }),
    message: "must be a valid path",
  },
  "has a reason of its own": {
    spec: onSpec("self.size > 0", { reason: "TooSmall" }),
    message: 'Unsupported value: "TooSmall"',
  },
  "compares items of an atomic list with their old values": {
    spec: onField(list({ ...integer, "x-kubernetes-validations": [{ rule: "self >= oldSelf" }] }), "self.size() < 9"),
    message:
      "oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema",
  },
  "sets optionalOldSelf without oldSelf": {
    spec: onSpec("self.size > 0", { optionalOldSelf: true }),
    message: "may not be set if oldSelf is not used in rule",
  },
  "takes an optional oldSelf for a value": {
    spec: onSpec("self.size > oldSelf.size", { optionalOldSelf: true }),
    message: "found no matching overload for '_>_' applied to '(int, optional_type(int))'",
  },
  "compares each with each of a list without a bound": {
    spec: onSpec("self.tags.all(a, self.tags.exists_one(b, a == b))"),
    message: "estimated rule cost exceeds budget by factor of more than 100x",
  },
  "matches texts without a bound, in a list without a bound": {
    spec: onSpec("self.tags.all(tag, tag.matches('^[a-z]+$'))"),
    message: "estimated rule cost exceeds budget by factor of more than 100x",
  },
  "goes through a list in items of a list without a bound": {
    spec: onField(
      list({
        type: "object",
        properties: { inner: list(integer) },
        "x-kubernetes-validations": [{ rule: "self.inner.all(n, n > 0)" }],
      }),
      "true",
    ),
    message: "estimated rule cost exceeds budget by factor of",
  },
};

/** Many rules, each within its cost limit, which exceed the limit together. */
function tooMany(): Body {
  const one = list({
    type: "object",
    properties: { a: text, b: text },
    "x-kubernetes-validations": [{ rule: "has(self.a) != has(self.b)" }],
  });
  const names = Array.from({ length: 40 }, (_none, index) => `field${index}`);
  return { type: "object", properties: Object.fromEntries(names.map((name) => [name, one])) };
}

async function create(world: Parameters<Case["run"]>[0], spec: Body) {
  const schema = { type: "object", properties: { spec } };
  return await world.post(PATH, definitionOf(`checked.${world.group}`, { kind: "Checked", schema }), { dryRun: "All" });
}

export const ruleChecks: readonly Case[] = [
  ...Object.entries(good).map(([name, spec]): Case => ({
    name: `a rule that ${name} is taken`,
    run: async (world) => void ok(await create(world, spec)),
  })),
  ...Object.entries(bad).map(([name, { spec, message }]): Case => ({
    name: `a rule that ${name} is refused with 422`,
    run: async (world) => refused(await create(world, spec), 422, "Invalid", message),
  })),
  {
    name: "rules that together cost too much are refused with 422, and the most expensive are named",
    run: async (world) => {
      const message = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget";
      refused(await create(world, tooMany()), 422, "Invalid", message);
    },
  },
];
