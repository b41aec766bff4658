import assert from "node:assert/strict";
import fc from "fast-check";
import { Heap } from "./heap.ts";

Deno.test("the heap returns its items in order, also after removals from its middle", () => {
  const items = fc.array(fc.record({ value: fc.nat(50), isRemoved: fc.boolean() }), { maxLength: 60 });
  fc.assert(fc.property(items, (items) => {
    const heap = new Heap<{ value: number; heapIndex: number }>((a, b) => a.value < b.value);
    const nodes = items.map(({ value, isRemoved }) => ({ value, isRemoved, heapIndex: -1 }));
    for (const node of nodes) heap.push(node);
    for (const node of nodes) if (node.isRemoved) heap.remove(node);
    for (const node of nodes) if (node.isRemoved) heap.remove(node);
    const expected = nodes.filter(({ isRemoved }) => !isRemoved).map(({ value }) => value).sort((a, b) => a - b);
    assert.deepEqual(Array.from({ length: heap.size }, () => heap.pop()?.value), expected);
    assert.ok(nodes.every(({ heapIndex }) => heapIndex === -1));
  }));
});
