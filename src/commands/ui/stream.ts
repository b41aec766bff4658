/**
 * The changes of a board as Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 * Guarantees: the first message holds everything; a slow reader gets fewer messages and takes no more memory; and a
 * message is sent at least every 15 seconds.
 *
 * @module
 */
import { type Clock, systemClock } from "../../base/clock.ts";
import { stringifyJson } from "../../base/json.ts";
import type { Board } from "./board.ts";
import { rowOf } from "./rows.ts";
import type { Snapshot, Update } from "./shapes.ts";

/** How long changes are gathered, and the longest silence (ms). */
const [GATHER_MS, SILENCE_MS] = [100, 15_000];

/** The body of a stream of changes; it ends with the signal. */
export function streamOf(board: Board, signal: AbortSignal, clock: Clock = systemClock): ReadableStream<Uint8Array> {
  const changes = new Changes(board);
  const ended = AbortSignal.any([signal, changes.signal]);
  let isFirst = true;
  const next = async () => {
    if (isFirst) return snapshotOf(board);
    await changes.wait(clock, ended);
    return changes.take(board);
  };
  return new ReadableStream({
    async pull(controller) {
      const message = await next();
      if (ended.aborted) {
        changes.end();
        if (signal.aborted) controller.close();
        return;
      }
      controller.enqueue(messageOf(isFirst ? "snapshot" : "update", message));
      isFirst = false;
    },
    cancel: () => changes.end(),
  }, { highWaterMark: 1 });
}

function snapshotOf(board: Board): Snapshot {
  return { about: board.about(), rows: board.rows() };
}

/** JSON contains no raw line breaks, which would end a message. */
function messageOf(event: string, data: Snapshot | Update): Uint8Array {
  return new TextEncoder().encode(`event: ${event}\ndata: ${stringifyJson(data)}\n\n`);
}

/** The changes since they were last taken. */
class Changes {
  readonly #changed = new Set<string>();
  readonly #touched = new Set<string>();
  readonly #end = new AbortController();
  readonly #unsubscribe: () => void;
  #news = Promise.withResolvers<void>();

  constructor(board: Board) {
    this.#unsubscribe = board.subscribe(({ changed, touched }) => {
      if (changed !== undefined) this.#changed.add(changed);
      if (touched !== undefined) this.#touched.add(touched);
      this.#news.resolve();
    });
  }

  /** Aborts when the reader has disconnected. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** The reader has disconnected. */
  end(): void {
    this.#unsubscribe();
    this.#end.abort();
  }

  /** Waits for changes, and for those that come right after them. */
  async wait(clock: Clock, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const silence = clock.sleep(SILENCE_MS, AbortSignal.any([signal, done.signal]));
    await Promise.race([this.#news.promise, silence]);
    done.abort();
    if (this.#changed.size + this.#touched.size > 0) await clock.sleep(GATHER_MS, signal);
  }

  /** Returns the changes, and forgets them. */
  take(board: Board): Update {
    this.#news = Promise.withResolvers();
    const keys = [...this.#changed];
    const found = keys.flatMap((key) => board.find(key) ?? []);
    const rows = found.map(({ kind, object }) => rowOf(kind.kind, object));
    const there = new Set(rows.map(({ key }) => key));
    const update = {
      about: board.about(),
      rows,
      gone: keys.filter((key) => !there.has(key)),
      touched: [...this.#touched],
    };
    this.#changed.clear();
    this.#touched.clear();
    return update;
  }
}
