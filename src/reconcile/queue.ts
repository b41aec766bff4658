/**
 * The work queue: decides which object is reconciled next.
 *
 * Guarantees:
 * - one handler per key: it never runs twice at the same time for one key;
 * - one share's keys in flight leave room for others: at most `concurrency` are of one share;
 * - one place of each share is for high priority only: a person's edit does not wait until one of many repairs, which all
 *   wait for the rate limit, has ended;
 * - nothing is lost: a key that is added while it is in flight runs once more afterwards;
 * - a key waits once: adding it again keeps the earliest due time and the highest priority;
 * - among due keys, high priority comes before low, and then the earliest due time; but while both wait, every fourth
 *   is of low priority, so that neither starves;
 * - handlers that never wait yield to the event loop every few milliseconds;
 * - every operation takes logarithmic time, and wall-clock jumps do not matter.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Clock, Timer } from "../base/clock.ts";
import { Heap } from "../base/heap.ts";
import type { Priority } from "../base/priority_queue.ts";
import { dueBefore, type Entry, Share } from "./queue_share.ts";

export type { Priority } from "../base/priority_queue.ts";

/** Options for adding a key. */
export interface AddOptions {
  /** The delay before the key is due, in ms; 0 by default. */
  readonly delayMs?: number;
  /** By default `low`. */
  readonly priority?: Priority;
  /** The reason, for logs. When adds are merged, the reason of the earliest due time is kept. */
  readonly reason?: string;
}

/** The context of a handler call. */
export interface Flight {
  /** The reason for which the key was added; empty when none was given. */
  readonly reason: string;
  /** The key's priority; the highest one when adds were merged. */
  readonly priority: Priority;
  /** Aborts when the queue stops and its grace is over. */
  readonly signal: AbortSignal;
}

/** Options of a {@link WorkQueue}. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** The number of keys of one share that may be in flight. */
  readonly concurrency: number;
  /** The number of keys that may be in flight in total; by default that of one share. */
  readonly most?: number;
  /** The share that a key belongs to; by default all keys share one. */
  readonly share?: (key: string) => string;
  /** Works on one key. It should add the key again if there is more to do, also after a failure. */
  readonly handler: (key: string, flight: Flight) => Promise<void>;
  /** Called when a handler rejects; the key is not added again. By default the error is written to the console. */
  readonly onError?: (key: string, error: unknown) => void;
  /** Observes additions and removals: for metrics. */
  readonly observer?: QueueObserver;
}

/** Observes keys that are added, and keys that are taken. */
export interface QueueObserver {
  added(): void;
  /** A key that was due for this many seconds is taken now. */
  taken(priority: Priority, seconds: number): void;
}

/** How long (ms) handlers may start one after another before timers and I/O get a turn. */
const TURN = 10;

/** The time (ms) in which an aborted handler must end. */
const ABORT_MS = 1000;

/**
 * Runs a handler for due keys.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FakeClock } from "../base/clock_fake.ts";
 * import { WorkQueue } from "./queue.ts";
 *
 * const clock = new FakeClock();
 * const done: string[] = [];
 * const queue = new WorkQueue({ clock, concurrency: 1, handler: async (key) => void done.push(key) });
 * queue.add("ns/resync");
 * queue.add("ns/edit", { priority: "high" });
 * queue.add("ns/edit");
 * queue.start();
 * await queue.whenIdle();
 * assert.deepEqual(done, ["ns/edit", "ns/resync"]);
 * ```
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** The only entry of each waiting key, wherever it is. */
  readonly #entries = new Map<string, Entry>();
  readonly #delayed = new Heap<Entry>(dueBefore);
  /** Shares with keys that are due or in flight. The one that was served last is at the end. */
  readonly #shares = new Map<string, Share>();
  readonly #flying = new Set<string>();
  readonly #abort = new AbortController();
  #state: "new" | "running" | "stopped" = "new";
  #order = 0;
  #timer: Timer | undefined;
  #pumpQueued = false;
  /** The time (ms) at which the queue first worked in this turn of the event loop. */
  #turnBegan: number | undefined;
  #idleWaiters: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** The number of due keys that wait for a free slot. */
  get depth(): number {
    return this.#shares.values().reduce((sum, { due }) => sum + due.size, 0);
  }

  /** The number of waiting keys, due or not. */
  get size(): number {
    return this.#entries.size;
  }

  /** The number of keys in flight. */
  get inFlight(): number {
    return this.#flying.size;
  }

  /** Adds a key, or moves it forward if it waits already. */
  add(key: string, options: AddOptions = {}): void {
    const { delayMs = 0, priority = "low", reason = "" } = options;
    const dueAt = this.#options.clock.monotonic() + Math.max(0, delayMs);
    const old = this.#entries.get(key);
    const highest = old?.priority === "high" ? "high" : priority;
    if (old && old.dueAt <= dueAt && old.priority === highest) return;
    const first = old && old.dueAt <= dueAt ? old : { dueAt, reason, order: this.#order++ };
    this.remove(key);
    this.#options.observer?.added();
    const merged = { key, dueAt: first.dueAt, reason: first.reason, order: first.order };
    this.#wait({ ...merged, priority: highest, heapIndex: -1 });
    this.#pumpSoon();
  }

  /** Removes a waiting key. A running handler continues. */
  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#delayed.remove(entry);
    this.#shares.get(this.#shareOf(key))?.due.remove(entry);
  }

  /** Begins to run handlers. */
  start(): void {
    if (this.#state === "new") this.#state = "running";
    this.#pumpSoon();
  }

  /**
   * Starts no more handlers, and waits up to `graceMs` for those in flight; then their signal aborts, and they have one
   * more second. Waiting keys stay in the queue.
   */
  async stop(graceMs = 10_000): Promise<void> {
    this.#state = "stopped";
    this.#timer?.cancel();
    await this.#landed(graceMs);
    this.#abort.abort(new Error("The work queue was stopped"));
    await this.#landed(ABORT_MS);
  }

  /** Resolves when no key is due and none is in flight. Keys that are due later, or come after a stop, may wait. */
  whenIdle(): Promise<void> {
    if (this.#idle()) return Promise.resolve();
    return new Promise((resolve) => void this.#idleWaiters.push(resolve));
  }

  /** Puts an entry where it belongs. A key in flight has no place before its handler has ended. */
  #wait(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    if (this.#flying.has(entry.key)) return;
    if (entry.dueAt <= this.#options.clock.monotonic()) this.#isDue(entry);
    else this.#delayed.push(entry);
  }

  #shareOf(key: string): string {
    return this.#options.share?.(key) ?? "";
  }

  #isDue(entry: Entry): void {
    const name = this.#shareOf(entry.key);
    const share = this.#shares.get(name) ?? new Share();
    this.#shares.set(name, share);
    share.due.push(entry, entry.priority);
  }

  /** Keys that are added in one turn of the event loop are considered together, so that priority decides. */
  #pumpSoon(): void {
    if (this.#pumpQueued) return;
    this.#pumpQueued = true;
    const pump = () => {
      this.#pumpQueued = false;
      this.#pump();
    };
    if (this.#isLongTurn()) setImmediate(pump);
    else queueMicrotask(pump);
  }

  /** Measured on the real clock: it is about this process's event loop, whatever time a test simulates. */
  #isLongTurn(): boolean {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = performance.now();
      setImmediate(() => this.#turnBegan = undefined);
    }
    return performance.now() - this.#turnBegan > TURN;
  }

  #pump(): void {
    this.#collectDue();
    const { concurrency, most = concurrency } = this.#options;
    while (this.#state === "running" && this.#flying.size < most) {
      const [name, share, entry] = this.#next(concurrency);
      if (name === undefined || share === undefined || entry === undefined) break;
      // Moves to the end of the line.
      this.#shares.delete(name);
      this.#shares.set(name, share);
      this.#take(entry, share);
    }
    this.#setTimer();
    if (this.#idle()) this.#idleWaiters.splice(0).forEach((resolve) => resolve());
  }

  /** The first share in line that has a key to be worked on, and that key. */
  #next(concurrency: number): [string, Share, Entry] | [] {
    for (const [name, share] of this.#shares) {
      const entry = share.next(concurrency);
      if (entry !== undefined) return [name, share, entry];
    }
    return [];
  }

  #take(entry: Entry, share: Share): void {
    this.#entries.delete(entry.key);
    const waited = (this.#options.clock.monotonic() - entry.dueAt) / 1000;
    this.#options.observer?.taken(entry.priority, waited);
    this.#fly(entry, share);
  }

  #collectDue(): void {
    const now = this.#options.clock.monotonic();
    for (let entry = this.#delayed.peek(); entry && entry.dueAt <= now; entry = this.#delayed.peek()) {
      this.#delayed.remove(entry);
      this.#isDue(entry);
    }
  }

  async #fly({ key, reason, priority }: Entry, share: Share): Promise<void> {
    const low = priority === "low" ? 1 : 0;
    this.#flying.add(key);
    share.flying++;
    share.low += low;
    try {
      await this.#options.handler(key, { reason, priority, signal: this.#abort.signal });
    } catch (error) {
      if (this.#options.onError) this.#options.onError(key, error);
      else console.error(`Handling ${key} failed:`, error);
    }
    this.#flying.delete(key);
    share.flying--;
    share.low -= low;
    const again = this.#entries.get(key);
    if (again) this.#wait(again);
    if (share.flying === 0 && share.due.size === 0) this.#shares.delete(this.#shareOf(key));
    this.#pumpSoon();
  }

  #setTimer(): void {
    this.#timer?.cancel();
    const next = this.#delayed.peek();
    if (!next || this.#state !== "running") return;
    const wait = Math.ceil(next.dueAt - this.#options.clock.monotonic());
    this.#timer = this.#options.clock.setTimeout(() => this.#pump(), wait);
  }

  #idle(): boolean {
    if (this.#flying.size > 0) return false;
    if (this.#state === "stopped") return true;
    if (this.depth > 0) return false;
    const next = this.#delayed.peek();
    return !next || next.dueAt > this.#options.clock.monotonic();
  }

  /** Resolves when nothing is in flight, or after `ms`. */
  async #landed(ms: number): Promise<void> {
    const landed = new AbortController();
    this.whenIdle().then(() => landed.abort());
    await this.#options.clock.sleep(ms, landed.signal);
  }
}
