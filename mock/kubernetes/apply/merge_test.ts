import assert from "node:assert/strict";
import type { Schema } from "../schema/schema.ts";
import { FieldSet } from "./field_set.ts";
import { merge, remove } from "./merge.ts";

const set: Schema = { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } };

/** The order of a set after another one is applied to it. */
const orders: readonly { live: string; applied: string; merged: string }[] = [
  { live: "abc", applied: "abc", merged: "abc" },
  { live: "ab", applied: "c", merged: "abc" },
  { live: "", applied: "ba", merged: "ba" },
  { live: "abc", applied: "ca", merged: "bca" },
  { live: "axb", applied: "ab", merged: "axb" },
  { live: "xab", applied: "ayb", merged: "xayb" },
];

for (const { live, applied, merged } of orders) {
  Deno.test(`the set "${applied}" applied to "${live}" is "${merged}"`, () => {
    assert.deepEqual(merge([...live], [...applied], set), [...merged]);
  });
}

Deno.test("removing fields leaves their siblings", () => {
  const schema: Schema = { type: "object", properties: { tags: set } };
  const fields = FieldSet.fromJson({ "f:a": { "f:b": {} }, "f:c": {}, "f:tags": { 'v:"x"': {} } });
  const value = { a: { b: 1, d: 2 }, c: { e: 3 }, tags: ["x", "y"] };
  assert.deepEqual(remove(value, fields, schema), { a: { d: 2 }, tags: ["y"] });
});
