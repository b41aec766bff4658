/**
 * A schedule of gets: lists may omit fields, so every resource is read individually from time to time.
 *
 * If lists are known to omit something, each resource is read at least once an hour. Otherwise a few are read at each
 * sweep, so that the number of idle calls hardly grows with the number of objects.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";

/** Each resource is read at least once in this time if lists omit something (ms). */
const HOUR = 3_600_000;
/** Leaves a margin below an hour for jitter and a slow sweep (ms). */
const WITHIN = 0.75 * HOUR;
const MINUTE = 60_000;
/** Gets per minute if nothing is known to be omitted; more for each page of the list. */
const IDLE = 0.4;
const IDLE_PER_PAGE = 0.05;
/** The most gets per minute, whatever lists omit. */
const MOST = 120;

/** A schedule of gets in which every resource has its turn. */
export class Looks {
  readonly #clock: Clock;
  /** The end of the last sweep (ms, monotonic), and the gets that were left then. */
  #swept: number;
  #allowed = 0;
  readonly #at = new Map<string, number>();
  readonly #hiding = new Set<string>();
  #due: ReadonlySet<string> = new Set();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#swept = clock.monotonic();
  }

  /** Notes a get, and whether the list's row omits part of the resource (if that was seen). */
  looked(id: string, { isHiding }: { isHiding?: boolean } = {}): void {
    this.#at.set(id, this.#clock.monotonic());
    if (this.#due.has(id)) this.#due = new Set([...this.#due].filter((one) => one !== id));
    if (isHiding === true) this.#hiding.add(id);
    if (isHiding === false) this.#hiding.delete(id);
  }

  /** Notes that a list omits part of a resource's row. */
  hides(id: string): void {
    this.#hiding.add(id);
  }

  /** True when a get is due. */
  isDue(id: string): boolean {
    return this.#due.has(id);
  }

  /** Chooses the resources to read after a sweep of this many pages; those no longer listed are forgotten. */
  next(ids: readonly string[], pages: number): ReadonlySet<string> {
    const known = new Set(ids);
    for (const id of this.#at.keys()) if (!known.has(id)) this.#at.delete(id);
    for (const id of this.#hiding) if (!known.has(id)) this.#hiding.delete(id);
    const now = this.#clock.monotonic();
    const isHiding = this.#hiding.size > 0;
    const rate = isHiding ? Math.min(ids.length * MINUTE / WITHIN, MOST) : IDLE + pages * IDLE_PER_PAGE;
    const allowed = Math.min(this.#allowed + rate * (now - this.#swept) / MINUTE, ids.length);
    const age = (id: string) => now - (this.#at.get(id) ?? -Infinity);
    const least = isHiding ? WITHIN / 2 : HOUR;
    const due = ids.filter((id) => age(id) >= least).sort((a, b) => compare(age(b), age(a))).slice(0, allowed);
    this.#swept = now;
    this.#allowed = allowed - due.length;
    this.#due = new Set(due);
    return this.#due;
  }
}

/** A resource that was never read is infinitely old. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
