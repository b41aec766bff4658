/**
 * Waiting for what comes about by itself, with a bound.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { KubeError } from "../../src/kubernetes/client.ts";

/** The time limit for a condition to come true (ms). Generous, since machines are slow at times. */
const PATIENCE = 45_000;
/** The time between two looks (ms). */
const PAUSE = 50;
/** The reason for which a condition is not true yet, for the message of {@link eventually}. */
export class Problem {
  constructor(readonly text: string) {}
}

/** Says that a condition can no longer come true: {@link eventually} fails with it at once. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

/** Says why it is not so yet. */
export function problem(text: string): Problem {
  return new Problem(text);
}

/**
 * Waits until `attempt` gives something.
 *
 * @throws {Error} with the last problem, when that takes too long.
 * @throws {Hopeless} at once, when `attempt` throws it.
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
 * Makes a call again while the API server refuses it with 429, as client-go does: the cache of a kind that is not ready
 * ("storage is (re)initializing") answers so for a moment.
 *
 * @throws whatever else the call throws, at once; the refusal, when it lasts.
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

/** Waits until the operator has swept (listed) a kind so many times more: whatever it would do, it has done. */
export async function sweeps(workspace: MockWorkspace, path: string, times = 2): Promise<void> {
  const before = workspace.ledger.count("GET", path);
  await eventually(`there were ${times} more sweeps of ${path}`, () => {
    const count = workspace.ledger.count("GET", path) - before;
    return count >= times || problem(`there were ${count}`);
  });
}
