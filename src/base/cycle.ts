/**
 * Finds a cycle in a graph.
 *
 * @module
 */

/**
 * The nodes of a cycle: each has an edge to the next one, and the last one to the first; `undefined` without a cycle.
 * Edges to unknown nodes are ignored.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cycleOf } from "./cycle.ts";
 *
 * assert.deepEqual(cycleOf(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c"]);
 * assert.equal(cycleOf(new Map([["a", ["b"]], ["b", []]])), undefined);
 * ```
 */
export function cycleOf(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const left = new Map(edges);
  const isLeft = (node: string) => left.has(node);
  // A node without an edge to a remaining node is in no cycle.
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [node, to] of left) if (!to.some(isLeft)) left.delete(node);
  }
  const [start] = left.keys();
  if (start === undefined) return undefined;
  const path: string[] = [];
  const next = (node: string) => left.get(node)?.find(isLeft) ?? node;
  for (let node = start;; node = next(node)) {
    if (path.includes(node)) return path.slice(path.indexOf(node));
    path.push(node);
  }
}
