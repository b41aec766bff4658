/**
 * All oracles, which judge every plan.
 *
 * @module
 */
import { conductOracles } from "./conduct.ts";
import type { Evidence, Finding, Oracle } from "./evidence.ts";
import { objectOracles } from "./objects.ts";
import { writeOracles } from "./writes.ts";

/** All oracles. */
export const oracles: readonly Oracle[] = [...objectOracles, ...writeOracles, ...conductOracles];

/** Returns the findings of all oracles. */
export function judge(evidence: Evidence): Finding[] {
  return oracles.flatMap(({ id, check }) => check(evidence).map((message) => ({ oracle: id, message })));
}
