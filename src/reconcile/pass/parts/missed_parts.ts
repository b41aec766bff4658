/**
 * Recorded parts that a list lacks. One list proves nothing, since a cache may have answered it: a key that was
 * forgotten for that would stay in Databricks, and nobody would know whose it is.
 *
 * @module
 */

/** The parts that reads of one object's resource lack. */
interface Missed {
  /** The newest read, and its time (ms, monotonic). */
  readonly read: number;
  readonly readAt: number;
  /** The time of the first read that lacked it, by name. */
  readonly since: ReadonlyMap<string, number>;
}

/** A read that lacks parts. */
export interface Lacking {
  /** Grows with each read: several passes may use one. */
  readonly read: number;
  /** Now (ms, monotonic). */
  readonly now: number;
  /** The longest time by which a read is older than a write (ms). */
  readonly settleMs: number;
}

/** Remembers since when reads lack parts, by the objects' UIDs. */
export class MissedParts {
  readonly #known = new Map<string, Missed>();

  /**
   * Notes the parts that the newest read lacks.
   *
   * @returns those that all reads have lacked for less than the settle time.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { MissedParts } from "./missed_parts.ts";
   *
   * const missed = new MissedParts();
   * const at = (now: number, read: number, ...names: string[]) =>
   *   [...missed.note("uid", names, { now, read, settleMs: 120_000 })];
   * assert.deepEqual(at(0, 1, "key"), ["key"]);
   * assert.deepEqual(at(300_000, 1, "key"), ["key"]);
   * assert.deepEqual(at(300_001, 2, "key"), []);
   * assert.deepEqual(at(300_002, 3), []);
   * assert.deepEqual(at(300_003, 4, "key"), ["key"]);
   * ```
   */
  note(uid: string, names: readonly string[], { now, read, settleMs }: Lacking): Set<string> {
    const before = this.#known.get(uid);
    const isNew = before === undefined || read > before.read;
    const readAt = isNew ? now : before.readAt;
    const since = new Map(names.map((name) => [name, before?.since.get(name) ?? readAt]));
    if (since.size === 0) this.#known.delete(uid);
    else this.#known.set(uid, { read: isNew ? read : before.read, readAt, since });
    return new Set([...since].filter(([, at]) => readAt - at < settleMs).map(([name]) => name));
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
