/**
 * Threads that play sequences in parallel, each in its own simulation.
 *
 * @module
 */
import type { Outcome, Sequence } from "./play.ts";

/** A player's message: the state at which it waits for an answer, the outcome, or an error. */
export type Message = { readonly state: string } | { readonly outcome: Omit<Outcome, "story"> } | {
  readonly error: string;
};

/** The time (ms, real) after which a silent thread is considered dead. A sequence takes seconds. */
const PATIENCE = 60_000;
/**
 * The number of threads that a sequence may lose: the runtime loses a message now and then, but a hanging sequence
 * loses all.
 */
const LIVES = 2;

type Played = Omit<Outcome, "story">;

/** A pool of threads. */
export class Players implements Disposable {
  readonly size: number;
  readonly #url: string;
  readonly #patience: number;
  readonly #idle: Worker[];

  /**
   * @param url the URL of `player.ts`, for a copy of the project.
   * @param patience the time limit for an answer (ms).
   */
  constructor(size: number, url = new URL("./player.ts", import.meta.url).href, patience = PATIENCE) {
    this.size = size;
    this.#url = url;
    this.#patience = patience;
    this.#idle = Array.from({ length: size }, () => this.#hire());
  }

  /** Plays a sequence; asks whether its state is new, since only a new one is brought to rest. */
  async play(sequence: Sequence, isNew: (state: string) => boolean): Promise<Played> {
    // A repeated sequence comes to the same states, and their answers are known.
    const known = new Map<string, boolean>();
    const isNewOnce = (state: string) => {
      const answer = known.get(state) ?? isNew(state);
      known.set(state, answer);
      return answer;
    };
    for (let lost = 0; lost < LIVES; lost++) {
      const played = await this.#playOnce(sequence, isNewOnce);
      if (played !== "no answer") return played;
    }
    return unplayable(`${LIVES} threads gave no answer for ${this.#patience / 1000} s`);
  }

  async #playOnce(sequence: Sequence, isNew: (state: string) => boolean): Promise<Played | "no answer"> {
    const worker = this.#idle.pop();
    if (worker === undefined) throw new Error("All players are busy");
    const { promise, resolve, reject } = Promise.withResolvers<Played | "no answer">();
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if ("state" in data) worker.postMessage({ goOn: isNew(data.state) });
      else if ("outcome" in data) resolve(data.outcome);
      else resolve(unplayable(data.error));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ sequence });
    const timer = setTimeout(() => resolve("no answer"), this.#patience);
    const played = await promise.finally(() => clearTimeout(timer));
    if (played === "no answer") worker.terminate();
    this.#idle.push(played === "no answer" ? this.#hire() : worker);
    return played;
  }

  #hire(): Worker {
    return new Worker(this.#url, { type: "module" });
  }

  [Symbol.dispose](): void {
    for (const worker of this.#idle) worker.terminate();
  }
}

function unplayable(why: string): Played {
  const violations = [`it cannot be played: ${why}`];
  return { isPossible: true, isNew: false, state: "", doubtsRead: [], violations };
}
