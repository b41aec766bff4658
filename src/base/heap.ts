/**
 * A binary heap whose items can be removed from the middle.
 *
 * Guarantees: `push`, `pop` and `remove` take logarithmic time; an item is in at most one place of one heap.
 *
 * @module
 */

/** An item that knows its place in the heap. */
export interface HeapItem {
  /** The item's place in its heap; -1 when it is in none. Only the heap writes it. */
  heapIndex: number;
}

/**
 * A heap; `before(a, b)` says that `a` comes out before `b`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Heap } from "./heap.ts";
 *
 * const heap = new Heap<{ at: number; heapIndex: number }>((a, b) => a.at < b.at);
 * for (const at of [3, 1, 2]) heap.push({ at, heapIndex: -1 });
 * assert.deepEqual([heap.pop()?.at, heap.pop()?.at, heap.pop()?.at, heap.pop()], [1, 2, 3, undefined]);
 * ```
 */
export class Heap<Item extends HeapItem> {
  readonly #before: (a: Item, b: Item) => boolean;
  readonly #items: Item[] = [];

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before;
  }

  /** The number of items. */
  get size(): number {
    return this.#items.length;
  }

  /** All items, in no particular order. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** The item that comes out next. */
  peek(): Item | undefined {
    return this.#items[0];
  }

  /** Adds an item. */
  push(item: Item): void {
    this.#up(item, this.#items.length);
  }

  /** Removes the item that comes first, and returns it. */
  pop(): Item | undefined {
    const first = this.#items[0];
    if (first) this.remove(first);
    return first;
  }

  /** Removes an item, wherever it is; does nothing if it is not in this heap. */
  remove(item: Item): void {
    const hole = item.heapIndex;
    if (this.#items[hole] !== item) return;
    item.heapIndex = -1;
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#down(last, hole);
    this.#up(last, last.heapIndex);
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }

  #up(item: Item, start: number): void {
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex]!;
      if (!this.#before(item, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(item, index);
  }

  #down(item: Item, start: number): void {
    let index = start;
    for (;;) {
      const left = this.#items[2 * index + 1];
      const right = this.#items[2 * index + 2];
      const child = right && left && this.#before(right, left) ? right : left;
      if (!child || !this.#before(child, item)) break;
      const childIndex = child.heapIndex;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(item, index);
  }
}
