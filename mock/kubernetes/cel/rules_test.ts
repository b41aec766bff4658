import assert from "node:assert/strict";
import type { Rule, Schema } from "../schema/schema.ts";
import { checkSchema } from "../schema/structural.ts";

const text: Schema = { type: "string" };
const open: Schema = { "x-kubernetes-preserve-unknown-fields": true };

/** The errors of a CRD with the given spec. */
function errorsOf(spec: Schema): string[] {
  const errors = checkSchema({ type: "object", properties: { spec } }, "schema");
  return errors.map(({ path, message }) => `${path}: ${message}`);
}

function object(properties: Record<string, Schema>, ...rules: string[]): Schema {
  return { type: "object", properties, "x-kubernetes-validations": rules.map((rule): Rule => ({ rule })) };
}

function list(items: Schema, more: Schema = {}): Schema {
  return { type: "array", items, ...more };
}

Deno.test("a rule on a map without a value schema is rejected", () => {
  const map: Schema = { type: "object", additionalProperties: open };
  const [error = "", ...others] = errorsOf(
    object({ a: text, parameters: map }, "!(has(self.a) || has(self.parameters))"),
  );
  assert.match(error, /^schema\.properties\[spec\]\.x-kubernetes-validations\[0\]\.rule: Invalid value: /);
  assert.match(error, /: Invalid value: \{"Rule":"[^"]+","Message":"","MessageExpression":"","Reason":null,/);
  assert.match(error, /compilation failed: ERROR: <input>:1:21: undefined field 'parameters'\n \| .*\n \| \.{20}\^$/);
  assert.deepEqual(others, []);
});

Deno.test("a rule on a field without a schema, in the items of a list, is rejected", () => {
  const entity: Schema = { type: "object", properties: { model: open, name: text } };
  const [error] = errorsOf(object({ entities: list(entity) }, "self.entities.all(e, has(e.model) || has(e.name))"));
  assert.match(error ?? "", /<input>:1:25: undefined field 'model'/);
});

Deno.test("rules in unbounded lists are rejected for their total cost", () => {
  const task = object(
    { alert_id: text, alert_ref: text, inner: list(object({ a: text, b: text }, "has(self.a) != has(self.b)")) },
    "!(has(self.alert_id) && has(self.alert_ref))",
  );
  const tasks = Object.fromEntries(Array.from({ length: 30 }, (_none, index) => [`tasks${index}`, list(task)]));
  const errors = errorsOf({ type: "object", properties: tasks });
  assert.equal(errors.length, 5);
  assert.match(errors[0]!, /rule: Forbidden: contributed to estimated rule cost total exceeding cost limit/);
  assert.match(
    errors.at(-1)!,
    /^schema: Forbidden: x-kubernetes-validations estimated rule cost total .* by factor of /,
  );
  const bounded = Object.fromEntries(Object.keys(tasks).map((name) => [name, list(task, { maxItems: 100 })]));
  assert.deepEqual(errorsOf({ type: "object", properties: bounded }), []);
});
