import assert from "node:assert/strict";
import fc from "fast-check";
import { mergePatch as applyRfc7396 } from "../../mock/kubernetes/patch/merge_patch.ts";
import type { Json } from "./json.ts";
import { applyMergePatch, mergePatch } from "./merge_patch.ts";

Deno.test("mergePatch contains only differences", () => {
  const table: [before: Record<string, unknown>, after: Record<string, unknown>, patch: unknown][] = [
    [{}, {}, undefined],
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 1 }, { a: 1n }, undefined],
    [{ a: 1 }, { a: 1, b: undefined }, undefined],
    [{ a: 1 }, { a: 2 }, { a: 2 }],
    [{ a: 1 }, {}, { a: null }],
    [{ a: 1 }, { a: undefined }, { a: null }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
    [{ a: { b: 1 } }, { a: [1] }, { a: [1] }],
    [{ a: [1, 2] }, { a: [1] }, { a: [1] }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ];
  for (const [before, after, patch] of table) assert.deepEqual(mergePatch(before, after), patch);
});

Deno.test("mergePatch, applied by RFC 7396, turns any value into any other", () => {
  const { value: json } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      tie("leaf"),
      fc.array(tie("leaf"), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
    ),
    leaf: fc.constantFrom(0, 1, "x", true, ""),
  }));
  const objects = fc.dictionary(fc.constantFrom("a", "b", "c"), json, { noNullPrototype: true });
  fc.assert(fc.property(objects, objects, (before, after) => {
    const patch = mergePatch(before, after) ?? {};
    assert.deepEqual(applyRfc7396(before as Json, patch as Json), { ...after });
    assert.deepEqual(applyMergePatch(before, patch), { ...after });
  }));
});
