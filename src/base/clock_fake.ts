/**
 * A clock for tests: its time moves only when a test moves it.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { type Clock, sleepOn, type Timer } from "./clock.ts";
import { Heap } from "./heap.ts";

interface FakeTimer {
  readonly dueAt: number;
  readonly order: number;
  readonly fn: () => void;
  heapIndex: number;
}

/** Runs everything that is ready to run: all microtasks, and one turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * A {@link Clock} that stands still until {@link FakeClock.advance}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FakeClock } from "./clock_fake.ts";
 *
 * const clock = new FakeClock(1000);
 * const times: number[] = [];
 * clock.setTimeout(() => times.push(clock.now()), 500);
 * await clock.advance(2000);
 * assert.deepEqual([times, clock.now(), clock.pending], [[1500], 3000, 0]);
 * ```
 */
export class FakeClock implements Clock {
  readonly #timers = new Heap<FakeTimer>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order));
  #elapsed = 0;
  #wall: number;
  #order = 0;

  constructor(startMs = Date.UTC(2024, 0, 1)) {
    this.#wall = startMs;
  }

  /** The number of pending timers. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The time until the next timer fires, in ms; `undefined` without a pending timer. */
  get untilNext(): number | undefined {
    const next = this.#timers.peek();
    return next && Math.max(0, next.dueAt - this.#elapsed);
  }

  /** The time until each pending timer fires, in ms, in ascending order. */
  get waits(): number[] {
    return this.#timers.items.map(({ dueAt }) => Math.max(0, dueAt - this.#elapsed)).sort((a, b) => a - b);
  }

  now(): number {
    return this.#wall + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const timer = { dueAt: this.#elapsed + Math.max(0, ms), order: this.#order++, fn, heapIndex: -1 };
    this.#timers.push(timer);
    return { cancel: () => this.#timers.remove(timer) };
  }

  /** Sets the wall clock forward or back, as an administrator would; timers do not notice. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Lets `ms` pass: fires the timers that come due, in order, and runs what they woke in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let timer = this.#timers.peek(); timer && timer.dueAt <= end; timer = this.#timers.peek()) {
      this.#timers.remove(timer);
      this.#elapsed = timer.dueAt;
      timer.fn();
      await settle();
    }
    this.#elapsed = end;
  }
}
