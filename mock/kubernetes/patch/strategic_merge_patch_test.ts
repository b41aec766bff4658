import assert from "node:assert/strict";
import type { Json } from "../../../src/base/json.ts";
import type { Schema } from "../schema/schema.ts";
import { strategicMergePatch } from "./strategic_merge_patch.ts";

const schema: Schema = {
  type: "object",
  properties: {
    items: {
      type: "array",
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
      items: { type: "object" },
    },
    names: { type: "array", "x-kubernetes-patch-strategy": "merge", items: { type: "string" } },
  },
};

const rows: readonly { name: string; target: Json; patch: Json; result: Json }[] = [
  { name: "null removes", target: { a: 1, b: 2 }, patch: { a: null }, result: { b: 2 } },
  { name: "objects are merged", target: { a: { b: 1 } }, patch: { a: { c: 2 } }, result: { a: { b: 1, c: 2 } } },
  {
    name: "$patch: replace replaces an object",
    target: { a: { b: 1 } },
    patch: { a: { $patch: "replace", c: 2 } },
    result: { a: { c: 2 } },
  },
  { name: "$patch: delete removes an object", target: { a: { b: 1 } }, patch: { a: { $patch: "delete" } }, result: {} },
  {
    name: "$retainKeys drops the others",
    target: { a: 1, b: 2 },
    patch: { $retainKeys: ["a", "c"], c: 3 },
    result: { a: 1, c: 3 },
  },
  { name: "a list without a strategy is replaced", target: { l: [1] }, patch: { l: [2] }, result: { l: [2] } },
  {
    name: "items are merged by their key",
    target: { items: [{ name: "a", x: 1 }, { name: "b" }] },
    patch: { items: [{ name: "a", y: 2 }, { name: "c" }] },
    result: { items: [{ name: "a", x: 1, y: 2 }, { name: "b" }, { name: "c" }] },
  },
  {
    name: "$patch: delete removes an item",
    target: { items: [{ name: "a" }, { name: "b" }] },
    patch: { items: [{ name: "a", $patch: "delete" }] },
    result: { items: [{ name: "b" }] },
  },
  {
    name: "$patch: replace replaces a list",
    target: { items: [{ name: "a" }] },
    patch: { items: [{ name: "b" }, { $patch: "replace" }] },
    result: { items: [{ name: "b" }] },
  },
  {
    name: "$setElementOrder arranges items",
    target: { items: [{ name: "a" }, { name: "b" }] },
    patch: { items: [{ name: "c" }], "$setElementOrder/items": [{ name: "c" }, { name: "b" }, { name: "a" }] },
    result: { items: [{ name: "c" }, { name: "b" }, { name: "a" }] },
  },
  {
    name: "values are added once",
    target: { names: ["a"] },
    patch: { names: ["b", "a"] },
    result: { names: ["a", "b"] },
  },
  {
    name: "$deleteFromPrimitiveList removes values",
    target: { names: ["a", "b"] },
    patch: { "$deleteFromPrimitiveList/names": ["a"] },
    result: { names: ["b"] },
  },
];

for (const { name, target, patch, result } of rows) {
  Deno.test(`strategic merge patch: ${name}`, () => {
    assert.deepEqual(strategicMergePatch(target, patch, schema), result);
  });
}
