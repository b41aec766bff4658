import assert from "node:assert/strict";
import type { JsonObject } from "../../../src/base/json.ts";
import { describePath, difference, FieldSet, intersection, union, without, withParents } from "./field_set.ts";

const read = (json: JsonObject) => FieldSet.fromJson(json);
const A = { "f:spec": { ".": {}, "f:a": {}, "f:list": { 'k:{"n":1}': { ".": {}, "f:x": {} } } } };
const B = { "f:spec": { "f:a": {}, "f:b": {} } };

Deno.test("a set is serialized as it was parsed", () => {
  assert.deepEqual(read(A).toJson(), A);
  assert.deepEqual(read({}).toJson(), {});
});

Deno.test("union, intersection and difference apply to members, not to the fields around them", () => {
  assert.deepEqual(union(read(B), read({ "f:spec": {} })).toJson(), { "f:spec": { ".": {}, "f:a": {}, "f:b": {} } });
  assert.deepEqual(intersection(read(A), read(B)).toJson(), { "f:spec": { "f:a": {} } });
  assert.deepEqual(difference(read(B), read(A)).toJson(), { "f:spec": { "f:b": {} } });
  assert.deepEqual(difference(read(A), read({ "f:spec": {} })).toJson(), {
    "f:spec": { "f:a": {}, "f:list": { 'k:{"n":1}': { ".": {}, "f:x": {} } } },
  });
});

Deno.test("without also removes nested fields", () => {
  assert.equal(without(read(A), read({ "f:spec": {} })).isEmpty, true);
});

Deno.test("withParents adds the named fields around members, and no items of lists", () => {
  const inner = read({ "f:spec": { "f:list": { 'k:{"n":1}': { "f:x": {} } } } });
  assert.deepEqual(withParents(inner).toJson(), {
    "f:spec": { ".": {}, "f:list": { ".": {}, 'k:{"n":1}': { "f:x": {} } } },
  });
});

Deno.test("a path is described as kubectl shows it", () => {
  const paths = [...read(A).paths()].map(describePath);
  assert.deepEqual(paths, [".spec", ".spec.a", ".spec.list[n=1]", ".spec.list[n=1].x"]);
});
