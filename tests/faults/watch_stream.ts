/**
 * Injects faults into the stream of a watch, event by event.
 *
 * @module
 */
import { splitLines } from "../../src/kubernetes/lines.ts";
import type { Strike } from "./plan.ts";

/** The time for which events are withheld (ms). */
const WITHHELD = 3000;
const GONE = {
  type: "ERROR",
  object: { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old resource version" },
};

/** A line of a watch, its end, or the release of withheld events. */
type Next = { readonly line: string } | "end" | "release";

/**
 * Returns the lines of a watch with the faults applied:
 *
 * - `silent`: nothing more, not even bookmarks, and no end;
 * - `cut`: the connection breaks in the middle of the event;
 * - `duplicated`: the event twice;
 * - `withheld`: events are held back for a while, and then only the last one of each object is sent;
 * - `gone`: 410 instead of the event; `closed`: the watch ends before it.
 *
 * @param strike returns the fault for an event; it is not called for bookmarks.
 * @param withheldMs how long events are held back.
 */
export function faultyWatch(
  body: ReadableStream<Uint8Array>,
  strike: () => Strike | undefined,
  withheldMs = WITHHELD,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const lines = tell(body, strike, withheldMs);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        controller.error(error);
      }
    },
    cancel: () => void lines.return(undefined),
  }, { highWaterMark: 0 });
}

async function* tell(
  body: ReadableStream<Uint8Array>,
  strike: () => Strike | undefined,
  withheldMs: number,
): AsyncGenerator<string, void, void> {
  const source = splitLines(body);
  const read = (): Promise<Next> => {
    const next = source.next().then(({ value, done }): Next => done ? "end" : { line: value });
    // It is awaited, but perhaps long after it has failed.
    next.catch(() => {});
    return next;
  };
  const held = new Map<string, string>();
  let release: Promise<Next> | undefined;
  let next = read();
  while (true) {
    const now = await (release === undefined ? next : Promise.race([next, release]));
    if (now === "release") {
      release = undefined;
      for (const line of held.values()) yield `${line}\n`;
      held.clear();
      continue;
    }
    if (now === "end") return;
    next = read();
    const { line } = now;
    if (JSON.parse(line).type === "BOOKMARK") {
      // A bookmark that overtakes withheld events would hide them for ever, which no API server does.
      if (release === undefined) yield `${line}\n`;
      continue;
    }
    const how = strike()?.how;
    if (release !== undefined || how === "withheld") {
      held.delete(keyOf(line));
      held.set(keyOf(line), line);
      release ??= new Promise((resolve) => setTimeout(() => resolve("release"), withheldMs));
    } else if (how === "silent") await new Promise<never>(() => {});
    else if (how === "closed") return;
    else if (how === "gone") return yield `${JSON.stringify(GONE)}\n`;
    else if (how === "cut") {
      yield line.slice(0, line.length / 2);
      throw new Error("The connection is cut");
    } else {
      yield `${line}\n`;
      if (how === "duplicated") yield `${line}\n`;
    }
  }
}

function keyOf(line: string): string {
  const { metadata } = JSON.parse(line).object;
  return `${metadata.namespace}/${metadata.name}`;
}
