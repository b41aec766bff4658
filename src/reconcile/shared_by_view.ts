/**
 * Sharing between namespaces with the same view of a workspace: one sweep, one copy of the observations, one poll of
 * runs.
 *
 * @module
 */

/** A value that namespaces of one view can share. */
export interface Shareable<T> {
  /** Begins to work. */
  start(): void;
  /** Ends its work. */
  stop(): Promise<void>;
  /** Takes over what must be remembered of another one, which a namespace leaves. */
  adopt(other: T): void;
}

/** Options of {@link SharedByView}. */
export interface SharedByViewOptions<T> {
  /** The name of a namespace's view. It may change at any time. */
  readonly viewOf: (namespace: string) => string;
  /** Makes what namespaces of one view share; `namespaces` gives those that do, by name. */
  readonly make: (namespaces: () => readonly string[]) => T;
}

interface Shared<T> {
  readonly value: T;
  readonly namespaces: Set<string>;
}

/** Values, each shared by the namespaces of one view. */
export class SharedByView<T extends Shareable<T>> {
  readonly #options: SharedByViewOptions<T>;
  readonly #views = new Map<string, string>();
  readonly #shared = new Map<string, Shared<T>>();
  #isStopped = false;

  constructor(options: SharedByViewOptions<T>) {
    this.#options = options;
  }

  /** The value that a namespace had when it was asked for last. */
  known(namespace: string): T | undefined {
    return this.#shared.get(this.#views.get(namespace) ?? "")?.value;
  }

  /** The namespace's value: another one when what it sees has changed. */
  of(namespace: string): T {
    const view = this.#options.viewOf(namespace);
    const before = this.#views.get(namespace);
    const shared = this.#shared.get(view);
    if (before === view && shared !== undefined) return shared.value;
    const joined = shared ?? this.#add(view);
    joined.namespaces.add(namespace);
    const old = this.known(namespace);
    if (old !== undefined) joined.value.adopt(old);
    this.#leave(namespace);
    this.#views.set(namespace, view);
    return joined.value;
  }

  /** The namespaces that have a value. */
  namespaces(): string[] {
    return [...this.#views.keys()];
  }

  /** Takes a namespace's value away. */
  forget(namespace: string): void {
    this.#leave(namespace);
    this.#views.delete(namespace);
  }

  /** Ends the work of all values; those that come after are not begun. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#shared.values()].map(({ value }) => value.stop()));
  }

  #add(view: string): Shared<T> {
    const namespaces = new Set<string>();
    const shared = { namespaces, value: this.#options.make(() => [...namespaces].sort()) };
    this.#shared.set(view, shared);
    // When whoever asked for it has joined it.
    if (!this.#isStopped) queueMicrotask(() => this.#isStopped || shared.value.start());
    return shared;
  }

  #leave(namespace: string): void {
    const view = this.#views.get(namespace) ?? "";
    const shared = this.#shared.get(view);
    shared?.namespaces.delete(namespace);
    if (shared === undefined || shared.namespaces.size > 0) return;
    this.#shared.delete(view);
    void shared.value.stop();
  }
}
