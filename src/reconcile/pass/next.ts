/**
 * The end of a pass: done until something changes, or to be continued.
 *
 * @module
 */

/** The end of a pass: nothing to do until something changes, or another pass after a delay (ms). */
export type Next = "done" | { readonly afterMs: number };

/** Reconciles the object again after this delay. */
export function after(afterMs: number): Next {
  return { afterMs };
}

/**
 * The earlier of two.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { after, sooner } from "./next.ts";
 *
 * assert.deepEqual(sooner(after(5), after(3)), { afterMs: 3 });
 * assert.deepEqual(sooner(after(5), "done"), { afterMs: 5 });
 * assert.equal(sooner("done", "done"), "done");
 * ```
 */
export function sooner(left: Next, right: Next): Next {
  if (left === "done") return right;
  return right === "done" || left.afterMs <= right.afterMs ? left : right;
}
