/**
 * Chooses plans if there is no time for all.
 *
 * @module
 */
import type { Plan } from "./plan.ts";

/** The default number of plans per group, in addition to those that are always played. */
export const PER_GROUP = 4;
/** Stories that begin and end like others: their plans are drawn. */
const DRAWN = /^(run-succeeded|run-repaired|update-failed)\/|^update-stopped\/delete\/PATCH /;
/**
 * Plans that are always played, since their failures cost users most: kills after creates and deletes. A kill before a
 * write leaves the same state as a kill after the previous write, so those are drawn.
 */
const ALWAYS = [
  /\/(create|delete)\/(POST|DELETE|PUT|PATCH) .*\/(kill after|lost answer)$/,
  // A repair takes no token.
  /^run\/.*\/POST \S*\/runs\/repair#\d+\/(kill after|lost answer)$/,
];

/**
 * Chooses all kills after the writes of creation and deletion, and a number of plans from each other group.
 *
 * @param seed a different seed gives a different choice of the same size.
 * @param perGroup the number of plans per group.
 */
export function choose(
  plans: readonly Plan[],
  { seed = 1, perGroup = PER_GROUP }: { seed?: number; perGroup?: number } = {},
): Plan[] {
  const isAlways = ({ name }: Plan) =>
    ALWAYS.some((pattern) => pattern.test(name)) && !DRAWN.test(name) && !/ events#/.test(name);
  const chosen = new Set(plans.filter(isAlways));
  const groups = Map.groupBy(plans.filter((plan) => !chosen.has(plan)), ({ group }) => group);
  const random = randomOf(seed);
  for (const group of groups.values()) for (const plan of shuffled(group, random).slice(0, perGroup)) chosen.add(plan);
  return plans.filter((plan) => chosen.has(plan));
}

/** Pseudo-random numbers in [0, 1), determined by the seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}
