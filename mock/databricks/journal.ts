/**
 * Remembers recent changes of a collection, for lists that lag behind writes.
 *
 * @module
 */

interface Change<T> {
  at: number;
  id: string;
  /** The value before the write; `undefined` if there was none. */
  before: T | undefined;
}

/** The latest changes of a collection, by id. */
export class Journal<T> {
  readonly #now: () => number;
  readonly #keepMs: number;
  #changes: Change<T>[] = [];

  /** Creates a journal that keeps changes for this long (ms). */
  constructor(now: () => number, keepMs: number) {
    this.#now = now;
    this.#keepMs = keepMs;
  }

  /** Records the value of an id before a change. */
  note(id: string, before: T | undefined): void {
    this.#forget();
    this.#changes.push({ at: this.#now(), id, before });
  }

  /** Forgets all changes, as if they were long ago. */
  settle(): void {
    this.#changes = [];
  }

  /** The collection before the remembered changes. */
  before(current: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    this.#forget();
    if (this.#changes.length === 0) return current;
    const former = new Map(current);
    for (const { id, before } of this.#changes.toReversed()) {
      if (before === undefined) former.delete(id);
      else former.set(id, before);
    }
    return former;
  }

  #forget(): void {
    const oldest = this.#now() - this.#keepMs;
    const first = this.#changes.findIndex(({ at }) => at > oldest);
    if (first !== 0) this.#changes = first < 0 ? [] : this.#changes.slice(first);
  }
}
