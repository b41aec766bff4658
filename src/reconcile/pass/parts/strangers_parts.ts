/**
 * Parts that the last read showed and that are not the object's. One read that lacks such a part does not prove that its
 * name is free: a cache may have answered it, and a write would destroy the value.
 *
 * @module
 */

/** The parts of others in the two newest reads of one object's resource. */
interface Shown {
  readonly read: number;
  readonly names: readonly string[];
  readonly before: readonly string[];
}

/** Remembers the parts of others, by the objects' UIDs. */
export class StrangersParts {
  readonly #known = new Map<string, Shown>();

  /**
   * Notes the parts of others in a read.
   *
   * @param read Grows with each read: several passes may use one.
   * @returns those that the read before it showed, and that this one lacks.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { StrangersParts } from "./strangers_parts.ts";
   *
   * const strangers = new StrangersParts();
   * assert.deepEqual(strangers.note("uid", ["key"], 1), []);
   * assert.deepEqual(strangers.note("uid", [], 2), ["key"]);
   * assert.deepEqual(strangers.note("uid", [], 2), ["key"]);
   * assert.deepEqual(strangers.note("uid", [], 3), []);
   * ```
   */
  note(uid: string, names: readonly string[], read: number): string[] {
    const known = this.#known.get(uid);
    const before = known === undefined ? [] : read > known.read ? known.names : known.before;
    this.#known.set(uid, { read, names, before });
    return before.filter((name) => !names.includes(name));
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
