/**
 * The share of one workspace in the work queue: its due keys, and its places.
 *
 * @module
 */
import { type Priority, Turns } from "../base/priority_queue.ts";

/** A key that waits. */
export interface Entry {
  readonly key: string;
  readonly order: number;
  readonly reason: string;
  /** The time from which it may be taken (ms, monotonic). */
  readonly dueAt: number;
  readonly priority: Priority;
  heapIndex: number;
}

/** True when `a` comes before `b`, of two keys of the same priority. */
export function dueBefore(a: Entry, b: Entry): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}

/** From so many places on, one is kept free for high priority. */
const MANY = 3;

/** Keys that depend on the same thing, such as a workspace: when it hangs, all of them do. */
export class Share {
  readonly due = new Turns<Entry>(dueBefore);
  /** The number of keys in flight. */
  flying = 0;
  /** The number of those that have low priority. */
  low = 0;

  /** Takes the key whose turn it is, if the share has a place for it. */
  next(concurrency: number): Entry | undefined {
    if (this.flying >= concurrency) return undefined;
    const places = concurrency < MANY ? concurrency : concurrency - 1;
    return this.low < places ? this.due.pop() : this.due.popHigh();
  }
}
