/**
 * Splits a stream of bytes into lines.
 *
 * @module
 */

/**
 * Yields the lines of a stream, wherever its chunks are cut (even inside a character). Empty lines are omitted, and so
 * is a last line without a newline, which is an incomplete frame. The stream is cancelled when the caller stops early.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { splitLines } from "./lines.ts";
 *
 * const bytes = new TextEncoder().encode('"é"\n"b"\n"cut o');
 * const chunks = ReadableStream.from([bytes.slice(0, 2), bytes.slice(2)]);
 * assert.deepEqual(await Array.fromAsync(splitLines(chunks)), ['"é"', '"b"']);
 * ```
 *
 * @param onChunk Called for every chunk.
 */
export async function* splitLines(
  stream: AsyncIterable<Uint8Array>,
  onChunk?: () => void,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const chunk of stream) {
    onChunk?.();
    const [first = "", ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
    pieces.push(first);
    for (const next of rest) {
      const line = pieces.join("");
      pieces = [next];
      if (line.trim()) yield line;
    }
  }
}
