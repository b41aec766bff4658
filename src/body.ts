/**
 * Reading the body of an answer, so that it really ends when it is to end.
 *
 * Deno keeps the link from a signal to the body of a `fetch` weakly: once the garbage was collected, an abort may end
 * nothing any more, and a body that is silent is waited for without end.
 *
 * @module
 */

/**
 * Yields the chunks of a body. When the signal aborts, or the caller leaves, the body is cancelled.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chunksOf } from "./body.ts";
 *
 * const stopping = new AbortController();
 * const silent = new ReadableStream<Uint8Array>();
 * const reading = Array.fromAsync(chunksOf(silent, stopping.signal));
 * stopping.abort(new Error("enough"));
 * await assert.rejects(reading, /enough/);
 * ```
 *
 * @throws the signal's reason.
 */
export async function* chunksOf(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = body?.getReader();
  const cancel = () => void reader?.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", cancel);
  try {
    while (reader !== undefined) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

/** Reads a whole body as text. */
export async function textOf(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunksOf(body, signal)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
