/**
 * Watches: a stream of the changes to a kind's objects.
 *
 * @module
 */
import { stringifyJson } from "../../../src/base/json.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { cutError } from "../cut.ts";
import { ApiError, asApiError, invalid } from "../errors.ts";
import { field } from "../field_errors.ts";
import { viewOf } from "../objects.ts";
import { groupVersion, type ResourceType, storageName } from "../resource_type.ts";
import type { Selector } from "../selectors.ts";
import type { Change, Store } from "../store.ts";
import { isTrue } from "./request.ts";

/** The fault of an event; with `undefined`, it is sent normally. */
export type EventFault = "withheld" | "duplicated" | "stalled" | "compacted" | "cut" | undefined;

/** Options of a watch. */
export interface WatchOptions {
  readonly store: Store;
  readonly type: ResourceType;
  readonly query: URLSearchParams;
  readonly isMeant: Selector;
  /** Formats an object. */
  readonly write: (object: KubeObject) => string;
  /** The interval of bookmarks (ms). */
  readonly bookmarkMs: number;
  readonly fault: (type: string, object: KubeObject) => EventFault;
}

/** The default duration of a watch (s). */
const DEFAULT_SECONDS = 1800;
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** An open watch. */
export class Watch {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: WatchOptions;
  readonly #encoder = new TextEncoder();
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #unlisten = () => {};
  #isOver = false;
  #isStalled = false;
  /** Called once, when the watch has ended for any reason. */
  onEnd = () => {};

  constructor(options: WatchOptions) {
    checkWatchOptions(options.query);
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => this.#start(controller),
      cancel: () => this.#release(),
    });
  }

  /** The type of the watched objects. */
  get type(): ResourceType {
    return this.#options.type;
  }

  /** Ends the watch, as a server that shuts down does. */
  end(): void {
    if (this.#isOver) return;
    this.#release();
    this.#controller?.close();
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    const { query, store, type } = this.#options;
    const collection = store.collection(storageName(type));
    const version = query.get("resourceVersion") ?? "";
    try {
      if (version !== "" && version !== "0" && !isTrue(query.get("sendInitialEvents"))) {
        for (const change of collection.since(Number(version))) this.#tell(change);
      } else this.#tellPresent(collection.all());
    } catch (error) {
      this.#line("ERROR", stringifyJson(asApiError(error).status));
      return this.end();
    }
    if (this.#isOver) return;
    // A resourceVersion in the future: the caller knows the changes before it.
    const after = Number(version) || 0;
    this.#unlisten = collection.listen((change) => void (change.revision > after && this.#tell(change)));
    this.#setTimers();
  }

  #setTimers(): void {
    const { query, bookmarkMs } = this.#options;
    const ms = (Number(query.get("timeoutSeconds")) || DEFAULT_SECONDS) * 1000;
    this.#timers.push(setTimeout(() => this.#isStalled || this.end(), ms));
    if (isTrue(query.get("allowWatchBookmarks"))) this.#timers.push(setInterval(() => this.#bookmark(), bookmarkMs));
  }

  #tellPresent(objects: readonly KubeObject[]): void {
    const { isMeant, query } = this.#options;
    for (const object of objects) if (isMeant(object)) this.#send("ADDED", object);
    const isStreamedList = isTrue(query.get("sendInitialEvents")) && isTrue(query.get("allowWatchBookmarks"));
    if (isStreamedList) this.#bookmark({ [INITIAL_EVENTS_END]: "true" });
  }

  #tell({ type, object, before }: Change): void {
    const { isMeant } = this.#options;
    const was = before !== undefined && isMeant(before);
    const is = type !== "DELETED" && isMeant(object);
    if (was && is) this.#send("MODIFIED", object);
    else if (is) this.#send("ADDED", object);
    else if (was) this.#send("DELETED", type === "DELETED" ? object : asItWas(before, object));
  }

  #send(type: string, object: KubeObject): void {
    if (this.#isOver || this.#isStalled) return;
    const view = viewOf(object, this.#options.type);
    const text = this.#options.write(view);
    switch (this.#options.fault(type, view)) {
      case "withheld":
        return;
      case "stalled":
        this.#isStalled = true;
        return;
      case "compacted":
        this.#line("ERROR", stringifyJson(GONE));
        return this.end();
      case "cut":
        return this.#cut(text);
      case "duplicated":
        this.#line(type, text);
    }
    this.#line(type, text);
  }

  /** Breaks the connection in the middle of an event. */
  #cut(text: string): void {
    this.#release();
    this.#controller?.enqueue(this.#encoder.encode(`{"type":"ADDED","object":${text.slice(0, text.length / 2)}`));
    setTimeout(() => this.#controller?.error(cutError()), 0);
  }

  #bookmark(annotations?: Record<string, string>): void {
    if (this.#isStalled) return;
    const { type, store, write } = this.#options;
    const metadata = { resourceVersion: String(store.revision), ...annotations && { annotations } };
    this.#line("BOOKMARK", write({ kind: type.kind, apiVersion: groupVersion(type), metadata }));
  }

  #line(type: string, text: string): void {
    if (this.#isOver) return;
    this.#controller?.enqueue(this.#encoder.encode(`{"type":"${type}","object":${text}}\n`));
  }

  #release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unlisten();
    for (const timer of this.#timers) clearTimeout(timer);
    this.onEnd();
  }
}

const GONE = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "The resourceVersion for the provided watch is too old.",
  reason: "Expired",
  code: 410,
};

/** Returns the old state of an object that no longer matches the selection, at the version of the change. */
function asItWas(before: KubeObject, { metadata: { resourceVersion = "" } }: KubeObject): KubeObject {
  return { ...before, metadata: { ...before.metadata, resourceVersion } };
}

function checkWatchOptions(query: URLSearchParams): void {
  const match = query.get("resourceVersionMatch");
  const isInitial = query.get("sendInitialEvents") !== null;
  const path = "resourceVersionMatch";
  const problem = isInitial && match !== "NotOlderThan"
    ? "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    : !isInitial && match !== null
    ? "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    : undefined;
  const version = query.get("resourceVersion") ?? "";
  if (!/^\d*$/.test(version)) {
    const syntax = `strconv.ParseUint: parsing "${version}": invalid syntax`;
    throw new ApiError(500, "", `resourceVersion: Invalid value: "${version}": ${syntax}`);
  }
  if (problem === undefined) return;
  throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [field.forbidden(path, problem)]);
}
