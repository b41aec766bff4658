/**
 * Waits for conditions to come true, with a time limit.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { KubeError } from "../../src/kubernetes/client.ts";

/** The time limit for a condition to come true (ms). Generous, since machines are sometimes slow. */
const PATIENCE = 45_000;
/** The time between two attempts (ms). */
const PAUSE = 50;
/** The reason why a condition is not true yet, for the message of {@link eventually}. */
export class Problem {
  constructor(readonly text: string) {}
}

/** Reports that a condition can no longer come true: {@link eventually} fails with it at once. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

/** Returns the reason why a condition is not true yet. */
export function problem(text: string): Problem {
  return new Problem(text);
}

/**
 * Waits until `attempt` returns a result.
 *
 * @throws {Error} with the last problem, if that takes too long.
 * @throws {Hopeless} at once, if `attempt` throws it.
 */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | Problem | undefined | false> | T | Problem | undefined | false,
  { patience = PATIENCE }: { patience?: number } = {},
): Promise<T> {
  const deadline = performance.now() + patience;
  for (let last = "";;) {
    try {
      const result = await attempt();
      if (result instanceof Problem) last = result.text;
      else if (result !== undefined && result !== false) return result;
      else last = `it was ${result}`;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadline) throw new Error(`Waited ${patience / 1000} s in vain until ${what}: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/**
 * Repeats a call while the API server refuses it with 429, as client-go does: the cache of a kind that is not ready
 * ("storage is (re)initializing") answers this for a moment.
 *
 * @throws any other error of the call, at once; the refusal, if it lasts.
 */
export async function admitted<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isBusy = error instanceof KubeError && error.status === 429;
      if (!isBusy || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/**
 * Waits until the operator has swept (listed) a kind this many more times, so that it has had time for everything it
 * would do.
 */
export async function sweeps(workspace: MockWorkspace, path: string, times = 2): Promise<void> {
  const before = workspace.ledger.count("GET", path);
  await eventually(`there were ${times} more sweeps of ${path}`, () => {
    const count = workspace.ledger.count("GET", path) - before;
    return count >= times || problem(`there were ${count}`);
  });
}
