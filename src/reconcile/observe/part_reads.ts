/**
 * A schedule for reading parts that need a call of their own: permissions, grants.
 *
 * Guarantees: nothing is read while the manifest's parts are as they were last settled, except for a few objects at
 * each sweep, the longest unread first; so each is read once in a limited number of sweeps, however many there are. A
 * part that was just written is not read until a read is sure to show it.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";

/** At a sweep, the parts of this many objects are read … */
const AT_LEAST = 5;
/** … or, if that is more, of one object in this many. */
const ONE_IN = 12;

/** A write of parts that one call sets together. */
export interface Written {
  /** All parts that it left. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** The names of those that it deleted, and of those that other writes so recent deleted. */
  readonly deleted: readonly string[];
}

/** The reads and writes of an object's parts. */
interface Entry {
  /** The object and the resource: another object of the same name has its own parts. */
  readonly of: string;
  /** The part of the manifest that last matched, or was made to. */
  settled?: string | undefined;
  /** The last write, and its time (ms, monotonic). */
  written?: Written & { readonly at: number } | undefined;
  turn: number;
  isDue: boolean;
}

/** An object's parts, and the manifest's value for them. */
export interface PartSubject {
  /** The object's UID and the resource's id. */
  readonly of: string;
  /** Changes with the parts that the manifest asks for. */
  readonly hash: string;
}

/** Schedules the objects whose parts are to be read. */
export class PartReads {
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #known = new Map<string, Entry>();
  #turn = 0;

  /** @param settleMs How long after a write a read may still return the previous state (ms). */
  constructor(clock: Clock, settleMs: number) {
    this.#clock = clock;
    this.#settleMs = settleMs;
  }

  /** True if an object's parts are to be read, or written without a read: see {@link written}. */
  isDue(key: string, { of, hash }: PartSubject): boolean {
    const entry = this.#entry(key, of);
    return entry.isDue || entry.settled !== hash;
  }

  /** A write so recent that a read may not show it. */
  written(key: string, of: string): Written | undefined {
    const { written } = this.#entry(key, of);
    return this.#isRecent(written?.at) ? written : undefined;
  }

  /** Notes what is being written. */
  wrote(key: string, of: string, written: Written): void {
    this.#entry(key, of).written = { ...written, at: this.#clock.monotonic() };
  }

  /** Notes that a write begins: what it leaves is unknown until it has ended. */
  writes(key: string, of: string): void {
    this.#entry(key, of).written = undefined;
  }

  /** Notes that all parts match the manifest. */
  settled(key: string, { of, hash }: PartSubject): void {
    const entry = this.#entry(key, of);
    entry.settled = hash;
    entry.isDue = false;
    entry.turn = ++this.#turn;
  }

  /** Requests that the next pass of an object reads its parts. */
  ask(key: string): void {
    const entry = this.#known.get(key);
    if (entry !== undefined) entry.isDue = true;
  }

  /** Forgets an object whose manifest names no parts. */
  forget(key: string): void {
    this.#known.delete(key);
  }

  /** Chooses whose parts are read after a sweep; objects that are gone are forgotten. */
  next(keys: Iterable<string>): string[] {
    const present = new Set(keys);
    for (const key of this.#known.keys()) if (!present.has(key)) this.#known.delete(key);
    const waiting = [...this.#known].filter(([, { settled, written }]) =>
      settled !== undefined && !this.#isRecent(written?.at)
    );
    const count = Math.max(AT_LEAST, Math.ceil(this.#known.size / ONE_IN));
    const due = waiting.sort(([, a], [, b]) => a.turn - b.turn).slice(0, count);
    for (const [, entry] of due) entry.isDue = true;
    return due.map(([key]) => key);
  }

  #isRecent(at: number | undefined): boolean {
    return at !== undefined && this.#clock.monotonic() - at < this.#settleMs;
  }

  #entry(key: string, of: string): Entry {
    const known = this.#known.get(key);
    if (known?.of === of) return known;
    const entry: Entry = { of, turn: 0, isDue: false };
    this.#known.set(key, entry);
    return entry;
  }
}
