/**
 * Objects whose source of truth is Databricks: `spec` is updated from the observed state.
 *
 * @module
 */
import { canonicalJson } from "../../../base/json.ts";
import { hashOf, project, without } from "../../plan/fields.ts";
import { isIngestible, type Owner, type Resource } from "../../../resource.ts";
import { tellsOther } from "../../plan/contradiction.ts";
import { toldSpec } from "../../plan/told_spec.ts";
import type { Context } from "../context.ts";
import type { Managed, Pass } from "../pass.ts";
import { type Baseline, BASELINE_VERSION, observedFingerprint } from "../../plan/baseline.ts";
import { conditionOf } from "../../object/conditions.ts";
import { mergePatch } from "../../../base/merge_patch.ts";
import type { Work } from "../work.ts";

/** Writers that do not come back by themselves: their edits are reverted like any other. */
const BY_HAND = /^kubectl-(edit|patch|replace|create|scale)$/;

/**
 * True if a list's row shows that nothing changed: only a get returns everything that belongs in `spec`. The conditions may
 * be of an older generation than the baseline, since that is written first: then there is something left to report.
 */
export function isFollowed(work: Work): boolean {
  const { pass, managed } = work;
  const { baseline, id = "" } = pass.status;
  const row = work.here.observations.row(id);
  const synced = conditionOf(pass.status.conditions, "Synced");
  return row !== undefined && synced?.status === "True" && synced.observedGeneration === pass.generation &&
    baseline?.applied === undefined && baseline?.observed !== undefined && baseline.generation === pass.generation &&
    (baseline.listed ?? hashOf(baseline.observed)) === rowHashOf(pass, managed, row);
}

/** True if `spec` equals a list's row, and no get has returned more. */
export function isShown(pass: Pass, { intent }: Managed, row: Record<string, unknown>): boolean {
  const { baseline } = pass.status;
  return (baseline === undefined || baseline.from === "list") && specPatch(pass, row, intent.owner.tag) === undefined;
}

/** Identifies a list's row. */
function rowHashOf(pass: Pass, { intent }: Managed, row: Record<string, unknown>): string {
  return hashOf(fingerprintOf(pass.resource, row, intent.owner));
}

/** Following compares all fields, also those that a manifest leaves alone unless it names them. */
function fingerprintOf(resource: Resource, observed: Record<string, unknown>, owner: Owner) {
  const { comparableSchema, fields } = resource;
  const known = project(comparableSchema, resource.comparable(observed, owner), {}) as Record<string, unknown>;
  return observedFingerprint(without(known, fields.outputOnly ?? []), fields);
}

/** Updates `spec` and status to the state in Databricks. */
export async function followDatabricks(work: Work, observed: Record<string, unknown>): Promise<void> {
  const { context, pass, managed } = work;
  const { resource, status } = pass;
  const { connection, intent } = managed;
  const seen = fingerprintOf(resource, observed, intent.owner);
  const { observations } = work.here;
  const row = observations.row(status.id ?? "");
  const isSame = status.baseline?.applied === undefined &&
    canonicalJson(status.baseline?.observed) === canonicalJson(seen);
  const isDisputed = row !== undefined && isContradicted(work, { row, observed, isSame }) &&
    !observations.contradict(status.id ?? "");
  const newest = row === undefined ? undefined : rowHashOf(pass, managed, row);
  const listed = newest === undefined || isDisputed ? status.baseline?.listed : newest;
  const isUnchanged = isSame ||
    (status.baseline?.applied === undefined && isSameRow(status.baseline, newest ?? status.baseline?.listed));
  const patch = specPatch(pass, observed, intent.owner.tag);
  const hasApplier = (pass.object.metadata.specManagers ?? []).some((manager) => !BY_HAND.test(manager));
  if (patch !== undefined) reportEdit(pass);
  // Somebody keeps this spec in Git: both sides would overwrite each other forever, so Databricks' state is written
  // once, and then again only when it changes.
  const isQuarrel = isUnchanged && hasApplier;
  const isFollowed = patch !== undefined && !isQuarrel;
  if (isFollowed) await pass.patchSpec(patch);
  // The spec belongs to somebody else for as long as Databricks' state stays the same.
  else if (patch !== undefined) await pass.releaseSpec();
  status.baseline = {
    version: BASELINE_VERSION,
    api: resource.apiVersion(connection.workspace),
    generation: pass.generation,
    observed: seen,
    ...(listed === undefined || listed === hashOf(seen) ? {} : { listed }),
    ...(isRow(context, pass) ? { from: "list" } : {}),
  };
  // Whatever happens to the object meanwhile: it is known from here on that this state of Databricks was written.
  if (isFollowed) await pass.save({ evenIfStale: true });
  if (patch !== undefined && isQuarrel) return pass.setFailed("OwnedByDatabricks", owned, { stalled: true });
  pass.setReady(`${resource.noun} ${status.id} is followed: Databricks is the source of truth`);
}

interface Told {
  readonly row: Record<string, unknown>;
  readonly observed: Record<string, unknown>;
  /** True if `observed` is the state in the baseline. */
  readonly isSame: boolean;
}

/** True if a get does not show what the newest row shows: see {@link tellsOther}. */
function isContradicted({ pass, managed }: Work, { row, observed, isSame }: Told): boolean {
  const { status: { baseline }, resource } = pass;
  const hash = rowHashOf(pass, managed, row);
  const known = baseline?.applied === undefined ? baseline?.listed ?? hashOf(baseline?.observed) : undefined;
  if (hash === known || hash === hashOf(fingerprintOf(resource, observed, managed.intent.owner))) return false;
  const told = (answer: Record<string, unknown>) => resource.comparable(answer, managed.intent.owner);
  return isSame || tellsOther(told(observed), told(row), resource.fields);
}

const owned = "Databricks is the source of truth of this object, so its spec is not applied: " +
  'set annotation databricks-operator/owner: "operator" to hand it over to the manifest';

/** True if the baseline is from a list's row that has not changed: a get that returns more is not a change. */
function isSameRow(baseline: Baseline | undefined, listed: string | undefined): boolean {
  return baseline?.from === "list" && listed === (baseline.listed ?? hashOf(baseline.observed));
}

/** True if the newest observation of the resource is a list's row. */
function isRow(context: Context, { place, status, resource }: Pass): boolean {
  return resource.external.rows !== "whole" &&
    context.state.in(place).observations.fresh(status.id ?? "")?.form === "row";
}

/** Emits an Event for an edit of the manifest that has no effect here; it says how to give it one. */
function reportEdit(pass: Pass): void {
  const known = pass.status.baseline?.generation;
  if (known !== undefined && known !== pass.generation) pass.event("Warning", "OwnedByDatabricks", owned);
}

/** The difference in the fields that Databricks returns; the user's own fields (`run`, `secret_name`) stay. */
function specPatch(pass: Pass, observed: Record<string, unknown>, tag: string): Record<string, unknown> | undefined {
  const told = isIngestible(pass.resource) ? toldSpec(pass.resource, observed, tag) : {};
  const spec = (pass.object.spec ?? {}) as Record<string, unknown>;
  const current = Object.fromEntries(Object.keys(told).map((field) => [field, spec[field]]));
  return mergePatch(current, told);
}
