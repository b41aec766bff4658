/**
 * The rate limit of one workspace.
 *
 * Guarantees:
 * - with a burst, at most `burst` calls pass in any `burst / ratePerSecond` seconds;
 * - with the default burst and a whole rate, never more than `ratePerSecond` in any second, and about a third of them at
 *   once;
 * - during a {@link Limiter.hold}, no call passes;
 * - a server that refuses calls gets fewer of them, until it has accepted all for a while;
 * - high priority passes before low, except that every fourth call is of low priority while both wait, so that neither
 *   starves; within a priority the order is first come, first served;
 * - low priority leaves two calls of each second free (with a burst of its own: one of each burst), and is spread out:
 *   a person's edit, which takes two calls, does not wait while repairs do;
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

/** With bursts of at least this many calls, some are kept for high priority. */
const MANY = 3;
/** The calls of each second that low priority leaves: an edit takes a get and a write. */
const KEPT = 2;

/** At most `count` calls within `ms`; low priority leaves `kept` of them. */
interface Allowance {
  readonly count: number;
  readonly ms: number;
  readonly kept: number;
  /** The calls that may pass at once, if that is fewer, and the time (ms) after which so many may pass again. */
  readonly burst: { readonly count: number; readonly ms: number };
}

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
  /** The times of the latest calls, and of those of low priority, oldest first; never more than are allowed. */
  #passed: number[] = [];
  #passedLow: number[] = [];
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
      const { rate } = this;
      const opensAt = rate === 0 ? this.#heldUntil : this.#opensAt(this.#allowance(rate));
      if (opensAt > now) {
        // Rounded up, since a timer that fires slightly early would only have to be set again.
        this.#timer = this.#clock.setTimeout(() => this.#advance(), Math.ceil(opensAt - now));
        return;
      }
      this.#passed.push(now);
      if (this.#waiters.isNextLow) this.#passedLow.push(now);
      this.#waiters.pop()!.pass();
    }
  }

  /** The time at which the next call may pass. */
  #opensAt(allowance: Allowance): number {
    const { count, ms, burst } = allowance;
    if (this.#passed.length > count) this.#passed = this.#passed.slice(-count);
    if (this.#passedLow.length > count) this.#passedLow = this.#passedLow.slice(-count);
    const forAll = [this.#heldUntil, leavesAt(this.#passed, count, ms), leavesAt(this.#passed, burst.count, burst.ms)];
    return Math.max(...forAll, this.#waiters.hasHigh ? -Infinity : this.#opensForLowAt(allowance));
  }

  /** The time at which low priority leaves enough for high. */
  #opensForLowAt({ count, ms, kept, burst }: Allowance): number {
    if (kept === 0) return -Infinity;
    const left = count - kept;
    // After a pause half of the places are used at once, so that a series of lists is not slowed down.
    const half = leavesAt(this.#passed, Math.ceil((burst.count - kept) / 2), burst.ms);
    const spaced = Math.min((this.#passedLow.at(-1) ?? -Infinity) + ms / left, half);
    return Math.max(spaced, leavesAt(this.#passedLow, left, ms));
  }

  #allowance(rate: number): Allowance {
    if (this.#rate.isLowered(rate)) return bursts(1, rate, 0);
    const fixed = this.#fixedBurst;
    const burst = Math.max(1, Math.floor(fixed ?? defaultBurst(rate)));
    if (burst < MANY) return bursts(burst, rate, 0);
    if (fixed !== undefined) return bursts(burst, rate, 1);
    const count = Math.floor(rate);
    return { count, ms: 1000 * count / rate, kept: KEPT, burst: { count: burst + KEPT, ms: 1000 * burst / rate } };
  }
}

function bursts(count: number, rate: number, kept: number): Allowance {
  const ms = 1000 * count / rate;
  return { count, ms, kept, burst: { count, ms } };
}

/** The time at which the latest `count` of these times are no longer all within `ms`. */
function leavesAt(times: readonly number[], count: number, ms: number): number {
  const oldest = times.at(-count);
  return oldest === undefined ? -Infinity : oldest + ms;
}

/** A burst that divides the rate, so that a second holds a whole number of bursts and the rate is never exceeded. */
function defaultBurst(rate: number): number {
  for (let burst = Math.floor(rate / 3); burst > 1; burst--) {
    if (rate % burst === 0) return burst;
  }
  return 1;
}
