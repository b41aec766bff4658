/**
 * The hidden option `--delays` of `run`: shortens delays, for tests of the whole process only.
 *
 * @module
 */
import type { KubeClientOptions } from "../kubernetes/client.ts";
import type { Timings } from "../reconcile/pass/context.ts";

/** Delays that tests shorten. */
export interface Delays {
  readonly timings: Partial<Timings>;
  readonly client: Pick<KubeClientOptions, "timeoutMs" | "idleMs">;
}

const TIMINGS = ["settleMs", "baselineMs", "missMs", "graceMs", "abandonMs", "uninstallMs", "sweepMs"] as const;
/** The timeouts of requests to the API server and of silent watches. */
const CLIENT = ["timeoutMs", "idleMs"] as const;

/**
 * Reads `settleMs=500,idleMs=4000`.
 *
 * @throws {TypeError} that names the invalid delay.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseDelays } from "./delays.ts";
 *
 * assert.deepEqual(parseDelays("settleMs=500,idleMs=4000"), { timings: { settleMs: 500 }, client: { idleMs: 4000 } });
 * assert.throws(() => parseDelays("settle=1"), /"settle=1" is no delay/);
 * ```
 */
export function parseDelays(text: string): Delays {
  const pairs = text.split(",").map((part): [string, number] => {
    const [name = "", ms = ""] = part.split("=");
    const isKnown = [...TIMINGS, ...CLIENT].some((known) => known === name);
    if (!isKnown || !/^\d+$/.test(ms)) throw new TypeError(`"${part}" is no delay, such as ${TIMINGS[0]}=500`);
    return [name, Number(ms)];
  });
  const of = (names: readonly string[]) => Object.fromEntries(pairs.filter(([name]) => names.includes(name)));
  return { timings: of(TIMINGS), client: of(CLIENT) };
}
