/**
 * The rate limit of one workspace.
 *
 * Guarantees:
 * - at most `burst` calls pass in any `burst / ratePerSecond` seconds; with the default burst and a whole rate that is
 *   never more than `ratePerSecond` in any second;
 * - during a {@link Limiter.hold}, no call passes;
 * - a server that refuses calls gets fewer of them, until it has accepted all for a while;
 * - high priority passes before low, except that every fourth call is of low priority while both wait, so that neither
 *   starves; within a priority the order is first come, first served;
 * - while only low priority waits, one place of each burst stays free for high priority, and the others are spread out:
 *   a person's edit does not wait for the end of a burst of repairs;
 * - wall-clock jumps do not matter.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/clock.ts";
import { type Priority, Turns } from "../../base/priority_queue.ts";
import { AdaptiveRate } from "./adaptive_rate.ts";

export type { Priority } from "../../base/priority_queue.ts";

/** Options of a {@link Limiter}. */
export interface LimiterOptions {
  /** Calls per second; 0 turns the limit off. */
  readonly ratePerSecond: number;
  /** Calls that may pass at once; by default a divisor of the rate, at most a third of it. */
  readonly burst?: number;
  readonly clock: Clock;
}

/** In bursts of at least this many calls, one place is kept free. */
const MANY = 3;

interface Waiter {
  readonly order: number;
  readonly pass: () => void;
  heapIndex: number;
}

/**
 * Lets calls pass at a limited rate.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FakeClock } from "../../base/clock_fake.ts";
 * import { Limiter } from "./limiter.ts";
 *
 * const clock = new FakeClock();
 * const limiter = new Limiter({ ratePerSecond: 2, clock });
 * await limiter.acquire();
 * let passed = false;
 * limiter.acquire("high").then(() => passed = true);
 * await clock.advance(499);
 * assert.equal(passed, false);
 * await clock.advance(1);
 * assert.equal(passed, true);
 * ```
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #waiters = new Turns<Waiter>((a, b) => a.order < b.order);
  readonly #rate = new AdaptiveRate(0);
  #fixedBurst: number | undefined;
  /** The times of the latest calls, oldest first; never more than the burst. */
  #passed: number[] = [];
  #heldUntil = 0;
  #order = 0;
  #timer: Timer | undefined;

  constructor(options: LimiterOptions) {
    this.#clock = options.clock;
    this.configure(options);
  }

  /** The current rate, in calls per second. */
  get rate(): number {
    return this.#rate.at(this.#clock.monotonic());
  }

  /** The number of waiting calls. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Resolves when one call may be sent.
   *
   * @throws the signal's reason if it aborts while the call waits; the call then leaves the queue. A call that need not
   * wait passes regardless.
   */
  acquire(priority: Priority = "low", signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters.remove(waiter);
        reject(signal!.reason);
      };
      const pass = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const waiter = { order: this.#order++, pass, heapIndex: -1 };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.push(waiter, priority);
      this.#advance();
      if (signal?.aborted && waiter.heapIndex >= 0) abort();
    });
  }

  /** Lets no call pass for `ms` from now (Retry-After). A longer hold stays. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + ms);
    this.#advance();
  }

  /** The server refused a call: none passes for `ms`, and fewer after that. */
  refused(ms: number): void {
    this.#rate.refused(this.#clock.monotonic());
    this.hold(ms);
  }

  /** Changes rate and burst, also for waiting calls; rate 0 turns the limit off. */
  configure({ ratePerSecond, burst }: Omit<LimiterOptions, "clock">): void {
    this.#rate.configure(ratePerSecond);
    this.#fixedBurst = burst;
    this.#advance();
  }

  #advance(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#waiters.size > 0) {
      const now = this.#clock.monotonic();
      const opensAt = this.#waiters.hasHigh ? this.#opensAt() : this.#opensForLowAt();
      if (opensAt > now) {
        // Rounded up, since a timer that fires slightly early would only have to be set again.
        this.#timer = this.#clock.setTimeout(() => this.#advance(), Math.ceil(opensAt - now));
        return;
      }
      this.#passed.push(now);
      this.#waiters.pop()!.pass();
    }
  }

  /** The time at which the next call may pass. */
  #opensAt(): number {
    const { rate } = this;
    if (rate === 0) {
      this.#passed = [];
      return this.#heldUntil;
    }
    const burst = this.#burst(rate);
    if (this.#passed.length > burst) this.#passed = this.#passed.slice(-burst);
    return Math.max(this.#heldUntil, this.#leavesAt(burst, rate));
  }

  /** The time at which the next call of low priority may pass, if none of high priority waits. */
  #opensForLowAt(): number {
    const { rate } = this;
    const opensAt = this.#opensAt();
    const burst = this.#burst(rate);
    if (rate === 0 || burst < MANY) return opensAt;
    const [last = -Infinity] = this.#passed.slice(-1);
    // After a pause half of the places are used at once, so that a series of lists is not slowed down.
    const spaced = Math.min(last + 1000 * burst / rate / (burst - 1), this.#leavesAt(Math.ceil(burst / 2), rate));
    return Math.max(opensAt, this.#leavesAt(burst - 1, rate), spaced);
  }

  /** The time at which the latest `count` calls are no longer all within one burst's window. */
  #leavesAt(count: number, rate: number): number {
    const oldest = this.#passed.at(-count);
    return oldest === undefined ? -Infinity : oldest + 1000 * this.#burst(rate) / rate;
  }

  #burst(rate: number): number {
    return this.#rate.isLowered(rate) ? 1 : Math.max(1, Math.floor(this.#fixedBurst ?? defaultBurst(rate)));
  }
}

/** A burst that divides the rate, so that a second holds a whole number of bursts and the rate is never exceeded. */
function defaultBurst(rate: number): number {
  for (let burst = Math.floor(rate / 3); burst > 1; burst--) {
    if (rate % burst === 0) return burst;
  }
  return 1;
}
