/**
 * Observes an object's external resource with as few calls as possible.
 *
 * @module
 */
import { isEmpty } from "../../plan/diff.ts";
import { comparedObserved } from "../write/baseline.ts";
import type { Context } from "../context.ts";
import { isFollowed, isShown } from "../write/follow.ts";
import { attempt } from "../../object/attempt.ts";
import { isTaggedByOther, refuseIfRowIsOthers } from "../identity/strangers.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Managed, Pass } from "../pass.ts";
import { isSettled } from "./settled.ts";
import type { Plan } from "../../plan/plan.ts";
import { conditionOf } from "../../object/conditions.ts";
import { ownershipOf, type Status, statusOf } from "../../object/status.ts";
import { REASONS as STANDING } from "../write/standing.ts";
import { decide } from "../write/decide.ts";
import { requestOf } from "../manifest/manifest.ts";
import type { Resource } from "../../../resource.ts";
import type { Work } from "../work.ts";

/**
 * An observed resource; `absent` if it is gone, `unknown` if a read is pending anyway, `listed` if a list's row is
 * enough.
 */
export type Seen = Record<string, unknown> | "absent" | "unknown" | "listed";
/** The result of a read: `given-away` if another object's resource has the id now. */
export type Look = Seen | "given-away";

/** The resource: its last observation if that is still valid, otherwise a new get. */
export async function see(work: Work, id: string): Promise<Look> {
  const { context, pass, managed } = work;
  const { observations, sweeper } = work.here;
  const known = observations.fresh(id);
  const isSettledYet = known !== undefined && isSettled(pass.resource, known.observed);
  if (isSettledYet && !(known.partial && needsWhole(context, managed)) && !sweeper.isDue(id)) {
    const seen = stillOurs(work, known.observed);
    if (seen === "given-away" || known.form === "whole" || pass.resource.external.rows === "whole") return seen;
    if (isEnough(work)) return "listed";
    if (ownershipOf(pass.object) === "api" && isShown(pass, managed, known.observed)) return seen;
  } else if (sweeper.awaitsBaseline(pass.key) && pass.resource.state === undefined && !isUnfinished(work)) {
    return "unknown";
  }
  return await seeAnew(work, { id });
}

/** True if steps follow a create and only a read tells which: until then the object does not match its manifest. */
function isUnfinished(work: Work): boolean {
  const { resource: { external }, status: { baseline } } = work.pass;
  return external.steps !== undefined && baseline?.created === true && decide(work, "unknown").action === "look";
}

/** The resource, from a new get. */
export async function seeAnew(
  work: Work,
  { id, what }: { readonly id: string; readonly what?: string },
): Promise<Look> {
  const now = await look(work, id, what);
  return now === undefined ? "absent" : stillOurs(work, now);
}

/** A planned write to a resource that may have received another object's tag since the last observation. */
export interface Intended {
  readonly decided: Plan;
  /** The counter when the pass began, as in observations. */
  readonly begun: number;
}

/**
 * True if a resource must be read before it is written or run, since its last observation is from before this pass.
 * Edits and runs are rare, so one more get is cheap. A repair needs none, since a sweep has just shown the drift;
 * unless sweeps fail, and the drift comes from the last one that did not.
 */
export function looksFirst(work: Work, { decided, begun }: Intended): boolean {
  const { pass: { resource, status }, managed: { connection: { settings }, spec } } = work;
  if (resource.ownerUid === undefined || settings.ownershipTag === "") return false;
  const { observations, sweeper } = work.here;
  const isEdit = decided.action === "update" && (decided.cause === "manifest" || sweeper.isStuck);
  if (!isEdit && !isNewRun(resource, status, spec)) return false;
  return (observations.fresh(status.id ?? "")?.since ?? 0) < begun;
}

/** True if `spec.run` requests a run that was not requested yet. */
function isNewRun({ runs }: Resource, { run_request }: Status, spec: Record<string, unknown>): boolean {
  const hash = runs && requestOf(runs, spec);
  return hash !== undefined && hash !== run_request?.hash;
}

/** True if a list's row leaves nothing to read. */
function isEnough(work: Work): boolean {
  const { pass } = work;
  if (ownershipOf(pass.object) === "api") return isFollowed(work);
  // A row does not show whether the last report still holds.
  const told = conditionOf(statusOf(pass.object).conditions, "Synced");
  if (told !== undefined && STANDING.includes(told.reason)) return false;
  work.onRow = decide(work, "listed");
  return work.onRow.action !== "look";
}

/**
 * Reads the resource from Databricks.
 *
 * @param what What an error would prevent.
 */
export async function look(work: Work, id: string, what = `Cannot read ${work.pass.label}`) {
  const { pass, managed } = work;
  const { observations, sweeper } = work.here;
  const since = observations.begin();
  const { connection: { workspace }, intent } = managed;
  const observed = await attempt(what, async () => await pass.resource.external.observe(workspace, id, intent));
  observations.put(id, observed, since);
  const row = observations.row(id);
  // Fields that a row omits matter only if nothing else shows that they have changed.
  const isStamped = observed !== undefined && pass.resource.stamp?.(observed) !== undefined;
  const isHiding = row === undefined || observed === undefined || isStamped
    ? undefined
    : isLess(pass, managed, { row, observed });
  sweeper.looked(id, isHiding === undefined ? {} : { isHiding });
  return observed;
}

/** True if a list's row omits a field that a get returns. */
function isLess(pass: Pass, managed: Managed, told: Record<"row" | "observed", Record<string, unknown>>): boolean {
  const row = comparedObserved(pass, managed, told.row);
  const whole = comparedObserved(pass, managed, told.observed);
  return Object.keys(whole).some((field) => !Object.hasOwn(row, field) && !isEmpty(whole[field]));
}

/** A list omits parts; that matters only if the manifest has some. */
function needsWhole({ resource }: Context, { intent }: Managed): boolean {
  const field = resource.parts?.field;
  return field === undefined || intent.desired[field] !== undefined;
}

/**
 * An id may belong to another resource after the object's own is gone (a workspace that was set up anew). If the object
 * that its tag names holds it, the own one is gone; if the tag names no known object, a person has to look.
 */
function stillOurs(work: Work, observed: Record<string, unknown>): Look {
  const { context, pass, managed } = work;
  const cut = pass.resource.cut?.(observed);
  if (cut !== undefined) {
    throw new BlockedError("ReadInPart", `${pass.externalLabel} was read in part only: ${cut}`, "retry");
  }
  if (ownershipOf(pass.object) === "api") return observed;
  const id = pass.status.id ?? "";
  if (!isTaggedByOther(pass, managed, observed)) {
    refuseIfRowIsOthers(pass, work.here.observations.row(id), managed.connection.settings.ownershipTag);
    return observed;
  }
  if (context.state.holders(managed.connection.workspace.host, pass.uid).has(id)) return "given-away";
  throw new BlockedError(
    "OwnedByAnother",
    `${pass.resource.noun} ${id} carries the tag "${managed.connection.settings.ownershipTag}" of another object now: ` +
      `if it is to be this object's, remove the tag in Databricks; else delete this object and create it again`,
  );
}
