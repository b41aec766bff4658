/**
 * The conditions of a managed resource. They follow Kubernetes' API conventions and kstatus: `Ready` and `Synced` are
 * always there, `Reconciling` and `Stalled` only while they are true. Messages hold no times and no counts, so that the
 * same state gives the same words and nothing is written.
 *
 * @module
 */

import { escapeControls, shorten } from "../../base/text.ts";
import type { Condition } from "../../resource/status.ts";
import type { ConditionReason } from "./reasons.ts";

export type { Condition };

/** A condition that is to be set; without `status` it is taken away. */
export interface Setting {
  readonly type: string;
  readonly status?: Condition["status"];
  readonly reason?: ConditionReason;
  readonly message?: string;
}

/** The longest message that the API server accepts is 32768; a reader needs less. */
export const MAX_MESSAGE = 1024;

/**
 * Applies settings to a list of conditions. `lastTransitionTime` moves only when the status differs from the `stored` one;
 * `before` may be a draft that comes after that.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { applyConditions } from "./conditions.ts";
 *
 * const ready = { type: "Ready", status: "True", reason: "Available", message: "Job exists" } as const;
 * const first = applyConditions([], [ready], { generation: 1, now: "2026-01-01T00:00:00Z" });
 * const later = applyConditions(first, [ready], { generation: 1, now: "2026-01-02T00:00:00Z" });
 * assert.deepEqual(first, later);
 * ```
 */
export function applyConditions(
  before: readonly Condition[],
  settings: readonly Setting[],
  { generation, now, stored = before }: { generation: number; now: string; stored?: readonly Condition[] },
): Condition[] {
  const result = new Map(before.map((condition) => [condition.type, condition]));
  for (const { type, status, reason = "", message = "" } of settings) {
    if (status === undefined) {
      result.delete(type);
      continue;
    }
    // A status that is set and set back before it is written has not changed.
    const old = conditionOf(stored, type) ?? result.get(type);
    result.set(type, {
      type,
      status,
      reason,
      message: printable(message),
      observedGeneration: generation,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
    });
  }
  // One that a pass takes away and sets again keeps its place: another order alone would be a write.
  const places = new Map(stored.map(({ type }, place) => [type, place]));
  const placeOf = ({ type }: Condition) => places.get(type) ?? places.size;
  return [...result.values()].toSorted((a, b) => placeOf(a) - placeOf(b));
}

/**
 * A message as it may stand in a condition: on one line, escaped, not too long. It is what the API server would give
 * back, so that the same message is no change.
 */
export function printable(message: string): string {
  return shorten(escapeControls(message.replaceAll("\n", " ")), MAX_MESSAGE);
}

/** The condition of a type. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
