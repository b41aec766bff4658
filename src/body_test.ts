import assert from "node:assert/strict";
import { chunksOf, textOf } from "./body.ts";

/** A body that gives some bytes and is then silent; it notes that it was cancelled. */
function silentAfter(...chunks: Uint8Array[]) {
  const state = { cancelled: 0 };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => chunks.forEach((chunk) => controller.enqueue(chunk)),
    cancel: () => void state.cancelled++,
  });
  return { body, state };
}

const bytes = new TextEncoder().encode("é");

Deno.test("a body that is silent ends with the signal, and is cancelled", async () => {
  for (const read of [textOf, (...args: Parameters<typeof chunksOf>) => Array.fromAsync(chunksOf(...args))]) {
    const { body, state } = silentAfter(bytes);
    const stopping = new AbortController();
    const reading = assert.rejects(read(body, stopping.signal), /enough/);
    await Promise.resolve();
    stopping.abort(new Error("enough"));
    await reading;
    assert.equal(state.cancelled, 1);
  }
});

Deno.test("a body that its reader leaves is cancelled, and the signal is let go of", async () => {
  const { body, state } = silentAfter(bytes, bytes);
  const { signal } = new AbortController();
  for await (const _ of chunksOf(body, signal)) break;
  assert.equal(state.cancelled, 1);
});

Deno.test("a signal that aborted before ends the reading at once", async () => {
  await assert.rejects(textOf(silentAfter().body, AbortSignal.abort(new Error("before"))), /before/);
});

Deno.test("text is whole also where a character is cut, and no body is no text", async () => {
  const { signal } = new AbortController();
  const body = ReadableStream.from([bytes.slice(0, 1), bytes.slice(1)]);
  assert.deepEqual([await textOf(body, signal), await textOf(null, signal)], ["é", ""]);
});
