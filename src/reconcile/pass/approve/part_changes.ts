/**
 * Changes of parts in the form of plans.
 *
 * @module
 */
import { own } from "../../../base/json.ts";
import type { ObservedPart, Resource } from "../../../resource.ts";
import type { PlanCause, Source } from "../../../resource/status.ts";
import type { PartPlan } from "../../plan/part_plan.ts";
import type { ProposedChange } from "../../plan/proposal.ts";
import type { Managed, Pass } from "../pass.ts";
import type { PartChanges } from "./judge.ts";

type Parts = NonNullable<Resource["parts"]>;

/** The facts that determine a change of parts. */
export interface PartFacts {
  readonly parts: Pick<Parts, "noun" | "field" | "writeOnly">;
  readonly desired: Readonly<Record<string, unknown>>;
  readonly observed: Readonly<Record<string, ObservedPart>>;
  readonly source: Source | undefined;
}

/** The changes in a plan of parts. */
export function partChangesOf(facts: PartFacts, plan: PartPlan): PartChanges {
  const names = [...plan.put, ...plan.delete];
  const changes = names.map((name): ProposedChange => {
    const isPut = plan.put.includes(name);
    const reason: PlanCause = plan.drifted.includes(name) ? "drift" : "manifest";
    return changeOf(facts, name, { isPut, reason });
  });
  return { changes, isDrift: names.every((name) => plan.drifted.includes(name)) };
}

function changeOf(
  { parts, desired, observed, source }: PartFacts,
  name: string,
  { isPut, reason }: { readonly isPut: boolean; readonly reason: PlanCause },
): ProposedChange {
  const path = `${parts.field ?? `${parts.noun}s`}[${name}]`;
  const held = own(observed, name);
  if (!parts.writeOnly) return { path, from: held?.value, to: isPut ? own(desired, name) : undefined, reason };
  // No hash of a value leaves the process: the version of its Secret identifies it.
  const to = isPut ? [source?.name, source?.resourceVersion] : undefined;
  return { path, from: held === undefined ? undefined : held.stamp ?? true, to, reason, isSecret: true };
}

/** The parts that are written after a create. */
export function changesOfParts({ resource: { parts } }: Pass, managed: Managed, reason: PlanCause): ProposedChange[] {
  const desired = parts?.desired(managed.intent, managed.spec);
  if (parts === undefined || desired === undefined) return [];
  const facts = { parts, desired, observed: {}, source: managed.values?.source };
  return Object.keys(desired).map((name) => changeOf(facts, name, { isPut: true, reason }));
}
