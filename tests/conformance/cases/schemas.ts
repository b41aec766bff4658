/** A CRD's schema refuses values, prunes fields and sets defaults. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { type Case, ok, refused } from "../world.ts";

/** Specs that are refused, and the messages. */
const refusals: readonly { name: string; spec: Body; message: string }[] = [
  { name: "a field that is missing", spec: {}, message: "spec.size: Required value" },
  {
    name: "a string for an integer",
    spec: { size: "x" },
    message: 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
  },
  { name: "a fraction for an integer", spec: { size: 1.5 }, message: "spec.size in body must be of type integer" },
  {
    name: "a list for an object",
    spec: [],
    message: 'spec: Invalid value: "array": spec in body must be of type object: "array"',
  },
  {
    name: "a value that is not in the enum",
    spec: { size: 1, color: "green" },
    message: 'spec.color: Unsupported value: "green": supported values: "red", "blue"',
  },
  {
    name: "a string that does not match its pattern",
    spec: { size: 1, code: "bbb" },
    message: `spec.code: Invalid value: "bbb": spec.code in body should match '^a+$'`,
  },
  {
    name: "a string that is too short",
    spec: { size: 1, code: "a" },
    message: 'spec.code: Invalid value: "a": spec.code in body should be at least 2 chars long',
  },
  {
    name: "a string that is too long",
    spec: { size: 1, code: "aaaaaa" },
    message: "spec.code: Too long: may not be more than 4 bytes",
  },
  {
    name: "a number that is too large",
    spec: { size: 1, weight: 11 },
    message: "spec.weight: Invalid value: 11: spec.weight in body should be less than or equal to 10",
  },
  {
    name: "a number that is too small",
    spec: { size: 1, weight: 0 },
    message: "spec.weight: Invalid value: 0: spec.weight in body should be greater than or equal to 1",
  },
  { name: "a duplicate in a set", spec: { size: 1, tags: ["a", "a"] }, message: 'spec.tags[1]: Duplicate value: "a"' },
  {
    name: "too many items",
    spec: { size: 1, tags: ["a", "b", "c", "d"] },
    message: "spec.tags: Too many: 4: must have at most 3 items",
  },
  {
    name: "too few items",
    spec: { size: 1, tags: [] },
    message: "spec.tags: Invalid value: 0: spec.tags in body should have at least 1 items",
  },
  {
    name: "two items with one key",
    spec: { size: 1, ports: [{ port: 1 }, { port: 1, name: "x" }] },
    message: 'spec.ports[1]: Duplicate value: {"port":1}',
  },
  {
    name: "an item without its key",
    spec: { size: 1, ports: [{ name: "x" }] },
    message: "spec.ports[0].port: Required value",
  },
  {
    name: "a date that is none",
    spec: { size: 1, since: "yesterday" },
    message: 'spec.since: Invalid value: "yesterday": spec.since in body must be of type date-time: "yesterday"',
  },
  {
    name: "a boolean for an integer or string",
    spec: { size: 1, target: true },
    message: "spec.target in body must be of type integer,string",
  },
  {
    name: "a map's value of another type",
    spec: { size: 1, limits: { a: "x" } },
    message: 'spec.limits.a in body must be of type integer: "string"',
  },
  {
    name: "too many keys",
    spec: { size: 1, limits: { a: 1, b: 2, c: 3 } },
    message: "spec.limits: Too many: 3: must have at most 2 items",
  },
  {
    name: "a known field of an open object, of another type",
    spec: { size: 1, open: { known: "x" } },
    message: "spec.open.known in body must be of type integer",
  },
  {
    name: "a value that breaks a CEL rule",
    spec: { size: 1, min: 5 },
    message: "spec: Invalid value: size is below min",
  },
  {
    name: "a value that breaks a CEL rule without a message",
    spec: { size: 5000 },
    message: "spec: Invalid value: failed rule: self.size < 1000",
  },
  {
    name: "a value that breaks a CEL rule with an expression for its message",
    spec: { size: 13 },
    message: "spec: Invalid value: unlucky",
  },
  {
    name: "a list that breaks a CEL rule about all its items",
    spec: { size: 1, items: [{ n: 1 }, { n: 0 }] },
    message: "spec.items: Invalid value: n is positive",
  },
];

export const schemas: readonly Case[] = [
  ...refusals.map(({ name, spec, message }, index): Case => ({
    name: `${name} is refused with 422, naming the field`,
    run: async (world) =>
      refused(await world.post(world.widgets(), world.widget(`bad-${index}`, spec)), 422, "Invalid", message),
  })),
  {
    name: "several errors are reported together",
    async run(world) {
      const answer = await world.post(world.widgets(), world.widget("many", { color: "green" }));
      refused(answer, 422, "Invalid", /^Widget\.\S+ "many" is invalid: \[.*spec\.size: Required value/);
      const fields = answer.body.details.causes.map(({ field }: { field: string }) => field);
      assert.ok(fields.includes("spec.color") && fields.includes("spec.size"));
    },
  },
  {
    name: "rules are not run on values that break the schema, and the error says so",
    async run(world) {
      const answer = await world.post(world.widgets(), world.widget("unrun", { size: "x" }));
      refused(answer, 422, "Invalid", "<nil>: Invalid value: null: some validation rules were not checked");
    },
  },
  {
    name: "a transition rule holds for updates only",
    async run(world) {
      await world.create("held", { size: 1, fixed: "a" });
      const path = `${world.widgets()}/held`;
      refused(
        await world.merge(path, { spec: { fixed: "b" } }),
        422,
        "Invalid",
        'spec.fixed: Invalid value: "b": fixed is immutable',
      );
      assert.equal(ok(await world.merge(path, { spec: { size: 2 } })).spec.fixed, "a");
    },
  },
  {
    name: "defaults are set in lists and in existing objects",
    async run(world) {
      const { spec } = await world.create("defaults", { size: 1, ports: [{ port: 1 }], nested: {} });
      assert.deepEqual(spec, { size: 1, color: "red", ports: [{ port: 1, kind: "TCP" }], nested: { on: true } });
    },
  },
  {
    name: "a null field is absent for a rule",
    async run(world) {
      const create = (name: string, nullable: unknown) =>
        world.post(world.widgets(), world.widget(name, { size: 77, nullable }));
      refused(await create("set", { x: 1 }), 422, "Invalid", /nullable is set/);
      refused(await create("set-to-nothing", {}), 422, "Invalid", /nullable is set/);
      assert.equal(ok(await create("set-to-null", null)).spec.nullable, null);
    },
  },
  {
    name: "null becomes the default, is dropped, or stays where it may",
    async run(world) {
      const { spec } = await world.create("nulls", { size: 1, color: null, code: null, note: null });
      assert.deepEqual(spec, { size: 1, color: "red", note: null });
    },
  },
  {
    name: "unknown fields are dropped with a warning",
    async run(world) {
      const body = { ...world.widget("pruned", { size: 1, zap: 1 }, { zip: 1 }), zop: 1 };
      const answer = await world.post(world.widgets(), body);
      assert.equal(ok(answer).spec.zap, undefined);
      assert.equal(answer.body.zop, undefined);
      assert.match(answer.headers.get("warning") ?? "", /299 - "unknown field \\"spec.zap\\""/);
      assert.match(answer.headers.get("warning") ?? "", /unknown field \\"metadata.zip\\"/);
    },
  },
  {
    name: "unknown fields are refused when fieldValidation is Strict, and not mentioned when it is Ignore",
    async run(world) {
      const body = world.widget("strict", { size: 1, zap: 1 });
      const strict = await world.post(world.widgets(), body, { fieldValidation: "Strict" });
      refused(strict, 400, "BadRequest", 'strict decoding error: unknown field "spec.zap"');
      const ignored = await world.post(world.widgets(), body, { fieldValidation: "Ignore" });
      assert.equal(ok(ignored).spec.zap, undefined);
      assert.equal(ignored.headers.get("warning"), null);
      refused(
        await world.post(world.widgets(), body, { fieldValidation: "Mild" }),
        422,
        "Invalid",
        "fieldValidation: Unsupported",
      );
    },
  },
  {
    name: "an open object keeps undeclared fields",
    async run(world) {
      const { spec } = await world.create("open", { size: 1, open: { any: { thing: [1] }, known: 2 } });
      assert.deepEqual(spec.open, { any: { thing: [1] }, known: 2 });
    },
  },
  {
    name: "a patch with an unknown field warns, or is refused when strict",
    async run(world) {
      await world.create("patched");
      const path = `${world.widgets()}/patched`;
      const answer = await world.merge(path, { spec: { zap: 1 } });
      assert.match(answer.headers.get("warning") ?? "", /unknown field \\"spec.zap\\"/);
      refused(
        await world.merge(path, { spec: { zap: 1 } }, { fieldValidation: "Strict" }),
        422,
        "Invalid",
        'strict decoding error: unknown field "spec.zap"',
      );
    },
  },
];
