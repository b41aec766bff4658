import assert from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import { differences, type Fingerprint, fingerprint, hashOf, project, without } from "./fields.ts";
import { elementsOf } from "./path.ts";

const rules = { keyedBy: { tasks: "task_key" } };

Deno.test("hashOf is short, and the same only for equal values", () => {
  assert.match(hashOf({ a: 1 }), /^[\w-]{16}$/);
  assert.equal(hashOf({ a: 1, b: 2n }), hashOf({ b: 2, a: 1, c: undefined }));
  assert.notEqual(hashOf("1"), hashOf(1));
  assert.notEqual(hashOf([1, 2]), hashOf([2, 1]));
});

Deno.test("fingerprint has an entry per element of a keyed list, and one entry for any other list", () => {
  const { tasks, libraries } = fingerprint({ tasks: [{ task_key: "a" }, { task_key: "b" }], libraries: [1, 2] }, rules);
  assert.deepEqual(Object.keys(tasks as object), ["a", "b"]);
  assert.equal(typeof libraries, "string");
});

Deno.test("fingerprint has one entry for a keyed list with missing or duplicate keys", () => {
  for (const tasks of [[{ task_key: "a" }, {}], [{ task_key: "a" }, { task_key: "a" }], "none", [1]]) {
    assert.equal(typeof fingerprint({ tasks }, rules).tasks, "string");
  }
});

Deno.test("fingerprint omits undefined values, and keeps empty ones", () => {
  assert.deepEqual(Object.keys(fingerprint({ a: undefined, b: null, c: "", d: [] }, {})), ["b", "c", "d"]);
});

Deno.test("differences names fields and elements that were added, removed or changed", () => {
  const table: [before: Fingerprint, after: Fingerprint, paths: string[]][] = [
    [{}, {}, []],
    [{ a: "1" }, { a: "1" }, []],
    [{ a: "1" }, { a: "2" }, ["a"]],
    [{}, { a: "1" }, ["a"]],
    [{ a: "1" }, {}, ["a"]],
    [{ t: { a: "1", b: "1" } }, { t: { a: "1", c: "1" } }, ["t[b]", "t[c]"]],
    [{ t: { a: "1" } }, { t: "1" }, ["t"]],
    [{ t: { a: "1" } }, {}, ["t"]],
    [{ t: {} }, { t: {} }, []],
  ];
  for (const [before, after, paths] of table) assert.deepEqual(differences(before, after), paths);
});

Deno.test("differences is empty in both directions exactly if two fingerprints are equal", () => {
  const part = fc.oneof(fc.constantFrom("1", "2"), fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2")));
  const any = fc.dictionary(fc.constantFrom("x", "y", "z"), part);
  fc.assert(fc.property(any, any, (a, b) => {
    const [there, back] = [differences(a, b), differences(b, a)];
    assert.deepEqual([...there].sort(), [...back].sort());
    assert.equal(there.length === 0, hashOf(a) === hashOf(b));
  }));
});

Deno.test("elementsOf returns the elements by their keys", () => {
  assert.deepEqual([...elementsOf([{ k: "a", v: 1 }, { k: "b" }], "k") ?? []], [["a", { k: "a", v: 1 }], ["b", {
    k: "b",
  }]]);
  assert.deepEqual(elementsOf([], "k")?.size, 0);
  for (const list of [undefined, {}, [1], [{}], [{ k: "a" }, { k: "a" }]]) {
    assert.equal(elementsOf(list, "k"), undefined);
  }
});

Deno.test("without omits the named fields, and does not change its argument", () => {
  const value = { a: 1, b: 2 };
  assert.deepEqual(without(value, ["b", "c"]), { a: 1 });
  assert.deepEqual(value, { a: 1, b: 2 });
});

const Task = z.looseObject({ task_key: z.string(), retries: z.number().optional() });
const Settings = z.looseObject({
  name: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  tasks: z.array(Task).optional(),
  schedule: z.looseObject({ cron: z.string() }).optional().describe("when"),
});

Deno.test("project drops fields that neither the schema nor the manifest has, at every depth", () => {
  const observed = {
    name: "etl",
    brand_new: 1,
    said: { any: 1 },
    tags: { any: "kept" },
    tasks: [{ task_key: "a", brand_new: 1, said: 1 }, { task_key: "b", brand_new: 1 }],
    schedule: { cron: "0", brand_new: true },
  };
  const spoken = { said: {}, tasks: [{ task_key: "a", said: 2 }] };
  assert.deepEqual(project(Settings, observed, spoken), {
    name: "etl",
    said: { any: 1 },
    tags: { any: "kept" },
    tasks: [{ task_key: "a", said: 1 }, { task_key: "b" }],
    schedule: { cron: "0" },
  });
});

Deno.test("project follows recursive schemas", () => {
  interface Node {
    name: string;
    next?: Node | undefined;
  }
  const Node: z.ZodType<Node> = z.looseObject({ name: z.string(), next: z.lazy(() => Node).optional() });
  const observed = { name: "a", extra: 1, next: { name: "b", extra: 1, next: { name: "c", extra: 1 } } };
  assert.deepEqual(project(Node, observed), { name: "a", next: { name: "b", next: { name: "c" } } });
});

Deno.test("project keeps values of an unexpected shape", () => {
  for (const observed of [null, "text", 7, [1]]) assert.deepEqual(project(Settings, observed), observed);
  assert.deepEqual(project(Settings, { tasks: "none", schedule: null }), { tasks: "none", schedule: null });
});

Deno.test("project is not confused by the names of Object's own methods", () => {
  assert.deepEqual(project(Settings, { constructor: 1, toString: 2, name: "etl" }), { name: "etl" });
});
