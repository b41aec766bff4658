/**
 * Reads the output of a campaign for the report of all tests.
 *
 * @module
 */

/** The result of a campaign. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The number of plans that were played at the same time. */
  readonly workers: number;
  /** The failed plans, each with its first finding. */
  readonly failures: readonly string[];
  /** The plans that failed at first, and passed alone. */
  readonly unsteady: readonly string[];
}

/**
 * Returns the result of a campaign; an aborted one has failed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readOutcome } from "./reading.ts";
 *
 * const text = "FAILED a\n  O1: x\nFAILED b\n  O7: y\nPASSED ALONE b\n3 passed, 1 failed, 60 s, 8 at a time\n";
 * const outcome = { passed: 3, failed: 1, workers: 8, failures: ["a: O1: x"], unsteady: ["b: O7: y"] };
 * assert.deepEqual(readOutcome(text), outcome);
 * assert.equal(readOutcome("error: Uncaught").failed, 1);
 * ```
 */
export function readOutcome(text: string): Outcome {
  const [, passed = 0, failed = 1, workers = 0] = text.match(/^(\d+) passed, (\d+) failed, .*, (\d+) at a time$/m) ??
    [];
  // A plan that failed twice occurs twice in the text; its first finding counts.
  const first = new Map<string, string>();
  for (const [, plan = "", why = ""] of text.matchAll(/^FAILED (.*)\n(.*)/gm)) {
    if (!first.has(plan)) first.set(plan, `${plan}: ${why.trim()}`);
  }
  const alone = new Set([...text.matchAll(/^PASSED ALONE (.*)/gm)].map(([, plan = ""]) => plan));
  const lines = (hasPassed: boolean) => [...first].filter(([plan]) => alone.has(plan) === hasPassed).map(([, l]) => l);
  return {
    passed: Number(passed),
    failed: Number(failed),
    workers: Number(workers),
    failures: lines(false),
    unsteady: lines(true),
  };
}
