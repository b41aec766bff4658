/**
 * Decides whether a step of a story is complete.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { Condition } from "../../src/reconcile/object/conditions.ts";
import { baselineOf, condition } from "../support/objects.ts";
import type { Step } from "./stories.ts";

/** True if all work on a step is done, and its result was observed. */
export function isSettled(object: KubeObject | undefined, step: Step, workspace: MockWorkspace): boolean {
  const { metadata, status } = object ?? { metadata: {} };
  const isNew = metadata.generation === step.generation && status?.observedGeneration === step.generation;
  if (step.settled !== undefined) {
    return isNew && status?.pending === undefined && step.settled(status ?? {}) &&
      (step.told?.(status ?? {}, workspace) ?? true);
  }
  const [ready, synced] = ["Ready", "Synced"].map((type): Condition | undefined => condition(object, type));
  return ready?.status === "True" && synced?.status === "True" && ready.observedGeneration === metadata.generation &&
    metadata.generation === step.generation && status?.pending === undefined && isObserved(object) &&
    (step.told?.(status ?? {}, workspace) ?? true);
}

/** False while the result of the last write was not observed, including a repair whose observation was lost. */
function isObserved(object: KubeObject | undefined): boolean {
  const baseline = baselineOf(object);
  return baseline === undefined || (baseline.observed !== undefined && baseline.repaired === undefined);
}
