import assert from "node:assert/strict";
import fc from "fast-check";
import type { FieldRules } from "../../resource.ts";
import { disagreements } from "./diff.ts";

const rules: FieldRules = {
  keyedBy: { "tasks": "task_key", "tasks.depends_on": "task_key" },
  spelling: { provider: (name) => name.toLowerCase() },
};

const task = (task_key: string, more: Record<string, unknown> = {}) => ({ task_key, ...more });

const table: [name: string, desired: unknown, observed: unknown, paths: string[]][] = [
  ["equal values agree", { name: "etl" }, { name: "etl" }, []],
  ["a field that the manifest does not set does not count", {}, { name: "etl", timeout_seconds: 0 }, []],
  ["a field that it sets to undefined does not count", { name: undefined }, { name: "etl" }, []],
  ["another value counts", { name: "etl" }, { name: "elt" }, ["name"]],
  ["a missing value counts", { name: "etl" }, {}, ["name"]],
  ["an omitted empty value does not count", { a: {}, b: [], c: "", d: 0, e: false, f: null }, {}, []],
  ["an omitted object of empty values does not count", { health: { rules: [], on: {} } }, {}, []],
  ["an omitted object with a value counts", { health: { rules: [1] } }, {}, ["health"]],
  ["an empty value in place of something counts", { name: "" }, { name: "etl" }, ["name"]],
  ["an empty list in place of something counts", { libraries: [] }, { libraries: [1] }, ["libraries"]],
  ["a nested field is named", { schedule: { tz: "UTC" } }, { schedule: { tz: "CET", cron: "0" } }, ["schedule.tz"]],
  ["a number and its bigint agree", { id: 5 }, { id: 5n }, []],
  ["a number and its text differ", { id: 5 }, { id: "5" }, ["id"]],
  ["an object in place of a text counts", { a: "x" }, { a: { b: 1 } }, ["a"]],
  ["a list in place of an object counts", { a: { b: 1 } }, { a: [1] }, ["a"]],
  ["the order of a plain list counts", { list: [1, 2] }, { list: [2, 1] }, ["list[0]", "list[1]"]],
  ["the length of a plain list counts", { list: [1] }, { list: [1, 2] }, ["list"]],
  ["a field in a plain list is named", { list: [{ a: 1 }] }, { list: [{ a: 2, b: 1 }] }, ["list[0].a"]],
  [
    "the order of a keyed list does not count",
    { tasks: [task("a"), task("b")] },
    { tasks: [task("b"), task("a")] },
    [],
  ],
  ["an element that was added counts", { tasks: [task("a")] }, { tasks: [task("a"), task("b")] }, ["tasks[b]"]],
  ["an element that is missing counts", { tasks: [task("a"), task("b")] }, { tasks: [task("a")] }, ["tasks[b]"]],
  [
    "a field of a keyed element is named by its key",
    { tasks: [task("a", { retries: 1, lib: [{ jar: "x" }] })] },
    { tasks: [task("a", { retries: 2, lib: [{ jar: "y" }] })] },
    ["tasks[a].retries", "tasks[a].lib[0].jar"],
  ],
  [
    "a keyed list in a keyed list is also keyed",
    { tasks: [task("c", { depends_on: [task("a"), task("b")] })] },
    { tasks: [task("c", { depends_on: [task("b"), task("x")] })] },
    ["tasks[c].depends_on[a]", "tasks[c].depends_on[x]"],
  ],
  [
    "a keyed list with a key twice is compared as a plain one",
    { tasks: [task("a"), task("a", { retries: 1 })] },
    { tasks: [task("a"), task("a", { retries: 2 })] },
    ["tasks[1].retries"],
  ],
  ["another spelling is equal by a rule", { provider: "gitHub" }, { provider: "github" }, []],
  ["another word still differs", { provider: "gitHub" }, { provider: "gitlab" }, ["provider"]],
  ["a rule applies only to its own path", { git: { provider: "gitHub" } }, { git: { provider: "github" } }, [
    "git.provider",
  ]],
];

for (const [name, desired, observed, paths] of table) {
  Deno.test(`by value: ${name}`, () => assert.deepEqual(disagreements(desired, observed, rules), paths));
}

Deno.test("any value equals itself, also beside further fields", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (value, more) => {
    assert.deepEqual(disagreements(value, value, rules), []);
    assert.deepEqual(disagreements(value, { more, ...value }, rules), []);
  }));
});
