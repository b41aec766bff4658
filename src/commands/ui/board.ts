/**
 * Follows all objects of the operator's kinds, and the Events about them, with the rights of the kubeconfig.
 *
 * Guarantees: it only lists, watches and discovers, only the operator's kinds and Events; it never writes, and reads no
 * Secret.
 *
 * @module
 */
import { type Clock, systemClock } from "../../base/clock.ts";
import { objectKey } from "../../base/object_key.ts";
import { type KubeClient, KubeError, type KubeObject } from "../../kubernetes/client.ts";
import { Informers } from "../../kubernetes/watch/informers.ts";
import { GROUP, VERSION } from "../../resource.ts";
import { type EventObject, reduceEvent } from "./events.ts";
import { rowKey, rowOf, shown } from "./rows.ts";
import type { About, Row } from "./shapes.ts";

/** The delay before an unserved kind is tried again, and how long a list's error is shown (ms). */
const [UNSERVED_MS, ERROR_MS] = [30_000, 45_000];

/** A kind that the page shows. */
export interface ShownKind {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
}

/** Options of a {@link Board}. */
export interface BoardOptions {
  readonly client: Pick<KubeClient, "list" | "watch" | "discover" | "server">;
  readonly kinds: readonly ShownKind[];
  readonly namespaces: readonly string[] | "all";
  /** A remark on the choice of namespaces. */
  readonly notes?: readonly string[];
  readonly clock?: Clock;
}

/** Called on changes, with the key of a changed object, or of one that has a new Event. */
export type Listener = (change: { readonly changed?: string; readonly touched?: string }) => void;

/** The current objects. */
export class Board {
  readonly #options: BoardOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #kinds = new Map<string, Informers>();
  readonly #events: Informers;
  readonly #listeners = new Set<Listener>();
  /** Resolved for the kinds that are not served. */
  readonly #unserved = new Map<string, PromiseWithResolvers<void>>();
  /** The last error of each plural. */
  readonly #errors = new Map<string, { readonly error: Error; readonly at: number }>();
  #served: { readonly at: number; readonly plurals: Promise<ReadonlySet<string>> } | undefined;

  constructor(options: BoardOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { client, namespaces, kinds } = options;
    const common = { client, namespaces, signal: this.#stop.signal, clock: this.#clock };
    for (const { kind, plural } of kinds) {
      this.#unserved.set(kind, Promise.withResolvers());
      const informers = new Informers({
        ...common,
        kind: { group: GROUP, version: VERSION, plural },
        onChange: (_, { old, new: now }) => this.#changed(plural, rowKey(kind, (now ?? old)!)),
        onError: (error) => this.#failed(plural, error),
        whenServed: () => this.#whenServed({ kind, plural }),
      });
      this.#kinds.set(kind, informers);
    }
    this.#events = new Informers({
      ...common,
      kind: { group: "", version: "v1", plural: "events" },
      fieldSelector: `involvedObject.apiVersion=${GROUP}/${VERSION}`,
      transform: reduceEvent,
      onChange: (_, { new: now }) => now && this.#touched(now as EventObject),
      onError: (error) => this.#failed("events", error),
    });
  }

  /** Begins to list and watch; resolves when the first lists are complete, or after `waitMs`. */
  async start(waitMs: number): Promise<void> {
    const begun = [...this.#kinds].map(([kind, informers]) =>
      Promise.race([informers.start(), this.#unserved.get(kind)?.promise])
    );
    begun.push(this.#events.start());
    await Promise.race([Promise.all(begun), this.#clock.sleep(waitMs, this.#stop.signal)]);
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("The page is no longer served"));
    await Promise.all([...this.#kinds.values(), this.#events].map((informers) => informers.stop()));
  }

  /** Calls a listener for each change, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** All objects, as rows. */
  rows(): Row[] {
    return [...this.#kinds].flatMap(([kind, informers]) => informers.list().map((object) => rowOf(kind, object)));
  }

  /** An object and its kind, by its key; `undefined` when it is gone. */
  find(key: string): { readonly kind: ShownKind; readonly object: KubeObject } | undefined {
    const [name = "", namespace = "", ...rest] = key.split("/");
    const kind = this.#options.kinds.find((one) => one.kind === name);
    const object = this.#kinds.get(name)?.get(objectKey(namespace, rest.join("/")));
    return kind && object && { kind, object };
  }

  /** All objects of a kind. */
  ofKind(kind: string): KubeObject[] {
    return this.#kinds.get(kind)?.list() ?? [];
  }

  /** All Events. */
  events(): EventObject[] {
    return this.#events.list() as EventObject[];
  }

  /** The page's summary. */
  about(): About {
    const { client, namespaces, notes = [] } = this.#options;
    return { server: client.server, namespaces, notes: [...notes, ...this.#refusals(), ...this.#troubles()] };
  }

  #refusals(): string[] {
    const refused = this.#options.kinds.filter(({ kind }) => this.#kinds.get(kind)?.isRefused).map(({ kind }) => kind);
    if (this.#events.isRefused) refused.push("Events");
    return refused.length === 0 ? [] : [`Not shown, since you may not list them: ${refused.join(", ")}`];
  }

  #troubles(): string[] {
    const since = this.#clock.monotonic() - ERROR_MS;
    const recent = [...this.#errors.values()].filter(({ error, at }) => at >= since && !isExpected(error));
    const [last] = recent.toSorted((a, b) => b.at - a.at);
    return last === undefined ? [] : [`What is shown may be old: ${shown(last.error.message, 300)}`];
  }

  #changed(plural: string, key: string): void {
    this.#errors.delete(plural);
    for (const listener of this.#listeners) listener({ changed: key });
  }

  #touched({ involvedObject: { kind = "", namespace = "", name = "" } }: EventObject): void {
    this.#errors.delete("events");
    for (const listener of this.#listeners) listener({ touched: `${kind}/${namespace}/${name}` });
  }

  #failed(plural: string, error: Error): void {
    this.#errors.set(plural, { error, at: this.#clock.monotonic() });
  }

  async #whenServed({ kind, plural }: Pick<ShownKind, "kind" | "plural">): Promise<boolean> {
    this.#unserved.get(kind)?.resolve();
    while (!this.#stop.signal.aborted) {
      await this.#clock.sleep(UNSERVED_MS, this.#stop.signal);
      if (!this.#stop.signal.aborted && (await this.#discovered()).has(plural)) break;
    }
    return true;
  }

  /** The served kinds: one request, for all that wait. */
  #discovered(): Promise<ReadonlySet<string>> {
    const now = this.#clock.monotonic();
    if (this.#served === undefined || now - this.#served.at > UNSERVED_MS / 2) {
      const asked = this.#options.client.discover(GROUP, VERSION, { signal: this.#stop.signal });
      this.#served = { at: now, plurals: asked.then((map) => new Set(map.keys()), () => new Set()) };
    }
    return this.#served.plurals;
  }
}

/** A kind that is not installed or may not be listed is no connection problem; nor is a watch that is too old. */
function isExpected(error: Error): boolean {
  return error instanceof KubeError && [403, 404, 410].includes(error.status);
}
