/**
 * Reads bodies of answers in such a way that a time limit ends the read.
 *
 * Deno's `fetch` forgets its signal as soon as the garbage collector runs after the headers of the answer have arrived:
 * the dependent signal that a request makes for itself is held weakly. A body that stalls after that would never end,
 * even on abort. So every body is read through {@link chunks}, which listens to the signal itself.
 *
 * @module
 */

/**
 * Yields the chunks of a body. The body is cancelled when the caller stops early, or when the signal aborts.
 *
 * @throws the signal's reason when it aborts before the body has ended.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chunks } from "./response_body.ts";
 *
 * const silent = new ReadableStream<Uint8Array>();
 * const read = Array.fromAsync(chunks(silent, AbortSignal.timeout(1)));
 * await assert.rejects(read, { name: "TimeoutError" });
 * ```
 */
export async function* chunks(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = body.getReader();
  const abort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    while (true) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // The caller stopped early; on a body that has ended this does nothing.
    await reader.cancel().catch(() => {});
  }
}

/** A whole body as text. @throws when it is longer than `most` (bytes). */
export async function textOf(
  { body }: Response,
  signal: AbortSignal,
  { most = Infinity }: { readonly most?: number } = {},
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  if (body === null) return text;
  for await (const chunk of chunks(body, signal)) {
    size += chunk.length;
    // Leaving the loop cancels the body.
    if (size > most) throw new Error(`the answer is longer than ${most} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
