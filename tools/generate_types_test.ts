import assert from "node:assert/strict";
import { parseJson, stringifyJson } from "../src/base/json.ts";
import * as types from "../src/databricks/types.ts";
import { type Field, generateTypes, type TypeEntry } from "./generate_types.ts";

const text: Field = { type: "string", required: true };

function generate(entries: Record<string, TypeEntry>, roots: string[]): string {
  return generateTypes({ source: "a test", types: entries }, roots);
}

Deno.test("generateTypes writes each kind of field", () => {
  const fields: Record<string, Field> = {
    needed: text,
    flag: { type: "boolean" },
    ratio: { type: "number" },
    id: { type: "int64" },
    open: { type: "any" },
    tags: { type: { map: "string" } },
    sizes: { type: { map: "int64" } },
    names: { type: { array: "string" } },
    mode: { type: { ref: "jobs.Mode" } },
  };
  const source = generate({ "jobs.Thing": { fields }, "jobs.Mode": { enum: ["A", "B"] } }, ["jobs.Thing"]);
  for (
    const line of [
      'export const Mode = openEnum(["A","B"]);',
      "  needed: text,",
      "  flag: optional.flag,",
      "  ratio: optional.number,",
      "  id: optional.int64,",
      "  open: anything.optional(),",
      "  tags: optional.stringMap,",
      "  sizes: z.record(text, int64).optional(),",
      "  names: optional.texts,",
      "  mode: Mode.optional(),",
      '}).meta({ typeName: "jobs.Thing" });',
      "export type Thing = z.infer<typeof Thing>;",
    ]
  ) assert.ok(source.includes(`${line}\n`), `missing: ${line}`);
});

Deno.test("generateTypes declares a type before the types that refer to it", () => {
  const source = generate({
    "jobs.Outer": { fields: { inner: { type: { ref: "jobs.Inner" } } } },
    "jobs.Inner": { fields: { text } },
  }, ["jobs.Outer"]);
  assert.ok(source.indexOf("const Inner") < source.indexOf("const Outer"));
});

Deno.test("generateTypes closes a cycle with a getter", () => {
  const source = generate({
    "jobs.Task": { fields: { loop: { type: { ref: "jobs.Loop" } } } },
    "jobs.Loop": { fields: { task: { type: { ref: "jobs.Task" }, required: true } } },
  }, ["jobs.Task"]);
  assert.match(source, /get task\(\) \{ return Task; \},/);
});

Deno.test("generateTypes gives a shared name to the first type", () => {
  const source = generate({
    "jobs.Spec": { fields: { text } },
    "compute.Spec": { fields: { text } },
  }, ["compute.Spec", "jobs.Spec"]);
  assert.match(source, /const Spec = [^;]*"compute.Spec"/);
  assert.match(source, /const JobsSpec = [^;]*"jobs.Spec"/);
});

Deno.test("generateTypes omits types that no root reaches", () => {
  const source = generate({ "jobs.Used": { fields: { text } }, "jobs.Unused": { fields: { text } } }, ["jobs.Used"]);
  assert.doesNotMatch(source, /Unused/);
});

Deno.test("generateTypes rejects a reference to a missing type", () => {
  assert.throws(() => generate({}, ["jobs.Gone"]), /Cannot generate types: unknown type "jobs.Gone"/);
});

Deno.test("a field that our types do not know survives a round trip at every depth", () => {
  const settings = { new_field: 1, tasks: [{ task_key: "a", newer_task: { deep: [true] } }] };
  assert.deepEqual(types.JobSettings.parse(settings), settings);
});

Deno.test("an id beyond 2^53 stays exact", () => {
  const json = '{"job_id":9007199254740993,"run_id":1}';
  assert.equal(stringifyJson(types.BaseRun.parse(parseJson(json))), json);
});

Deno.test("a fraction is not an int64", () => {
  assert.equal(types.JobSettings.safeParse({ timeout_seconds: 1.5 }).success, false);
});

Deno.test("a value that Databricks adds to an enum is accepted", () => {
  assert.equal(types.RunState.parse({ life_cycle_state: "HIBERNATING" }).life_cycle_state, "HIBERNATING");
});

Deno.test("scalars become text if the API expects a map of strings", () => {
  const { tags } = types.JobSettings.parse({ tags: { number: 2, flag: true, big: 9007199254740993n, text: "x" } });
  assert.deepEqual(tags, { number: "2", flag: "true", big: "9007199254740993", text: "x" });
});

Deno.test("a task inside a for_each_task is also checked", () => {
  const settings = { tasks: [{ task_key: "a", for_each_task: { inputs: "[]", task: { max_retries: 1 } } }] };
  const { error } = types.JobSettings.safeParse(settings);
  assert.deepEqual(error?.issues[0]?.path, ["tasks", 0, "for_each_task", "task", "task_key"]);
});

Deno.test("a manifest needs no field that Databricks sets", () => {
  assert.ok(types.CredentialInfo.safeParse({ git_provider: "gitHub" }).success);
  assert.ok(types.RunNowRequest.safeParse({}).success);
});
