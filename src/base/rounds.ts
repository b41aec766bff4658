/**
 * Repeated work, with a pause after each round.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** Rounds of the same work, which never overlap. */
export class Rounds {
  readonly #clock: Clock;
  readonly #round: () => Promise<number>;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #loop: Promise<void> | undefined;

  /** @param round Does the work once. @returns the pause (ms) until the next round. */
  constructor(clock: Clock, round: () => Promise<number>) {
    this.#clock = clock;
    this.#round = round;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends after the current round. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#loop;
  }

  /** Begins the next round now, or right after the current one. */
  wake(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const pause = await this.#round();
      await this.#clock.sleep(pause, this.#wake.signal);
    }
  }
}
