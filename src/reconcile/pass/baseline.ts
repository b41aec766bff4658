/**
 * What of manifest and answer is compared, and the baseline that status keeps of both.
 *
 * @module
 */
import { project, without } from "../plan/fields.ts";
import type { Managed, Pass } from "./pass.ts";
import { appliedFingerprint, type Baseline, BASELINE_VERSION, observedFingerprint } from "../plan/plan.ts";

/** What the manifest asks for, without what is written part by part. */
export function comparedDesired(pass: Pass, { intent }: Managed): Record<string, unknown> {
  const field = pass.resource.parts?.field;
  return field === undefined ? intent.desired : without(intent.desired, [field]);
}

/** What of an observed resource counts: known fields and those that the manifest speaks of, without what is computed. */
export function comparedObserved(pass: Pass, managed: Managed, observed: Record<string, unknown>) {
  const { resource } = pass;
  const compared = resource.comparable(observed, managed.intent.owner);
  const known = project(resource.comparableSchema, compared, managed.intent.desired) as Record<string, unknown>;
  return without(known, resource.fields.outputOnly ?? []);
}

/** The baseline after a write: what was asked for. What Databricks made of it is observed soon. */
export function writtenBaseline(pass: Pass, managed: Managed, options: { created?: boolean } = {}): Baseline {
  const { resource } = pass;
  return {
    version: BASELINE_VERSION,
    api: resource.apiVersion(managed.connection.workspace),
    generation: pass.generation,
    applied: appliedFingerprint(comparedDesired(pass, managed), resource.fields, options),
  };
}

/** The baseline of what Databricks holds now. */
export function observedBaseline(pass: Pass, managed: Managed, observed: Record<string, unknown>): Baseline {
  const fingerprint = observedFingerprint(comparedObserved(pass, managed, observed), pass.resource.fields);
  return { ...writtenBaseline(pass, managed), observed: fingerprint };
}

/** True while it is not known what Databricks made of our last write. */
export function needsBaseline({ status: { baseline } }: Pass): boolean {
  return baseline !== undefined && baseline.observed === undefined;
}
