/**
 * The informers of one kind: one for all namespaces, or one for each that is named.
 *
 * @module
 */
import { namespaceOf, type ObjectKey } from "../base/object_key.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import type { KubeObject } from "./object.ts";
import type { ResourcePath } from "./paths.ts";

/** What {@link Informers} needs. */
export interface InformersOptions extends Omit<InformerOptions, "path"> {
  readonly kind: Omit<ResourcePath, "namespace">;
  readonly namespaces: readonly string[] | "all";
}

/** Follows the objects of one kind in one or several namespaces. */
export class Informers {
  readonly #all: Informer | undefined;
  readonly #byNamespace: ReadonlyMap<string, Informer>;

  constructor({ kind, namespaces, ...options }: InformersOptions) {
    this.#all = namespaces === "all" ? new Informer({ ...options, path: kind }) : undefined;
    const names = namespaces === "all" ? [] : namespaces;
    this.#byNamespace = new Map(
      names.map((namespace) => [namespace, new Informer({ ...options, path: { ...kind, namespace } })]),
    );
  }

  /**
   * Begins to list and watch.
   *
   * @returns a promise that resolves when every namespace's objects are known, but for those of namespaces whose objects
   * we may not list: these hold up nobody, as long as there are others.
   */
  async start(): Promise<void> {
    const informers = this.#informers();
    for (const informer of informers) informer.start();
    await Promise.all([
      Promise.race(informers.map(({ synced }) => synced)),
      ...informers.map(({ synced, refused }) => Promise.race([synced, refused])),
    ]);
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.stop()));
  }

  /** True when a namespace's objects are known. */
  hasSynced(namespace: string): boolean {
    return this.#of(namespace)?.hasSynced ?? false;
  }

  /** Calls back for each namespace whose objects are not known yet, when they are. */
  whenSynced(then: (namespace: string) => void): void {
    for (const [namespace, informer] of this.#byNamespace) {
      if (!informer.hasSynced) void informer.synced.then(() => informer.hasSynced && then(namespace));
    }
  }

  /** The stored object with a key. It must not be changed. */
  get(key: ObjectKey): KubeObject | undefined {
    return this.#of(namespaceOf(key))?.get(key);
  }

  /** All stored objects. They must not be changed. */
  list(): KubeObject[] {
    return this.#informers().flatMap((informer) => informer.list());
  }

  /** Takes the answer of our own write, as {@link Informer.observeWrite} does. */
  observeWrite(object: KubeObject): void {
    this.#of(object.metadata.namespace ?? "")?.observeWrite(object);
  }

  #of(namespace: string): Informer | undefined {
    return this.#all ?? this.#byNamespace.get(namespace);
  }

  #informers(): Informer[] {
    return this.#all === undefined ? [...this.#byNamespace.values()] : [this.#all];
  }
}
