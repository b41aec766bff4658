/**
 * Handles an object that its author has paused.
 *
 * @module
 */
import { conditionOf } from "../object/conditions.ts";
import type { Pass } from "./pass.ts";

/** Shows that nothing is done. A pending edit is not applied: tools that wait for the object must see that. */
export function pause(pass: Pass): "done" {
  const message = 'Nothing is done, and nothing is deleted, while annotation databricks-operator/paused is "true"';
  const ready = conditionOf(pass.status.conditions, "Ready");
  const isApplied = ready?.status === "True" && ready.observedGeneration === pass.generation;
  pass.set(
    ...(isApplied ? [] : [{ type: "Ready", status: "False", reason: "Paused", message } as const]),
    { type: "Synced", status: "False", reason: "Paused", message },
    { type: "Reconciling" },
    { type: "Stalled" },
  );
  return "done";
}
