/**
 * The answers to Databricks' doubts (`mock/databricks/doubts.ts`) in a test.
 *
 * Each test has a setting of its own, drawn from a seed that is printed when the test fails. `DOUBTS` chooses it: `default`,
 * a seed, `extreme:a` or `extreme:b` (every doubt's first or last answer), or `name=answer,…` over the default. With `all:` in front (`all:extreme:b`) also the
 * doubts that are not drawn yet, since the suite does not pass under all of their answers.
 *
 * @module
 */
import {
  defaultDoubts,
  describeDoubts,
  type Doubts,
  drawDoubts,
  extremeDoubts,
  hashText,
  readDoubt,
} from "../../mock/databricks/doubts.ts";

const given = Deno.env.get("DOUBTS");
/** The value of `DOUBTS`, or else a seed for all tests of this process. */
export const chosenDoubts = given === undefined || given === ""
  ? String(crypto.getRandomValues(new Uint32Array(1))[0])
  : given;

/** The setting of one test: what is chosen, with the seed mixed with the test's name, and over it what the test pins. */
export function doubtsFor(test: string, pinned: Partial<Doubts> = {}): Doubts {
  return { ...settingOf(chosenDoubts, test), ...pinned };
}

/**
 * The setting of a schedule, by its seed. Where nobody can tell who made a Git folder, one whose create lost its answer is left
 * to a person (`tests/cluster/evidence_test.ts`); a schedule has nobody who sets `adopt`.
 */
export function scheduleDoubts(seed: number): Doubts {
  return doubtsFor(`schedule ${seed}`, { repoCreatorPermission: "direct" });
}

/** Returns the answers for a test that a value of `DOUBTS` chooses. */
export function settingOf(chosen: string, test: string): Doubts {
  if (chosen.includes("=")) {
    return Object.assign(defaultDoubts(), ...chosen.split(",").map((one) => readDoubt(one.trim())));
  }
  const all = chosen.startsWith("all:");
  const choice = chosen.replace(/^all:/, "");
  if (choice === "default") return defaultDoubts();
  if (choice === "extreme:a") return extremeDoubts("a", { all });
  if (choice === "extreme:b") return extremeDoubts("b", { all });
  if (/^\d+$/.test(choice)) return drawDoubts(hashText(`${choice} ${test}`), { all });
  throw new RangeError(
    `DOUBTS is default, a number, extreme:a, extreme:b (all: may stand in front) or name=answer,…, not ${chosen}`,
  );
}

/** Runs a test; when it fails, prints its setting and how to repeat it, unless all answers are the default. */
export async function tellingDoubts<T>(test: string, doubts: Doubts, run: () => Promise<T> | T): Promise<T> {
  const words = describeDoubts(doubts);
  try {
    return await run();
  } catch (error) {
    if (words !== "") console.error(`doubts of "${test}": ${words}; repeat with DOUBTS=${chosenDoubts}`);
    throw error;
  }
}
