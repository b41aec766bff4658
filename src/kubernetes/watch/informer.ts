/**
 * A local copy of all objects of a kind, kept up to date by a watch.
 *
 * Guarantees:
 * - every change reaches `onChange`, at the latest after the next reconnect; several changes may arrive as one;
 * - nothing is reported for a resourceVersion that is known already;
 * - it survives everything that can happen to a watch: a clean end, a cut, a frame cut in the middle, silence on a
 *   half-open connection, 410 at the start or in the stream, an API server that is restarted or that was restored from
 *   a backup and went back in time;
 * - if watches are refused, or are silent for longer than the interval of bookmarks, lists detect changes;
 * - a stored object is only replaced by a newer one, or by a list.
 *
 * A change may be a deletion and a creation under the same name: then `old` and `new` have different UIDs.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { backoffDelay, type Clock, systemClock } from "../../base/clock.ts";
import { type KubeClient, KubeError, KubeSilenceError, type ResourcePath, type Selectors } from "../client.ts";
import { compareVersions, keyOf, type KubeObject, slim } from "../object.ts";
import { type Change, Store, type Transform } from "./store.ts";

export { keyOf, slim, specManagers } from "../object.ts";
export type { Change, Transform } from "./store.ts";

/** Options of an {@link Informer}. */
export interface InformerOptions extends Selectors {
  readonly client: Pick<KubeClient, "list" | "watch">;
  readonly path: ResourcePath;
  /** Objects per page of a list; by default 500. */
  readonly pageSize?: number | undefined;
  /** Reduces an object for the store, by default {@link slim}; keeps name, namespace, uid and resourceVersion. */
  readonly transform?: Transform | undefined;
  /** Requests the objects' metadata only. */
  readonly isMetadataOnly?: boolean | undefined;
  /** Keeps objects as text, which takes less memory and more time to read; by default `false`. */
  readonly isPacked?: boolean | undefined;
  /** Called after every change of the store. */
  readonly onChange: (key: string, change: Change) => void;
  /** Called with errors of lists and watches (which are retried), and of `onChange`. */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * Called when all objects are known: after the first list, and after the first list since the kind was not served.
   */
  readonly onSynced?: (() => void) | undefined;
  /**
   * Waits until the kind is served, after the API server answered that it is not; the result says whether it had to
   * wait. Without this function, lists are retried with growing delays.
   */
  readonly whenServed?: (() => Promise<boolean>) | undefined;
  readonly clock?: Clock | undefined;
  /** The duration of a watch, in s; 290 by default. */
  readonly watchSeconds?: number | undefined;
  /** The longest silence of a watch, in ms; 90,000 by default, since an API server sends a bookmark each minute. */
  readonly idleMs?: number | undefined;
  /** Stops the informer. */
  readonly signal?: AbortSignal | undefined;
}

/** A watch that lasted this long (ms) ended normally. */
const ORDINARY_MS = 10_000;

/** The longest silence of a watch, in ms. client-go's watch cache sends a bookmark about once a minute. */
const IDLE_MS = 90_000;

/** The number of consecutive failed watches after which the informer lists again. */
const FAILED_WATCHES = 2;

/** The time (ms) for which changes are told before timers and I/O get a turn. */
const TURN = 10;

const RETRY = { baseMs: 800, maxMs: 30_000 };

/** Follows the objects of one kind. */
export class Informer {
  readonly #options: InformerOptions;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #controller = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  readonly #refused = Promise.withResolvers<void>();
  #hasSynced = false;
  #isRefused = false;
  /** True from an answer that the kind is not served until the next list. */
  #isUnserved = false;
  #mustList = true;
  #failures = 0;
  /** True once the API server has sent events or bookmarks: only then is its silence a sign of a problem. */
  #hasHeard = false;
  #running: Promise<void> | undefined;
  /** The changes of the latest list that are yet to be told. */
  #untold = new Map<string, Change>();

  constructor(options: InformerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#store = new Store(options.transform ?? slim, { isPacked: options.isPacked ?? false });
  }

  /** Resolves after the first list was stored and reported, or when the informer stops before that. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Resolves when the operator may not list the objects. The list is retried. */
  get refused(): Promise<void> {
    return this.#refused.promise;
  }

  /** True from the first complete list on. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** True if the objects are known, and the kind was served at the last request. */
  get isCurrent(): boolean {
    return this.#hasSynced && !this.#isUnserved;
  }

  /** True if the objects are unknown because the operator may not list them. */
  get isRefused(): boolean {
    return this.#isRefused && !this.#hasSynced;
  }

  /** The number of stored objects. */
  get size(): number {
    return this.#store.size;
  }

  /** The stored object with a key (`"namespace/name"`). It must not be changed. */
  get(key: string): KubeObject | undefined {
    return this.#store.get(key);
  }

  /** All stored objects. They must not be changed. */
  list(): KubeObject[] {
    return this.#store.list();
  }

  /** Begins to list and watch. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the watch. The store stays as it is. */
  async stop(): Promise<void> {
    this.#controller.abort(new Error("The informer was stopped"));
    await this.#running;
    this.#synced.resolve();
  }

  /**
   * Stores the answer of the operator's own write, so that nothing older is read from the store meanwhile. If it is
   * newer than the stored object, `onChange` is called at once, as if the watch had delivered it: it may contain
   * another writer's change, whose event will then be too old to be reported.
   */
  observeWrite(object: KubeObject): void {
    const key = keyOf(object);
    this.#tellUntold(key);
    this.#tell(key, this.#store.observeWrite(object));
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    const stop = () => this.#controller.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    while (!this.#controller.signal.aborted) await this.#round();
    signal?.removeEventListener("abort", stop);
    this.#synced.resolve();
  }

  /** One list (if needed), one watch, and the pause after it. */
  async #round(): Promise<void> {
    const { signal } = this.#controller;
    let pause: number | undefined;
    try {
      if (this.#mustList || await this.#wentBack()) await this.#list();
      if (await this.#watchForLong()) return;
    } catch (error) {
      if (signal.aborted) return;
      pause = this.#failed(error as Error);
      if (error instanceof KubeError && error.status === 404) await this.#waitUntilServed();
    }
    await this.#clock.sleep(Math.max(pause ?? 0, backoffDelay(this.#failures++, RETRY)), signal);
  }

  async #waitUntilServed(): Promise<void> {
    this.#isUnserved = true;
    if (await this.#options.whenServed?.() === true) this.#failures = 0;
  }

  /** Watches; true if the watch lasted as long as an ordinary one. */
  async #watchForLong(): Promise<boolean> {
    const startedAt = this.#clock.monotonic();
    try {
      await this.#watch();
    } catch (error) {
      if (error instanceof KubeSilenceError) this.#mustList = true;
      // A watch that is refused although lists work will be refused again; a busy API server will recover.
      const isBusy = !(error instanceof KubeError) || error.status === 429 || error.status >= 500;
      if (!isBusy || this.#failures >= FAILED_WATCHES) this.#mustList = true;
      throw error;
    }
    if (this.#clock.monotonic() - startedAt < ORDINARY_MS) return false;
    this.#failures = 0;
    return true;
  }

  /** Handles an error; returns how long the API server asks to be left alone (ms). */
  #failed(error: Error): number | undefined {
    if (error instanceof KubeSilenceError && !this.#hasHeard) return;
    if (!(error instanceof KubeError)) return void this.#report(error);
    // 404: the kind is not served; when it is served again, its versions start over.
    if (error.status === 410 || error.status === 404) this.#mustList = true;
    if (error.status === 403) this.#setRefused();
    if (error.status !== 410) this.#report(error);
    return error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000;
  }

  /**
   * True if the API server's newest state is older than the store's, as after a restore from a backup. A watch would
   * then be silent until the resourceVersions have caught up.
   */
  async #wentBack(): Promise<boolean> {
    const { client, path } = this.#options;
    return this.#isOld((await client.list(path, { ...this.#selection(), limit: 1 })).metadata.resourceVersion);
  }

  #isOld(version = ""): boolean {
    const ours = this.#store.version ?? "";
    if (compareVersions(version, ours) >= 0) return false;
    this.#report(new Error(`The API server went back from resourceVersion ${ours} to ${version}: listing anew`));
    return true;
  }

  async #list(): Promise<void> {
    const { client, path, pageSize = 500 } = this.#options;
    let version: string | undefined;
    let token: string | undefined;
    this.#store.beginList();
    do {
      const page = await client.list(path, { ...this.#selection(), limit: pageSize, continue: token });
      this.#store.addPage(page.items);
      version ??= page.metadata.resourceVersion;
      token = page.metadata.continue || undefined;
    } while (token);
    this.#mustList = false;
    await this.#tellAll(this.#store.endList(version));
    const wasCurrent = this.isCurrent;
    this.#hasSynced = true;
    this.#isUnserved = false;
    this.#synced.resolve();
    if (!wasCurrent) this.#options.onSynced?.();
  }

  /** Tells what a list has changed, and lets others use the event loop meanwhile. */
  async #tellAll(changes: Map<string, Change>): Promise<void> {
    this.#untold = changes;
    let since = performance.now();
    for (const key of changes.keys()) {
      this.#tellUntold(key);
      if (performance.now() - since < TURN) continue;
      await new Promise((resolve) => void setImmediate(resolve));
      since = performance.now();
    }
  }

  /** Tells what the list changed in an object, before anything newer is told of it. */
  #tellUntold(key: string): void {
    const change = this.#untold.get(key);
    this.#untold.delete(key);
    this.#tell(key, change);
  }

  #setRefused(): void {
    this.#isRefused = true;
    this.#refused.resolve();
  }

  async #watch(): Promise<void> {
    const { client, path, watchSeconds = 290, idleMs = IDLE_MS } = this.#options;
    const resourceVersion = this.#store.version ?? "";
    const options = { ...this.#selection(), resourceVersion, timeoutSeconds: watchSeconds, idleMs };
    for await (const event of client.watch(path, options)) {
      this.#failures = 0;
      this.#hasHeard = true;
      if (event.type === "BOOKMARK" && this.#isOld(event.object.metadata.resourceVersion)) {
        this.#mustList = true;
        return;
      }
      this.#tell(keyOf(event.object), this.#store.apply(event));
    }
  }

  #selection(): Selectors & { signal: AbortSignal; isMetadataOnly?: boolean } {
    const { fieldSelector, labelSelector, isMetadataOnly } = this.#options;
    return { fieldSelector, labelSelector, signal: this.#controller.signal, ...isMetadataOnly && { isMetadataOnly } };
  }

  #tell(key: string, change: Change | undefined): void {
    if (!change) return;
    try {
      this.#options.onChange(key, change);
    } catch (error) {
      this.#report(error as Error);
    }
  }

  #report(error: Error): void {
    this.#options.onError?.(error);
  }
}
