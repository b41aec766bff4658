/**
 * Repairs that do not hold: if something keeps writing another value, the operator backs off.
 *
 * @module
 */

import { BlockedError } from "../../object/outcome.ts";
import { listed } from "../../plan/show.ts";
import type { Pass } from "../pass.ts";

/** The number of repairs of a path before they are delayed. */
const AT_ONCE = 3;
/** The delay before the next repair; it doubles with each further one (ms). */
const FIRST_DELAY = 60_000;
const LONGEST_DELAY = 3_600_000;
/** A path whose repair held this long is repaired at once again (ms). */
const HELD = 3_600_000;

interface Repair {
  readonly count: number;
  /** The time of the last repair (ms, monotonic). */
  readonly at: number;
}

/**
 * Counts repairs by object and path.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Repairs } from "./repairs.ts";
 *
 * const repairs = new Repairs();
 * for (const at of [0, 1000, 2000]) repairs.note("uid", ["name"], at);
 * assert.equal(repairs.wait("uid", ["name"], 3000), 59_000);
 * assert.equal(repairs.wait("uid", ["name", "queue"], 3000), 0);
 * ```
 */
export class Repairs {
  readonly #repairs = new Map<string, Map<string, Repair>>();

  /** The delay before these paths are repaired again (ms): 0 unless none of their repairs held. */
  wait(uid: string, paths: readonly string[], now: number): number {
    const known = this.#repairs.get(uid);
    if (known === undefined || paths.length === 0) return 0;
    return Math.max(0, Math.min(...paths.map((path) => this.#dueAt(known.get(path)) - now)));
  }

  /** Notes that paths are reverted now. */
  note(uid: string, paths: readonly string[], now: number): void {
    const known = this.#repairs.get(uid) ?? new Map<string, Repair>();
    this.#repairs.set(uid, known);
    for (const [path, repair] of known) if (now - repair.at > HELD + this.#delay(repair)) known.delete(path);
    for (const path of paths) known.set(path, { count: (known.get(path)?.count ?? 0) + 1, at: now });
  }

  /** Forgets an object that is gone, or whose manifest has changed. */
  forget(uid: string): void {
    this.#repairs.delete(uid);
  }

  #dueAt(repair: Repair | undefined): number {
    return repair === undefined ? 0 : repair.at + this.#delay(repair);
  }

  #delay({ count }: Repair): number {
    return count < AT_ONCE ? 0 : Math.min(FIRST_DELAY * 2 ** (count - AT_ONCE), LONGEST_DELAY);
  }
}

/** The error that reports repairs that do not hold. */
export function notHolding({ externalLabel }: Pass, told: readonly string[]): BlockedError {
  const message = `What is set back in ${externalLabel} does not stay: ${listed(told)}; ` +
    "stop what else writes it, or put its value into the manifest";
  return new BlockedError("RepairNotHolding", message, "retry");
}
