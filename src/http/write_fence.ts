/**
 * A fence before writes: it is checked right before each write, however long the write has waited.
 *
 * A write waits for its turn, for a retry, for a token, or because the process was suspended; its reason may no longer
 * hold when it is sent. So both clients, of Databricks and of Kubernetes, check a {@link Fence} last of all.
 *
 * @module
 */

/** The work was ended from outside. Nothing is wrong with the object in question, and nothing is reported about it. */
export class WorkEndedError extends Error {
  override readonly name = "WorkEndedError";
}

/**
 * Guards all writes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Fence } from "./write_fence.ts";
 *
 * let isHeld = true;
 * const fence = new Fence(() => isHeld);
 * fence.check();
 * isHeld = false;
 * assert.throws(() => fence.check(), /lease is not held/);
 * ```
 */
export class Fence {
  readonly #mayWrite: () => boolean;
  readonly #closed = new AbortController();

  /** @param mayWrite returns true while writes may be sent; by default always. */
  constructor(mayWrite: () => boolean = () => true) {
    this.#mayWrite = mayWrite;
  }

  /** Aborts with a {@link WorkEndedError} when the fence closes: requests in flight are abandoned. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** @throws {WorkEndedError} if no write may be sent now. */
  check(): void {
    this.#closed.signal.throwIfAborted();
    if (!this.#mayWrite()) throw new WorkEndedError("Nothing is written any more: the lease is not held");
  }

  /** Refuses all further requests, and aborts those in flight. */
  close(why: string): void {
    this.#closed.abort(new WorkEndedError(why));
  }
}
