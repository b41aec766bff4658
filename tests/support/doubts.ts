/**
 * Chooses the answers to the doubts about Databricks (`mock/databricks/doubts.ts`) for a test.
 *
 * Each test has its own answers, drawn from a seed that is printed if the test fails. `DOUBTS` overrides this:
 * `default`, a seed, `extreme:a` or `extreme:b` (every doubt's first or last answer), or `name=answer,…` on top of the
 * default. The prefix `all:` (`all:extreme:b`) includes the doubts that are not drawn yet because the suite does not
 * pass with all of their answers.
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
/** The value of `DOUBTS`; by default, a seed for all tests of this process. */
export const chosenDoubts = given === undefined || given === ""
  ? String(crypto.getRandomValues(new Uint32Array(1))[0])
  : given;

/**
 * The answers for one test: the chosen ones, drawn by the seed and the test's name, overridden by those that the test
 * pins.
 */
export function doubtsFor(test: string, pinned: Partial<Doubts> = {}): Doubts {
  return { ...settingOf(chosenDoubts, test), ...pinned };
}

/**
 * The answers for a schedule, by its seed. If nobody can tell who made a Git folder, the operator leaves one whose
 * create lost its answer to a person (`tests/cluster/evidence_test.ts`), but no person sets `adopt` in a schedule.
 */
export function scheduleDoubts(seed: number): Doubts {
  return doubtsFor(`schedule ${seed}`, { repoCreatorPermission: "direct" });
}

/** Returns the answers that a value of `DOUBTS` gives a test. */
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

/** Runs a test; if it fails, prints its answers and how to repeat it, unless all answers are the default. */
export async function tellingDoubts<T>(test: string, doubts: Doubts, run: () => Promise<T> | T): Promise<T> {
  const words = describeDoubts(doubts);
  try {
    return await run();
  } catch (error) {
    if (words !== "") console.error(`doubts of "${test}": ${words}; repeat with DOUBTS=${chosenDoubts}`);
    throw error;
  }
}
