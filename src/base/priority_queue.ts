/**
 * A priority queue of two levels, in which low priority is not starved.
 *
 * Guarantees: high priority comes before low, but while both wait, every fourth item is of low priority. So low
 * priority takes its time, but never stands still.
 *
 * @module
 */
import { Heap, type HeapItem } from "./heap.ts";

/** People's edits have high priority; the operator's own sweeps have low priority. */
export type Priority = "high" | "low";

/** The number of items of high priority served before one of low priority. */
const PASS = 3;

/**
 * A queue of two priorities; `before(a, b)` says that `a` comes before `b` of the same priority.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Turns } from "./priority_queue.ts";
 *
 * const turns = new Turns<{ name: number; heapIndex: number }>((a, b) => a.name < b.name);
 * for (const name of [1, 2]) turns.push({ name, heapIndex: -1 }, "low");
 * for (const name of [3, 4, 5, 6]) turns.push({ name, heapIndex: -1 }, "high");
 * const order = Array.from({ length: 6 }, () => turns.pop()?.name);
 * assert.deepEqual(order, [3, 4, 5, 1, 6, 2]);
 * ```
 */
export class Turns<Item extends HeapItem> {
  readonly #high: Heap<Item>;
  readonly #low: Heap<Item>;
  #passed = 0;

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#high = new Heap(before);
    this.#low = new Heap(before);
  }

  /** The number of waiting items. */
  get size(): number {
    return this.#high.size + this.#low.size;
  }

  /** True while an item of high priority waits. */
  get hasHigh(): boolean {
    return this.#high.size > 0;
  }

  /** True if {@link pop} would return an item of low priority. */
  get isNextLow(): boolean {
    return this.#low.size > 0 && (this.#high.size === 0 || this.#passed >= PASS);
  }

  /** Adds an item. */
  push(item: Item, priority: Priority): void {
    (priority === "high" ? this.#high : this.#low).push(item);
  }

  /** Removes the next item, and returns it. */
  pop(): Item | undefined {
    if (this.isNextLow) {
      this.#passed = 0;
      return this.#low.pop();
    }
    this.#passed = this.#low.size === 0 ? 0 : this.#passed + 1;
    return this.#high.pop();
  }

  /** Takes the first item of high priority, whether or not it is the turn of low priority. */
  popHigh(): Item | undefined {
    return this.#high.pop();
  }

  /** Removes an item, wherever it is; does nothing if it does not wait. */
  remove(item: Item): void {
    this.#high.remove(item);
    this.#low.remove(item);
  }
}
