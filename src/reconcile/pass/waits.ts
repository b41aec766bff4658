/**
 * Growing delays between two checks of a slow operation, such as a start or a deletion. A start that takes seconds is
 * seen soon, and one that takes an hour costs a call a minute. The delays are not stored: after a restart they begin
 * again.
 *
 * @module
 */

/** The first wait (ms). */
const SHORTEST = 5_000;
/** The longest wait (ms). */
const LONGEST = 60_000;

/** The times since which objects wait, by their UIDs. */
export class Waits {
  readonly #since = new Map<string, number>();

  /**
   * Returns the time until the next check (ms): as long as the object has waited already, within bounds.
   *
   * @param now ms, monotonic.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Waits } from "./waits.ts";
   *
   * const waits = new Waits();
   * assert.deepEqual([0, 5_000, 10_000, 20_000, 90_000].map((now) => waits.next("uid", { now })), [
   *   5_000,
   *   5_000,
   *   10_000,
   *   20_000,
   *   60_000,
   * ]);
   * ```
   */
  next(uid: string, { now, firstMs = SHORTEST }: { readonly now: number; readonly firstMs?: number }): number {
    const since = this.#since.get(uid) ?? now;
    this.#since.set(uid, since);
    return Math.min(Math.max(firstMs, now - since), Math.max(firstMs, LONGEST));
  }

  /** The object no longer waits, or is gone. */
  forget(uid: string): void {
    this.#since.delete(uid);
  }
}
