/**
 * Threads that play sequences side by side, each in a simulation of its own.
 *
 * @module
 */
import type { Outcome, Sequence } from "./play.ts";

/** A player's message: a state at which it waits for the next act, or the outcome. */
export type Message = { readonly state: string } | { readonly outcome: Omit<Outcome, "story"> } | {
  readonly error: string;
};

/** A number of threads. */
export class Players implements Disposable {
  readonly size: number;
  readonly #idle: Worker[];

  /** @param url of `player.ts`, where that is another project's. */
  constructor(size: number, url = new URL("./player.ts", import.meta.url).href) {
    this.size = size;
    this.#idle = Array.from({ length: size }, () => new Worker(url, { type: "module" }));
  }

  /** Plays a sequence; asks whether its state is new, for only then it is brought to rest. */
  async play(sequence: Sequence, isNew: (state: string) => boolean): Promise<Omit<Outcome, "story">> {
    const worker = this.#idle.pop();
    if (worker === undefined) throw new Error("All players are busy");
    const { promise, resolve, reject } = Promise.withResolvers<Omit<Outcome, "story">>();
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if ("state" in data) worker.postMessage({ goOn: isNew(data.state) });
      else if ("outcome" in data) resolve(data.outcome);
      else resolve(unplayable(data.error));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ sequence });
    return await promise.finally(() => this.#idle.push(worker));
  }

  [Symbol.dispose](): void {
    for (const worker of this.#idle) worker.terminate();
  }
}

function unplayable(why: string): Omit<Outcome, "story"> {
  const violations = [`it cannot be played: ${why}`];
  return { isPossible: true, isNew: false, state: "", doubtsRead: [], violations };
}
