/**
 * Kubernetes Events, which `kubectl describe` shows below an object.
 *
 * Guarantees:
 * - {@link EventRecorder.record} neither waits nor throws: an Event matters less than a reconcile;
 * - a repeated message about an object raises `count` on the same Event, with at most one write in ten seconds;
 * - messages about an object that share a reason but differ in text become one Event after ten of them, with the latest
 *   message (`kubectl` users know this from other controllers: "combined from similar events");
 * - one write at a time, and memory for at most 1000 different Events;
 * - messages are at most 1024 bytes long and contain no control characters.
 *
 * @module
 */
import { escapeControls } from "../base/text.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { type KubeClient, KubeConnectionError, KubeError } from "./client.ts";
import { keyOf, type KubeObject, timeText } from "./object.ts";

/** `Normal` for the expected, `Warning` for something that needs attention. */
export type EventType = "Normal" | "Warning";

/** Options of an {@link EventRecorder}. */
export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, "create" | "patch">;
  /** The reporting component: `databricks-kube-operator`. */
  readonly component: string;
  /** The reporting replica: the pod's name. */
  readonly instance?: string | undefined;
  readonly clock: Clock;
  /** Called when an Event could not be written. */
  readonly onError?: ((error: Error) => void) | undefined;
}

interface Entry {
  readonly namespace: string;
  readonly name: string;
  /** The Event without its times and count. */
  readonly event: Record<string, unknown>;
  /** Object, type and reason: what makes Events similar. */
  readonly group: string;
  /** The time of its first occurrence (ms, monotonic). */
  readonly bornAt: number;
  /** The message, if it is the latest of several. */
  combined?: string;
  readonly firstAt: number;
  lastAt: number;
  count: number;
  writtenCount: number;
  writtenAt: number | undefined;
  attempts: number;
  timer?: Timer | undefined;
}

const MAX_ENTRIES = 1000;
/** The number of similar Events in a period (ms) that are not aggregated. */
const MAX_SIMILAR = 10;
const SIMILAR_MS = 600_000;
const MAX_BYTES = 1024;
const INTERVAL_MS = 10_000;
const MAX_ATTEMPTS = 6;
const TIMEOUT_MS = 5000;

/** Writes Events in the background. `Reason` is the type of their reasons. */
export class EventRecorder<Reason extends string = string> {
  readonly #options: EventRecorderOptions;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** The same entries by group. */
  readonly #groups = new Map<string, Set<Entry>>();
  readonly #queue = new Set<Entry>();
  #writing: Promise<void> | undefined;
  #flushing = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Records an Event about an object, which must have `apiVersion`, `kind` and `uid`. */
  record(object: KubeObject, type: EventType, reason: Reason, message: string): void {
    const text = cleanMessage(message);
    const group = JSON.stringify([object.metadata.uid ?? keyOf(object), type, reason]);
    const exact = `${group} ${text}`;
    const key = !this.#entries.has(exact) && this.#isFlood(group) ? group : exact;
    const entry = this.#entries.get(key) ?? this.#entry(object, { group, type, reason, message: text });
    if (key === group) entry.combined = cleanMessage(`(combined from similar events): ${text}`);
    entry.count++;
    entry.lastAt = this.#options.clock.now();
    entry.attempts = 0;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#groups.set(group, (this.#groups.get(group) ?? new Set()).add(entry));
    this.#forgetOldest();
    this.#schedule(entry);
  }

  /** Writes pending Events, and resolves when that is done. Gives up if the API server cannot be reached. */
  async flush(): Promise<void> {
    this.#flushing = true;
    for (const entry of this.#entries.values()) {
      if (entry.count > entry.writtenCount) this.#enqueue(entry);
    }
    await this.#writing;
    this.#flushing = false;
  }

  /** True if there were so many Events about an object with one reason that further ones are combined. */
  #isFlood(group: string): boolean {
    const since = this.#options.clock.monotonic() - SIMILAR_MS;
    let similar = 0;
    for (const { bornAt, combined } of this.#groups.get(group) ?? []) {
      if (bornAt >= since && combined === undefined) similar++;
    }
    return similar >= MAX_SIMILAR;
  }

  #entry(object: KubeObject, { group, ...said }: { group: string; type: EventType; reason: string; message: string }) {
    const { component, instance, clock } = this.#options;
    const { namespace, name = "", uid, resourceVersion } = object.metadata;
    const { apiVersion, kind } = object;
    const event = {
      ...said,
      involvedObject: { apiVersion, kind, namespace, name, uid, resourceVersion },
      source: { component, host: instance },
      reportingComponent: component,
      reportingInstance: instance ?? component,
    };
    const now = clock.now();
    const bornAt = clock.monotonic();
    const state = { firstAt: now, lastAt: now, count: 0, writtenCount: 0, writtenAt: undefined, attempts: 0 };
    const entry: Entry = { namespace: namespace ?? "default", name: eventName(name), group, bornAt, event, ...state };
    return entry;
  }

  #forgetOldest(): void {
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [key, entry] = this.#entries.entries().next().value!;
    entry.timer?.cancel();
    this.#entries.delete(key);
    this.#queue.delete(entry);
    const group = this.#groups.get(entry.group);
    group?.delete(entry);
    if (group?.size === 0) this.#groups.delete(entry.group);
  }

  /** Writes an entry now, or when its interval is over. */
  #schedule(entry: Entry): void {
    const { clock } = this.#options;
    const wait = entry.writtenAt === undefined ? 0 : entry.writtenAt + INTERVAL_MS - clock.monotonic();
    if (wait <= 0) this.#enqueue(entry);
    else entry.timer ??= clock.setTimeout(() => this.#enqueue(entry), wait);
  }

  #enqueue(entry: Entry): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    this.#queue.add(entry);
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    for (const entry of this.#queue) {
      this.#queue.delete(entry);
      if (entry.count === entry.writtenCount) continue;
      entry.writtenAt = this.#options.clock.monotonic();
      const { count } = entry;
      try {
        await this.#write(entry, count);
        entry.writtenCount = count;
        if (entry.count > count) this.#schedule(entry);
      } catch (error) {
        this.#failed(entry, error as Error);
      }
    }
    this.#writing = undefined;
  }

  async #write(entry: Entry, count: number): Promise<void> {
    const { client } = this.#options;
    const { namespace, name } = entry;
    const path = { group: "", version: "v1", plural: "events", namespace };
    const message = entry.combined === undefined ? {} : { message: entry.combined };
    const seen = { count, lastTimestamp: timeText(entry.lastAt), ...message };
    const options = { timeoutMs: TIMEOUT_MS };
    try {
      if (entry.writtenCount > 0) return void await client.patch(path, name, seen, options);
    } catch (error) {
      // Events live for an hour only.
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    }
    const event = { ...entry.event, ...seen, firstTimestamp: timeText(entry.firstAt) };
    await client.create(path, { apiVersion: "v1", kind: "Event", metadata: { namespace, name }, ...event }, options);
  }

  #failed(entry: Entry, error: Error): void {
    this.#options.onError?.(error);
    const isRefused = error instanceof KubeError && error.status < 500 && error.status !== 429;
    if (error instanceof KubeConnectionError && this.#flushing) return this.#queue.clear();
    if (!isRefused && !this.#flushing && ++entry.attempts < MAX_ATTEMPTS) this.#schedule(entry);
  }
}

/**
 * A message for an Event: control characters are escaped, and it is cut at 1024 bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cleanMessage } from "./events.ts";
 *
 * assert.equal(cleanMessage("red: \u001b[31m\nnext"), "red: \\u001b[31m\\u000anext");
 * assert.equal(new TextEncoder().encode(cleanMessage("é".repeat(1000))).length, 1023);
 * ```
 */
export function cleanMessage(message: string): string {
  const text = escapeControls(message);
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MAX_BYTES) return text;
  let end = MAX_BYTES - 3;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return `${new TextDecoder().decode(bytes.subarray(0, end))}…`;
}

/** A unique name that begins with the object's. */
function eventName(name: string): string {
  const random = crypto.randomUUID().slice(-12);
  return `${name.slice(0, 200).replace(/[^a-z0-9]+$/, "")}.${random}`;
}
