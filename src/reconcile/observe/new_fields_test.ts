import assert from "node:assert/strict";
import { NewFields } from "./new_fields.ts";

/** Sweeps of equal rows. */
function sweep(fields: NewFields, row: Record<string, unknown>, count: number): void {
  fields.begin();
  for (let index = 0; index < count; index++) fields.note(row);
  fields.swept();
}

Deno.test("fields of new rows are not new fields", () => {
  const fields = new NewFields();
  sweep(fields, {}, 0);
  sweep(fields, { name: "a", tasks: [{ run_if: "ALL_SUCCESS" }] }, 6);
  assert.deepEqual(["name", "tasks", "tasks.run_if"].filter((path) => fields.has(path)), []);
  sweep(fields, { name: "a", tasks: [{ run_if: "ALL_SUCCESS", max_retries: 0 }] }, 6);
  assert.deepEqual(["tasks.run_if", "tasks.max_retries"].filter((path) => fields.has(path)), ["tasks.max_retries"]);
});

Deno.test("after a start only top-level fields can be new", () => {
  const fields = new NewFields();
  sweep(fields, { queue: {}, tasks: [{ run_if: "ALL_SUCCESS" }] }, 6);
  assert.deepEqual(["queue", "tasks.run_if"].filter((path) => fields.has(path)), ["queue"]);
});
