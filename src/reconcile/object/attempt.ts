/**
 * Attempts: the error of an attempt says what failed, and `outcome()` puts that into the message.
 *
 * @module
 */

/** An error of an attempt. */
export class AttemptError extends Error {
  override name = "AttemptError";

  /** @param what What failed, for messages: `Cannot update job "etl"`. */
  constructor(readonly what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/**
 * Runs something that may fail. In nested attempts, the innermost one says what failed.
 *
 * @param what What an error would prevent: `Cannot update job "etl"`.
 * @throws {AttemptError} with the error as its cause.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attempt } from "./attempt.ts";
 *
 * const refuse = () => Promise.reject(new Error("no schedule"));
 * await assert.rejects(attempt('Cannot update job "etl"', refuse), /^AttemptError: Cannot update job "etl": no schedule$/);
 * ```
 */
export async function attempt<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof AttemptError ? error : new AttemptError(what, error);
  }
}

/** The error itself, without the attempt around it. */
export function causeOf(error: unknown): unknown {
  return error instanceof AttemptError ? error.cause : error;
}
