/**
 * A schedule of gets: lists may omit things, so every resource is read individually from time to time.
 *
 * Where lists are seen to leave something out, each resource is got at least once an hour. Where nothing speaks for that,
 * a few are got at each sweep, so that idle calls hardly grow with the number of objects.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";

/** Each resource is got at least once in this time where lists leave things out (ms). */
const HOUR = 3_600_000;
/** So that it is an hour at most, with jitter and a slow sweep (ms). */
const WITHIN = 0.75 * HOUR;
const MINUTE = 60_000;
/** Gets a minute where nothing is known to be left out, and more for each page of the list. */
const IDLE = 0.4;
const IDLE_PER_PAGE = 0.05;
/** Gets a minute at most, whatever lists leave out. */
const MOST = 120;

/** A schedule of gets, so that every resource has its turn. */
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

  /** Notes a get, and whether the list's row leaves out something of it (where that was seen). */
  looked(id: string, { isHiding }: { isHiding?: boolean } = {}): void {
    this.#at.set(id, this.#clock.monotonic());
    if (this.#due.has(id)) this.#due = new Set([...this.#due].filter((one) => one !== id));
    if (isHiding === true) this.#hiding.add(id);
    if (isHiding === false) this.#hiding.delete(id);
  }

  /** Notes that a list leaves something out of a resource's row. */
  hides(id: string): void {
    this.#hiding.add(id);
  }

  /** True when a get is due. */
  isDue(id: string): boolean {
    return this.#due.has(id);
  }

  /** Chooses what is got after a sweep of so many pages; what is not listed any more is forgotten. */
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

/** Also of what was never got, which is infinitely old. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
