/**
 * Reports on parts: written, deleted, not holding, or somebody else's.
 *
 * @module
 */
import { own } from "../../../base/json.ts";
import { sentence } from "../../../base/text.ts";
import type { ObservedPart, Resource } from "../../../resource.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";
import type { PartPlan } from "../../plan/part_plan.ts";
import { listed } from "../../plan/show.ts";
import type { Pass } from "../pass.ts";
import { notHolding, type Repairs } from "../write/repairs.ts";

/** The parts of a kind. */
export type Parts = NonNullable<Resource["parts"]>;

/** The facts to report. */
export interface Told {
  readonly parts: Pick<Parts, "noun" | "writeOnly">;
  readonly desired: Readonly<Record<string, unknown>>;
  readonly observed: Readonly<Record<string, ObservedPart>>;
  readonly context: {
    readonly repairs: Repairs;
    readonly metrics: Pick<Metrics, "repaired" | "repairDamped">;
    /** Now (ms, monotonic). */
    readonly now: number;
  };
}

/** The parts that were written. */
export interface Done {
  readonly put: readonly string[];
  readonly delete: readonly string[];
}

/** The drifted parts that are left alone for a while, since each repair is undone. They are reported. */
export function dampedOf(pass: Pass, { parts, desired, observed, context }: Told, plan: PartPlan): readonly string[] {
  const { repairs, metrics, now } = context;
  const pathOf = (name: string) => `${parts.noun} ${name}`;
  const damped = plan.drifted.filter((name) => repairs.wait(pass.uid, [pathOf(name)], now) > 0);
  if (damped.length === 0) return [];
  metrics.repairDamped(pass.resource.kind);
  const told = damped.map((name) => {
    if (parts.writeOnly) return pathOf(name);
    const [wanted, got] = [own(desired, name), own(observed, name)?.value].map((value) => String(value ?? "nothing"));
    return `${pathOf(name)}: the manifest has ${wanted}, Databricks ${got}`;
  });
  pass.problem = notHolding(pass, told);
  return damped;
}

/** Reports changes by others separately from the manifest's. */
export function tell(pass: Pass, told: Told, { done, drifted }: { done: Done; drifted: readonly string[] }): void {
  const { parts, desired, observed, context } = told;
  const isDrift = (name: string) => drifted.includes(name);
  const from = (name: string) => {
    const held = own(observed, name)?.value;
    if (parts.writeOnly) return name;
    if (held === undefined) return done.put.includes(name) ? `${name} (${own(desired, name)})` : name;
    return `${name} (${held}${done.put.includes(name) ? ` to ${own(desired, name)}` : ""})`;
  };
  const clauses = (names: readonly string[], verb: string) =>
    names.length === 0 ? [] : [`${verb} ${parts.noun} ${listed(names.map(from))}`];
  const of = (isWanted: (name: string) => boolean) =>
    [...clauses(done.put.filter(isWanted), "put"), ...clauses(done.delete.filter(isWanted), "deleted")].join("; ");
  const [repaired, updated] = [of(isDrift), of((name) => !isDrift(name))];
  // A refused repair is not one that did not hold.
  const held = [...done.put, ...done.delete].filter(isDrift).map((name) => `${parts.noun} ${name}`);
  context.repairs.note(pass.uid, held, context.now);
  if (repaired !== "") context.metrics.repaired(pass.resource.kind);
  const written = [...done.put, ...done.delete];
  if (repaired !== "") {
    const message = `Databricks differed from the manifest: ${repaired}`;
    pass.report("Normal", "DriftCorrected", message, { action: "update", paths: written.filter(isDrift) });
  }
  if (updated !== "") {
    const paths = written.filter((name) => !isDrift(name));
    pass.report("Normal", "Updated", sentence(updated), { action: "update", paths });
  }
}

/** The source of a part, for advice: the Secret, or a field of the manifest. */
function sourceOf({ field, writeOnly }: Pick<Parts, "field" | "writeOnly">): string {
  return writeOnly ? "the Secret" : `spec${field === undefined ? "" : `.${field}`}`;
}

/** The message about parts that somebody else wrote. */
export function foreign(parts: Pick<Parts, "noun" | "field" | "writeOnly">, { foreign }: PartPlan, id: string): string {
  return `${parts.noun} ${
    foreign.join(", ")
  } of "${id}" exists already and was not put by this object: set annotation ` +
    `databricks-operator/adopt: "true" to overwrite it, or take it out of ${
      sourceOf(parts)
    }; until then it is left alone`;
}

/** The message about parts that an older object holds. */
export function conflict({ noun }: Pick<Parts, "noun">, { conflicts }: PartPlan, id: string): string {
  return `${noun} ${conflicts.join(", ")} of "${id}" belong to an older object: take them out of one of the two`;
}

/** The message about parts that Databricks treats as the same. */
export function merged({ noun }: Pick<Parts, "noun">, { merged }: PartPlan, secret: string): string {
  return `Secret "${secret}": ${noun}s ${listed(merged)} differ in case only, and Databricks takes them for ` +
    `one, which holds the value that was put last: rename all but one of them`;
}
