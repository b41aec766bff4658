/**
 * Recognizes resources that are about to change by themselves.
 *
 * @module
 */
import type { Resource } from "../../../resource.ts";

/** True if no part of the observation is about to change by itself. */
export function isSettled({ state }: Pick<Resource, "state">, observed: Record<string, unknown>): boolean {
  const seen = state?.(observed);
  return seen === undefined || seen.ready || seen.failed === true;
}
