/**
 * Runs failed tests again, each alone. A test that passes then failed because of load or a race, so it is listed with
 * its first error and does not fail the whole run; one that fails again does.
 *
 * @module
 */
import { type Failure, results } from "./junit.ts";
import { runTests } from "./test_run.ts";

/** If more tests than these fail (each with all its steps), something is broken, and all of them count. */
const FEW = 3;

/** The run in which tests failed. */
type FirstRun = Pick<SecondLook, "args" | "env">;

/** Options of {@link passedAlone}. */
export interface SecondLook {
  /** The arguments and variables of the first run: a report does not say which file contains a test. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** Runs a test alone; returns whether it passed. */
  readonly run?: (failure: Failure, first: FirstRun) => Promise<boolean>;
}

/**
 * Returns the failures of tests that passed when run again, alone. A step cannot run without its test, so the failures
 * of a test's steps (`test > step`) share the verdict of the test.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { passedAlone } from "./second_look.ts";
 *
 * const failed = ["a", "b"].map((name) => ({ name, error: "Error" }));
 * const run = ({ name }: { name: string }) => Promise.resolve(name === "a");
 * assert.deepEqual(await passedAlone(failed, { args: [], env: {}, run }), [failed[0]]);
 * const step = { name: "a > one of its steps", error: "Error" };
 * assert.deepEqual(await passedAlone([...failed, step], { args: [], env: {}, run }), [failed[0], step]);
 * assert.deepEqual(await passedAlone([...failed, ...failed], { args: [], env: {}, run }), []);
 * ```
 */
export async function passedAlone(
  failed: readonly Failure[],
  { args, env, run = runAlone }: SecondLook,
): Promise<Failure[]> {
  const tests = failed.filter(({ name }) => !failed.some((other) => isStepOf(other.name, name)));
  if (tests.length > FEW) return [];
  const passed: string[] = [];
  for (const test of tests) if (await run(test, { args, env })) passed.push(test.name);
  return failed.filter(({ name }) => passed.some((test) => name === test || isStepOf(test, name)));
}

function isStepOf(test: string, name: string): boolean {
  return name.startsWith(`${test} > `);
}

/** Tests with the same name in other files are run, too. */
async function runAlone({ name: test }: Failure, { args: all, env }: FirstRun): Promise<boolean> {
  console.log(`\n=== a second look at: ${test}`);
  const filter = `--filter=/^${RegExp.escape(test)}$/`;
  const { success, xml } = await runTests({ args: [filter, ...all], env });
  return success && results(xml).some(({ name, hasPassed }) => name === test && hasPassed);
}
