/**
 * Lets one caller at a time into a section that awaits.
 *
 * @module
 */

/** Runs functions one after the other. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `section` when all that were given before have ended. */
  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.#last.then(section, section);
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
}
