/**
 * Explores breadth first: every sequence of acts up to a depth, extending only those that reach a new state.
 *
 * @module
 */
import { actNames, isAboutNothing, isMoreThanTime } from "./acts.ts";
import type { Players } from "./players.ts";
import type { Sequence } from "./play.ts";

/** Options of an exploration. */
export interface SearchOptions {
  readonly class: string;
  readonly root: string;
  /** The maximum number of acts in a sequence. */
  readonly depth: number;
  readonly players: Pick<Players, "size" | "play">;
  /** True to end at the first counterexample. */
  readonly isFirstEnough?: boolean;
  /** The time (ms, `performance.now()`) at which the exploration ends. */
  readonly until?: number;
}

/** A sequence that ends wrong. */
export interface Counterexample {
  readonly sequence: Sequence;
  readonly violations: readonly string[];
}

/** The result of an exploration. */
export interface Found {
  /** The number of played sequences, and of the states that they reached. */
  readonly played: number;
  readonly states: number;
  readonly seconds: number;
  /** The number of acts in the longest sequences; less than requested if no new state was left, or time ran out. */
  readonly depth: number;
  /** False if it ended before all sequences of the depth were played. */
  readonly isComplete: boolean;
  /** The shortest sequence for each kind of violation. */
  readonly counterexamples: readonly Counterexample[];
}

/** Explores around one object. */
export async function explore(options: SearchOptions): Promise<Found> {
  return await new Search(options).run();
}

/** Sequences that use most of the operator's requests to Databricks. */
const PROBES = [
  ["apply", "wait for a sweep", "edit", "edit in Databricks", "wait for a sweep", "delete in Databricks"],
  ["make a twin", "apply", "wait 25 s", "clone in Databricks", "annotate owner api", "wait for a sweep", "delete"],
];

class Search {
  readonly #options: SearchOptions;
  readonly #states = new Set<string>();
  readonly #counterexamples = new Map<string, Counterexample>();
  readonly #doubtsRead = new Set<string>();
  #played = 0;
  #isOver = false;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  async run(): Promise<Found> {
    const { class: name, root, depth } = this.#options;
    const begun = performance.now();
    const isComplete = () => !this.#isOver;
    let frontier: Sequence[] = await this.#playAll([{ class: name, root, acts: [] }]);
    await this.#learnDoubts();
    let reached = 0;
    while (reached < depth && frontier.length > 0 && isComplete()) {
      reached++;
      const isLast = reached === depth;
      frontier = await this.#playAll(frontier.flatMap((sequence) => this.#longer(sequence, { isLast })));
    }
    return {
      played: this.#played,
      states: this.#states.size,
      seconds: (performance.now() - begun) / 1000,
      depth: reached,
      isComplete: !this.#isOver,
      counterexamples: [...this.#counterexamples.values()],
    };
  }

  /** @returns the sequences to extend. */
  async #playAll(sequences: readonly Sequence[]): Promise<Sequence[]> {
    const next: Sequence[] = [];
    const queue = sequences.values();
    const work = async () => {
      for (const sequence of queue) {
        if (this.#isOver) return;
        if (await this.#play(sequence)) next.push(sequence);
      }
    };
    await Promise.all(Array.from({ length: this.#options.players.size }, work));
    return next;
  }

  /** Learns which doubts make a difference for the class, from two long sequences. */
  async #learnDoubts(): Promise<void> {
    const { class: name, players } = this.#options;
    for (const acts of PROBES) {
      const { doubtsRead } = await players.play({ class: name, root: "nothing", acts }, () => true);
      for (const doubt of doubtsRead) this.#doubtsRead.add(doubt);
    }
  }

  /** Extends a sequence by one act. The effects of time alone show at rest, so such an act is never the last. */
  #longer(sequence: Sequence, { isLast }: { isLast: boolean }): Sequence[] {
    return actNames
      .filter((act) => !isAboutNothing(act, this.#doubtsRead) && (!isLast || isMoreThanTime(act)))
      .map((act) => ({ ...sequence, acts: [...sequence.acts, act] }));
  }

  /** @returns true if the sequence reached a new state, and came to rest without violations. */
  async #play(sequence: Sequence): Promise<boolean> {
    const isNew = (state: string) => !this.#states.has(state) && this.#states.add(state) !== undefined;
    const { isNew: goesOn, doubtsRead, violations } = await this.#options.players.play(sequence, isNew);
    this.#played++;
    for (const name of doubtsRead) this.#doubtsRead.add(name);
    if (violations.length > 0) this.#note({ sequence, violations });
    if (performance.now() > (this.#options.until ?? Infinity)) this.#isOver = true;
    return goesOn && violations.length === 0;
  }

  #note(counterexample: Counterexample): void {
    const signature = wayOf(counterexample);
    const { isFirstEnough = false } = this.#options;
    if (!this.#counterexamples.has(signature)) this.#counterexamples.set(signature, counterexample);
    if (isFirstEnough) this.#isOver = true;
  }
}

/** The kind of violation: the texts without ids and times. */
function wayOf({ violations }: Counterexample): string {
  return violations.map((text) => text.replace(/\d+/g, "#").replace(/#(,#)+/g, "#")).join("\n");
}

/** Formats a sequence as a line, which {@link fromLine} parses. */
export function toLine({ class: name, root, acts }: Sequence): string {
  return `${name}, ${root}: ${acts.join("; ")}`;
}

/**
 * Parses a sequence from its line.
 *
 * @throws {RangeError} if the line is not a sequence.
 */
export function fromLine(line: string): Sequence {
  const [, name, root, rest] = line.match(/^(\w+), (\w+): (.*)$/) ?? [];
  if (name === undefined || root === undefined || rest === undefined) {
    throw new RangeError(`"${line}" is no sequence: "job, ready: delete; crash" is one`);
  }
  return { class: name, root, acts: rest.split("; ").filter((act) => act !== "") };
}
