/**
 * Plays a sequence: its acts one after the other, then peace, and then what is wrong.
 *
 * @module
 */
import { acts } from "./acts.ts";
import { Arena } from "./arena.ts";
import { wrongAtRest } from "./rest.ts";
import { stateOf } from "./state.ts";

/** A sequence of acts around an object of an identity class. */
export interface Sequence {
  /** The identity class: a name of {@link classes}. */
  readonly class: string;
  /** Where it begins: a name of {@link roots}. */
  readonly root: string;
  /** Names of {@link acts}. */
  readonly acts: readonly string[];
}

/** What came of a sequence. */
export interface Outcome {
  /** False when one of the acts was not possible. */
  readonly isPossible: boolean;
  /** The state after the last act. */
  readonly state: string;
  /** True when the sequence was brought to rest after its acts. */
  readonly wasRested: boolean;
  /** What must not have been, in words. */
  readonly violations: readonly string[];
  /** What arrived, in words. */
  readonly story: readonly string[];
}

/** As long as the longest backoff, a sweep and some slack (s): by then everything must be as it should. */
const PEACE = 800;
/** Two sweeps and four polls, in which nothing may be written (s). */
const QUIET = 270;

/** Where sequences begin: with nothing, or with something that is at rest. */
export const roots: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  ready: ["apply", "wait 25 s"],
  followed: ["apply", "wait 25 s", "annotate owner api", "wait for a sweep"],
};

/** Plays a sequence; it is brought to rest only where the state that it came to is worth it. */
export async function play(
  sequence: Sequence,
  isWorthRest: (state: string) => Promise<boolean> | boolean = () => true,
): Promise<Outcome> {
  using arena = await Arena.begin(sequence.class);
  const { network } = arena.simulation;
  const impossible = { isPossible: false, wasRested: false, state: "", violations: [], story: network.story };
  for (const name of [...roots[sequence.root] ?? [], ...sequence.acts]) {
    network.story.push(`--- ${name}`);
    if (!await perform(arena, name)) return impossible;
  }
  const state = await stateOf(arena);
  const wasRested = await isWorthRest(state);
  if (wasRested) await rest(arena);
  return { isPossible: true, wasRested, state, violations: arena.provenance.violations, story: network.story };
}

async function perform(arena: Arena, name: string): Promise<boolean> {
  const act = acts[name];
  if (act === undefined) throw new RangeError(`There is no act "${name}"`);
  const isPossible = await act(arena) !== false;
  await arena.settle();
  return isPossible;
}

/** What goes wrong ends by itself, and nobody does anything any more. */
async function rest(arena: Arena): Promise<void> {
  const { provenance, simulation: { network } } = arena;
  network.story.push("--- rest");
  await arena.wait(PEACE);
  for (const text of await wrongAtRest(arena)) provenance.blame(text);
  const { writes } = provenance;
  await arena.wait(QUIET);
  if (provenance.writes !== writes) provenance.blame(`${provenance.writes - writes} writes although nothing changed`);
}
