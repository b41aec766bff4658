/**
 * The objects as the server streams them.
 *
 * @module
 */
import type { About, Row, Snapshot, Update } from "../shapes.ts";
import { LABELS } from "./states.ts";

/** The page's state. */
export interface Live {
  readonly about: About;
  readonly rows: ReadonlyMap<string, Row>;
  readonly isLive: boolean;
  readonly isLoading: boolean;
  /** The text that a screen reader announces. */
  readonly news: string;
  /** The keys of the objects that changed, or that have new Events, with the last message. */
  readonly moved: ReadonlySet<string>;
}

/** The page's state before the first message. */
export const START: Live = {
  about: { server: "", namespaces: [], notes: [] },
  rows: new Map(),
  isLive: false,
  isLoading: true,
  news: "",
  moved: new Set(),
};

/** The delay before connecting again (ms). */
const AGAIN_MS = 5000;
/** The most changes that are announced one by one. */
const MAX_NEWS = 3;

/** Follows the stream until the returned function is called. */
export function connectLive(set: (change: (live: Live) => Live) => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    source = new EventSource("changes");
    listen(source, set);
    source.addEventListener("error", () => {
      set((live) => ({ ...live, isLive: false }));
      // The browser reconnects by itself, except after an answer that is not a stream.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, AGAIN_MS);
    });
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

function listen(source: EventSource, set: (change: (live: Live) => Live) => void): void {
  source.addEventListener("snapshot", ({ data }) => {
    const { about, rows }: Snapshot = JSON.parse(data);
    const map = new Map(rows.map((row) => [row.key, row]));
    set((live) => ({ ...live, about, rows: map, isLive: true, isLoading: false, moved: new Set(map.keys()) }));
  });
  source.addEventListener("update", ({ data }) => {
    const update: Update = JSON.parse(data);
    set((live) => updated(live, update));
  });
}

/**
 * The state after an update. The map of rows stays the same if none changed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { START, updated } from "./live.ts";
 *
 * const row = { key: "A/n/x", kind: "A", namespace: "n", name: "x", state: "failed", reason: "R", message: "" } as const;
 * const { news, rows } = updated(START, { about: START.about, rows: [row], gone: [], touched: [] });
 * assert.deepEqual([news, rows.size], ["A n/x: Not ready, R", 1]);
 * ```
 */
export function updated(live: Live, { about, rows, gone, touched }: Update): Live {
  const moved = new Set([...rows.map(({ key }) => key), ...gone, ...touched]);
  const news = newsOf(live.rows, rows, gone);
  if (rows.length + gone.length === 0) return { ...live, about, isLive: true, moved };
  const map = new Map(live.rows);
  for (const row of rows) map.set(row.key, row);
  for (const key of gone) map.delete(key);
  return { ...live, about, rows: map, isLive: true, moved, news: news || live.news };
}

function newsOf(before: ReadonlyMap<string, Row>, rows: readonly Row[], gone: readonly string[]): string {
  const changed = rows.filter(({ key, state }) => before.get(key)?.state !== state);
  const lines = [
    ...changed.map(({ kind, namespace, name, state, reason }) =>
      //
      `${kind} ${namespace}/${name}: ${LABELS[state]}, ${reason}`
    ),
    ...gone.map((key) => `${key} is gone`),
  ];
  return lines.length > MAX_NEWS ? `${lines.length} objects changed their state` : lines.join("; ");
}
