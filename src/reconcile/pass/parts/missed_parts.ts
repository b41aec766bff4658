/**
 * Recorded parts that a list lacks. One list proves nothing, since a cache may have answered it: a key that was
 * forgotten for that would stay in Databricks, and nobody would know whose it is.
 *
 * @module
 */

/** Remembers since when lists lack parts, by the objects' UIDs. */
export class MissedParts {
  readonly #since = new Map<string, ReadonlyMap<string, number>>();

  /**
   * Notes the parts that the newest list lacks.
   *
   * @param now ms, monotonic.
   * @param settleMs How long a list may be older than a write (ms).
   * @returns those that all lists have lacked for less than that.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { MissedParts } from "./missed_parts.ts";
   *
   * const missed = new MissedParts();
   * const at = (now: number, names: string[]) => [...missed.note("uid", names, { now, settleMs: 120_000 })];
   * assert.deepEqual(at(0, ["key"]), ["key"]);
   * assert.deepEqual(at(60_000, []), []);
   * assert.deepEqual(at(120_000, ["key"]), ["key"]);
   * assert.deepEqual(at(240_000, ["key"]), []);
   * ```
   */
  note(uid: string, names: readonly string[], { now, settleMs }: { now: number; settleMs: number }): Set<string> {
    const before = this.#since.get(uid);
    const since = new Map(names.map((name) => [name, before?.get(name) ?? now]));
    if (since.size === 0) this.#since.delete(uid);
    else this.#since.set(uid, since);
    return new Set([...since].filter(([, at]) => now - at < settleMs).map(([name]) => name));
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#since.delete(uid);
  }
}
