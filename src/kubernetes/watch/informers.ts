/**
 * The informers of one kind: one for all namespaces, or one for each named namespace.
 *
 * @module
 */
import { namespaceOf, type ObjectKey } from "../../base/object_key.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import type { KubeObject } from "../object.ts";
import type { ResourcePath } from "../paths.ts";

/** Options of {@link Informers}. */
export interface InformersOptions extends Omit<InformerOptions, "path" | "onSynced"> {
  readonly kind: Omit<ResourcePath, "namespace">;
  readonly namespaces: readonly string[] | "all";
  /**
   * Called when the objects of a namespace, or of all namespaces (`undefined`), are known: see {@link InformerOptions}.
   */
  readonly onSynced?: ((namespace: string | undefined) => void) | undefined;
}

/** Follows the objects of one kind in one or several namespaces. */
export class Informers {
  readonly #all: Informer | undefined;
  readonly #byNamespace: ReadonlyMap<string, Informer>;

  constructor({ kind, namespaces, onSynced, ...options }: InformersOptions) {
    const informer = (path: ResourcePath) =>
      new Informer({ ...options, path, onSynced: onSynced && (() => onSynced(path.namespace)) });
    this.#all = namespaces === "all" ? informer(kind) : undefined;
    const names = namespaces === "all" ? [] : namespaces;
    this.#byNamespace = new Map(names.map((namespace) => [namespace, informer({ ...kind, namespace })]));
  }

  /**
   * Begins to list and watch.
   *
   * @returns a promise that resolves when every namespace's objects are known, except where the operator may not list
   * them.
   */
  async start(): Promise<void> {
    const informers = this.#informers();
    for (const informer of informers) informer.start();
    await Promise.all(informers.map(({ synced, refused }) => Promise.race([synced, refused])));
  }

  /** Resolves when the objects of any namespace are known, or when the informers stop before that. */
  async anySynced(): Promise<void> {
    await Promise.race(this.#informers().map(({ synced }) => synced));
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.stop()));
  }

  /** True when a namespace's objects are known. */
  hasSynced(namespace: string): boolean {
    return this.#of(namespace)?.hasSynced ?? false;
  }

  /** True if a namespace's objects are known, and the kind was served at the last request. */
  isCurrent(namespace: string): boolean {
    return this.#of(namespace)?.isCurrent ?? false;
  }

  /** True if no namespace's objects are known, because the operator may not list them. */
  get isRefused(): boolean {
    return this.#informers().every(({ isRefused }) => isRefused);
  }

  /** True if a namespace's objects are unknown because the operator may not list them. */
  isRefusedIn(namespace: string): boolean {
    return this.#of(namespace)?.isRefused ?? false;
  }

  /** The stored object with a key. It must not be changed. */
  get(key: ObjectKey): KubeObject | undefined {
    return this.#of(namespaceOf(key))?.get(key);
  }

  /** All stored objects. They must not be changed. */
  list(): KubeObject[] {
    return this.#informers().flatMap((informer) => informer.list());
  }

  /** Stores the answer of the operator's own write, as {@link Informer.observeWrite} does. */
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
