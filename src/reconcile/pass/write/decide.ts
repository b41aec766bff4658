/**
 * Collects the facts for a plan: manifest, answer, baseline.
 *
 * @module
 */
import { isUpdatable } from "../../../resource.ts";
import { comparedDesired, comparedObserved } from "./baseline.ts";
import type { Managed, Pass } from "../pass.ts";
import { type Plan, plan, type Situation } from "../../plan/plan.ts";
import type { Seen } from "../external/observe.ts";
import type { Work } from "../work.ts";

/** The facts that decide about a resource. */
export function situationOf(work: Work, seen: Seen): Situation {
  const { context, pass, managed } = work;
  const { resource, status } = pass;
  const { values, connection } = managed;
  const { observations, sweeper } = work.here;
  const row = resource.external.rows === "whole" ? undefined : observations.row(status.id ?? "");
  const observed = typeof seen === "string" ? undefined : seen;
  const lost = missingMark(pass, managed, observed ?? row);
  return {
    desired: comparedDesired(pass, managed),
    observed: observed !== undefined
      ? comparedObserved(pass, managed, observed)
      : seen === "absent"
      ? "absent"
      : "unknown",
    row: row === undefined ? undefined : comparedObserved(pass, managed, row),
    baseline: status.baseline,
    api: resource.apiVersion(connection.workspace),
    generation: pass.generation,
    inputs: managed.inputs,
    rules: resource.fields,
    updatable: isUpdatable(resource.external),
    gradual: resource.external.steps !== undefined,
    rotated: values !== undefined && resource.parts?.writeOnly !== true &&
      context.sent.changed(pass.uid, values, status.source).size > 0,
    ...(lost === undefined ? {} : wasMarked(pass) ? { unmarked: lost } : { unseenMark: lost }),
    learned: context.learned,
    isNew: (field) => sweeper.isNewField(field),
  };
}

/** Decides what to do. */
export function decide(work: Work, seen: Seen): Plan {
  return plan(situationOf(work, seen));
}

/** The path of the operator's mark, if a write would set one and the resource does not show it. */
function missingMark(pass: Pass, { intent }: Managed, observed: Record<string, unknown> | undefined) {
  const mark = observed && pass.resource.mark?.(observed, intent);
  return mark?.isThere === false ? mark.path : undefined;
}

/** True if the operator's mark was seen once: a resource that was taken over never had one. */
function wasMarked({ status, wasMarked }: Pass): boolean {
  return status.baseline?.marked === true || wasMarked;
}

/** True if the resource was seen to carry the operator's mark. */
export function isMarked(pass: Pass, { intent }: Managed, observed: Record<string, unknown>): boolean {
  return pass.resource.mark?.(observed, intent)?.isThere === true;
}
