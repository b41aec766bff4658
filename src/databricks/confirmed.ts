/**
 * Writes whose answer carries no information.
 *
 * @module
 */
import { DatabricksError, EmptyAnswerError } from "./errors.ts";

/**
 * Waits for such a write. An empty answer may come from Databricks or from a gateway, so a read decides: if the
 * resource is there now, the write was made; if not, the write stays in doubt.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { confirmed } from "./confirmed.ts";
 * import { EmptyAnswerError } from "./errors.ts";
 *
 * const failure = { endpoint: "POST /create", status: 200, code: "", message: "the answer is empty", host: "x" };
 * const empty = () => Promise.reject(new EmptyAnswerError(failure));
 * await confirmed(empty(), () => Promise.resolve(true));
 * await assert.rejects(confirmed(empty(), () => Promise.resolve(false)), EmptyAnswerError);
 * ```
 */
export async function confirmed(write: Promise<unknown>, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof EmptyAnswerError) || !await isSeen(isThere)) throw error;
  }
}

/** False also if the read fails: that does not mean the write was refused, so it stays in doubt. */
async function isSeen(isThere: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isThere();
  } catch (error) {
    if (error instanceof DatabricksError) return false;
    throw error;
  }
}
