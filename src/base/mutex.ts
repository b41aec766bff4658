/**
 * Lets one caller at a time into a section that awaits.
 *
 * @module
 */

/** Runs functions one after the other. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** True while nothing runs or waits. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Runs `section` when all earlier sections have ended. */
  run<T>(section: () => Promise<T>): Promise<T> {
    this.#count++;
    const result = this.#last.then(section, section).finally(() => this.#count--);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** A {@link Mutex} for each key. */
export class Mutexes {
  readonly #mutexes = new Map<string, Mutex>();

  /** The key's mutex: the same one each time. */
  of(key: string): Mutex {
    const mutex = this.#mutexes.get(key) ?? new Mutex();
    this.#mutexes.set(key, mutex);
    return mutex;
  }

  /** Runs `section` in the key's turn. A key for which nothing runs or waits takes no memory. */
  async run<T>(key: string, section: () => Promise<T>): Promise<T> {
    const mutex = this.of(key);
    try {
      return await mutex.run(section);
    } finally {
      if (mutex.isIdle) this.#mutexes.delete(key);
    }
  }

  /** The number of keys in memory. */
  get size(): number {
    return this.#mutexes.size;
  }
}
