/**
 * Keeps the recent past of a collection, for lists that lag behind writes.
 *
 * @module
 */

interface Change<T> {
  at: number;
  id: string;
  /** The value before the write; `undefined` when there was none. */
  before: T | undefined;
}

/** The latest changes of a collection by id. */
export class Journal<T> {
  readonly #now: () => number;
  readonly #keepMs: number;
  #changes: Change<T>[] = [];

  /** Keeps changes for as long (ms). */
  constructor(now: () => number, keepMs: number) {
    this.#now = now;
    this.#keepMs = keepMs;
  }

  /** Notes what stands at an id, before it changes. */
  note(id: string, before: T | undefined): void {
    this.#forget();
    this.#changes.push({ at: this.#now(), id, before });
  }

  /** Forgets all changes: what there is, has been there for long. */
  settle(): void {
    this.#changes = [];
  }

  /** The collection as it was before the changes that are kept. */
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
