/**
 * The conditions of a managed resource. They follow Kubernetes' API conventions and kstatus: `Ready` and `Synced` are
 * always present, `Reconciling` and `Stalled` only while they are true. Messages contain no times and no counts, so
 * that the same state gives the same text and causes no write.
 *
 * @module
 */

import { escapeControls, shorten } from "../../base/text.ts";
import type { Condition } from "../../resource/status.ts";
import type { ConditionReason } from "./reasons.ts";

export type { Condition };

/** A condition to set; without `status` it is removed. */
export interface Setting {
  readonly type: string;
  readonly status?: Condition["status"];
  readonly reason?: ConditionReason;
  readonly message?: string;
}

/** The longest message that the API server accepts is 32768; a reader needs less. */
export const MAX_MESSAGE = 1024;

/**
 * Applies settings to a list of conditions. `lastTransitionTime` changes only if the status differs from the `stored`
 * one; `before` may be a later draft.
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
    // A status that is changed and restored before it is written has not changed.
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
  // A condition that a pass removes and sets again keeps its position: a different order alone would cause a write.
  const places = new Map(stored.map(({ type }, place) => [type, place]));
  const placeOf = ({ type }: Condition) => places.get(type) ?? places.size;
  return [...result.values()].toSorted((a, b) => placeOf(a) - placeOf(b));
}

/**
 * A message for a condition: on one line, escaped, limited in length. It equals what the API server would return, so
 * that the same message is not a change.
 */
export function printable(message: string): string {
  return shorten(escapeControls(message.replaceAll("\n", " ")), MAX_MESSAGE);
}

/** The condition of a type. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
