/**
 * Plays a sequence: its acts one after the other, then a period of rest, and then looks for violations.
 *
 * @module
 */
import { acts, isMoreThanTime, needsTwoNamespaces } from "./acts.ts";
import { Arena } from "./arena.ts";
import { wrongAtRest } from "./rest.ts";
import { stateOf } from "./state.ts";

/** A sequence of acts around an object of an identity class. */
export interface Sequence {
  /** The identity class: a name in {@link classes}. */
  readonly class: string;
  /** The start: a name in {@link roots}. */
  readonly root: string;
  /** Names in {@link acts}. */
  readonly acts: readonly string[];
}

/** The result of a sequence. */
export interface Outcome {
  /** False if one of the acts was impossible. */
  readonly isPossible: boolean;
  /** The state after the last act. */
  readonly state: string;
  /** True if the state is new, so that the sequence is brought to rest and can be extended. */
  readonly isNew: boolean;
  /** The doubts that made a difference. */
  readonly doubtsRead: readonly string[];
  /** The violations, in words. */
  readonly violations: readonly string[];
  /** The requests that arrived, in words. */
  readonly story: readonly string[];
}

/** As long as a sweep and two polls, with some slack (s): nothing is written in this time at rest. */
const QUIET = 140;
/** As long as the longest fault, the longest back-off and a sweep (s): by then everything must be at rest. */
const PEACE = 900;

/** The starts of sequences: nothing, or a managed resource at rest. */
export const roots: Readonly<Record<string, { readonly ingest?: boolean; readonly acts: readonly string[] }>> = {
  nothing: { acts: [] },
  ready: { acts: ["apply", "wait 25 s"] },
  followed: { acts: ["apply", "wait 25 s", "annotate owner api", "wait for a sweep"] },
  ingested: { ingest: true, acts: ["make a twin", "wait for a sweep", "look at what was ingested"] },
};

/** Plays a sequence; it is brought to rest only if its final state is new. */
export async function play(
  sequence: Sequence,
  isNewState: (state: string) => Promise<boolean> | boolean = () => true,
): Promise<Outcome> {
  const root = roots[sequence.root];
  if (root === undefined) throw new RangeError(`There is no root "${sequence.root}": one of ${Object.keys(roots)}`);
  using arena = await Arena.begin(sequence.class, { ...root, isWide: sequence.acts.some(needsTwoNamespaces) });
  const { network } = arena.simulation;
  const impossible = {
    isPossible: false,
    isNew: false,
    state: "",
    doubtsRead: [],
    violations: [],
    story: network.story,
  };
  for (const name of [...root.acts, ...sequence.acts]) {
    network.story.push(`--- ${name}`);
    if (!await perform(arena, name)) return impossible;
  }
  const state = await stateOf(arena);
  const isNew = await isNewState(state);
  const { doubtsRead, provenance: { violations } } = arena;
  if (isNew && isMoreThanTime(sequence.acts.at(-1) ?? "")) await rest(arena);
  return { isPossible: true, isNew, state, doubtsRead: [...doubtsRead], violations, story: network.story };
}

async function perform(arena: Arena, name: string): Promise<boolean> {
  const act = acts[name];
  if (act === undefined) throw new RangeError(`There is no act "${name}"`);
  const isPossible = await act(arena) !== false;
  await arena.settle();
  return isPossible;
}

/** Waits until the operator is idle, without faults and further acts. */
async function rest(arena: Arena): Promise<void> {
  arena.simulation.network.story.push("--- rest");
  let passed = 0;
  let writes: number;
  let wrong: string[];
  do {
    writes = arena.provenance.writes;
    await arena.wait(QUIET);
    wrong = await wrongAtRest(arena);
    passed += QUIET;
  } while (passed < PEACE && (wrong.length > 0 || arena.isDisturbed || arena.provenance.writes > writes));
  for (const text of wrong) arena.provenance.blame(text);
  if (arena.provenance.writes > writes) arena.provenance.blame("it never comes to rest");
}
