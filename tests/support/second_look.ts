/**
 * A second look at tests that failed: each is run again, alone. What passes then failed for its neighbours' load or for
 * a race, so it is listed with its first error and does not fail the whole run; what fails again does.
 *
 * @module
 */
import { countResults, type Failure } from "./junit.ts";
import { runTests } from "./test_run.ts";

/** Where more tests than these fail, something is broken, and all of them count. */
const FEW = 3;

/** The run in which tests failed. */
type FirstRun = Pick<SecondLook, "args" | "env">;

/** Options of a second look. */
export interface SecondLook {
  /** The arguments and variables of the first run: a report does not say which of the files a test is in. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** Runs a test alone; `true` when it passed. */
  readonly run?: (failure: Failure, first: FirstRun) => Promise<boolean>;
}

/**
 * Returns the tests that passed when they were run again, alone.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { passedAlone } from "./second_look.ts";
 *
 * const failed = ["a", "b"].map((name) => ({ name, error: "Error" }));
 * const run = ({ name }: { name: string }) => Promise.resolve(name === "a");
 * assert.deepEqual(await passedAlone(failed, { args: [], env: {}, run }), [failed[0]]);
 * assert.deepEqual(await passedAlone([...failed, ...failed], { args: [], env: {}, run }), []);
 * ```
 */
export async function passedAlone(
  failed: readonly Failure[],
  { args, env, run = runAlone }: SecondLook,
): Promise<Failure[]> {
  if (failed.length > FEW) return [];
  const passed: Failure[] = [];
  for (const failure of failed) if (await run(failure, { args, env })) passed.push(failure);
  return passed;
}

async function runAlone({ name }: Failure, { args: all, env }: FirstRun): Promise<boolean> {
  console.log(`\n=== a second look at: ${name}`);
  const filter = `--filter=/^${RegExp.escape(name)}$/`;
  const { success, xml } = await runTests({ args: [filter, ...all], env });
  const { passed } = countResults(xml);
  return success && passed === 1;
}
