import assert from "node:assert/strict";
import fc from "fast-check";
import { cycleOf } from "./cycle.ts";

Deno.test("a node with an edge to itself is a cycle of one", () => {
  assert.deepEqual(cycleOf(new Map([["a", []], ["b", ["a", "b"]]])), ["b"]);
});

Deno.test("a chain of a thousand nodes is not a cycle, and becomes one with a back edge", () => {
  const chain = new Map(Array.from({ length: 1000 }, (_, index) => [`${index}`, index === 0 ? [] : [`${index - 1}`]]));
  assert.equal(cycleOf(chain), undefined);
  chain.set("0", ["999"]);
  assert.equal(cycleOf(chain)?.length, 1000);
});

Deno.test("a cycle is found exactly where no order of the nodes keeps every edge", () => {
  const node = fc.constantFrom("a", "b", "c", "d", "e");
  fc.assert(fc.property(fc.array(fc.tuple(node, node), { maxLength: 8 }), (pairs) => {
    const edges = new Map<string, string[]>(["a", "b", "c", "d", "e"].map((one) => [one, []]));
    for (const [from, to] of pairs) edges.get(from)?.push(to);
    const cycle = cycleOf(edges);
    for (const [index, one] of (cycle ?? []).entries()) {
      const next = cycle?.[(index + 1) % cycle.length] ?? "";
      assert.ok(edges.get(one)?.includes(next), `${one} → ${next}`);
    }
    assert.equal(cycle !== undefined, reachesItself(edges));
  }));
});

function reachesItself(edges: ReadonlyMap<string, readonly string[]>): boolean {
  return [...edges.keys()].some((start) => {
    const seen = new Set(edges.get(start));
    for (const one of seen) for (const next of edges.get(one) ?? []) seen.add(next);
    return seen.has(start);
  });
}
