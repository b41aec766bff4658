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
