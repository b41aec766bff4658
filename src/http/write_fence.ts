/**
 * A fence before writes: it is asked right before each write, wherever the write has waited until then.
 *
 * A write waits for its turn, for a retry, for a token, or because the process was suspended; what was true when it was
 * decided may be false when it is sent. So both sides, Databricks and Kubernetes, ask a {@link Fence} last of all.
 *
 * @module
 */

/** Work was ended from outside. Nothing is wrong with the object in question, and nothing is reported about it. */
export class WorkEndedError extends Error {
  override readonly name = "WorkEndedError";
}

/**
 * Stands before everything that is written.
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

  /** @param mayWrite returns true when a write may be sent now; by default always. */
  constructor(mayWrite: () => boolean = () => true) {
    this.#mayWrite = mayWrite;
  }

  /** Aborts, with a {@link WorkEndedError}, when the fence is closed: requests in flight are given up. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** @throws {WorkEndedError} when no write may be sent now. */
  check(): void {
    this.#closed.signal.throwIfAborted();
    if (!this.#mayWrite()) throw new WorkEndedError("Nothing is written any more: the lease is not held");
  }

  /** Refuses all further requests, and aborts those in flight. */
  close(why: string): void {
    this.#closed.abort(new WorkEndedError(why));
  }
}
