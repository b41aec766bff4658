/**
 * Evidence that an external resource is an object's own: the tag; or the creator, at a time at which the status says
 * that a create was in progress. A name proves nothing, and neither does a finalizer.
 *
 * @module
 */
import { isSameUser } from "../../../databricks/current_user.ts";
import { DatabricksError } from "../../../databricks/errors.ts";
import { type Attempt, type External, isDuring } from "../../../resource.ts";
import { comparedDesired, comparedObserved } from "../write/baseline.ts";
import { disagreements } from "../../plan/diff.ts";
import type { Managed, Pass } from "../pass.ts";
import { formerUids, hasPredecessorFinalizer, mayAdopt } from "../../object/status.ts";

/** True for an object whose status names no resource: a new one, or one that has lost its status. */
export function isUntold({ object, status }: Pass): boolean {
  return status.id === undefined && status.pending === undefined && status.create_refused !== true &&
    formerUids(object).length === 0;
}

/**
 * True if the object is as its author wrote it. A finalizer does not prove that something was created (`kubectl get -o
 * yaml` prints it, and people apply that elsewhere), but it is reason enough to search.
 */
export function isFirst(pass: Pass): boolean {
  return isUntold(pass) && (pass.object.metadata.finalizers ?? []).length === 0 && !mayAdopt(pass.object);
}

/** True if a create adds the operator's mark. */
export function isMarkable({ resource }: Pass, { intent }: Managed): boolean {
  return resource.mark?.({}, intent) !== undefined;
}

/** The resources among the candidates that are proven to be the object's. */
export async function provenOf(pass: Pass, managed: Managed, free: readonly External[]): Promise<External[]> {
  const marked = markedOf(free);
  if (marked.length > 0) return await withoutClones(pass, managed, marked);
  if (!hasPredecessorFinalizer(pass.object) && pass.status.pending?.absent !== true) return [];
  const proven: External[] = [];
  for (const external of free) if (await isOurMake(pass, managed, external)) proven.push(external);
  return proven;
}

/** The resources that carry the object's mark. */
export function markedOf(found: readonly External[]): External[] {
  return found.filter((external) => external.marked === true);
}

/**
 * The object's own resources among those with its mark. A clone that a person made may also carry the mark; its creator
 * is then another user. If Databricks returns no creator, or not the operator's own user, or if the author names the
 * object's former mark, the mark is enough.
 */
export async function withoutClones(pass: Pass, managed: Managed, marked: readonly External[]): Promise<External[]> {
  const creatorOf = ({ observed }: External) => pass.resource.made?.(observed).by;
  if (formerUids(pass.object).length > 0 || marked.every((external) => creatorOf(external) === undefined)) {
    return [...marked];
  }
  const us = await ourUser(pass, managed);
  if (us === "") return [...marked];
  return marked.filter((external) => creatorOf(external) === undefined || isSameUser(creatorOf(external), us));
}

/** The operator's own user; empty if Databricks does not return it. */
async function ourUser({ resource }: Pass, { connection: { workspace } }: Managed): Promise<string> {
  try {
    return await resource.external.self?.(workspace) ?? "";
  } catch (error) {
    if (isForGood(error)) return "";
    throw error;
  }
}

/** The resources with an object's name that other objects leave to it. */
export interface Namesakes {
  /** The resources that no other object holds, and that carry no other object's tag. */
  readonly free: readonly External[];
  /** These, and those that are only followed by objects which own nothing in Databricks. */
  readonly unowned: readonly External[];
}

/** The resource with the object's name that may well be its own, without proof: creating another one could make two. */
export async function standsInTheWay(
  pass: Pass,
  managed: Managed,
  { free, unowned }: Namesakes,
): Promise<External | undefined> {
  // Another user created a resource with the object's tag. It is a clone, unless it was adopted, or created with former
  // credentials.
  const [doubtful] = markedOf(free).filter(({ observed }) =>
    pass.status.id === undefined || isOfAttempt(pass, managed, observed)
  );
  if (doubtful !== undefined) return doubtful;
  if (hasPredecessorFinalizer(pass.object)) return free[0];
  // A refused create made nothing, unless a gateway refused it: then the resource matches the manifest.
  const mayBe = pass.status.create_refused === true ? isOurMake : mayBeOurs;
  for (const external of unowned) if (await mayBe(pass, managed, external)) return external;
}

/** True for a resource that the operator's own user created, and for one whose creator is unknown. */
export async function mayBeOurs(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  return await isOurUsers(pass, managed, external) || await isNobodys(pass, managed, external.observed);
}

/**
 * True if Databricks returns neither its creator nor the operator's user; then only the time of the attempt is known.
 */
async function isNobodys(pass: Pass, managed: Managed, observed: Record<string, unknown>): Promise<boolean> {
  const { resource } = pass;
  if (resource.made === undefined || resource.once !== undefined) return false;
  const { by, at } = resource.made(observed);
  if (at !== undefined && !isDuring(at, attemptOf(pass, managed))) return false;
  return by === undefined || await ourUser(pass, managed) === "";
}

async function isOurMake(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  if (!await isOurUsers(pass, managed, external)) return false;
  // Where names are not unique, the operator's user may have created several of one name. One-time kinds use `isOurs`.
  return pass.resource.identity === "natural" || pass.resource.once !== undefined ||
    await isAsDesired(pass, managed, external.id);
}

/** True if the operator's own user created it, during the attempt if one is known. */
export async function isOurUsers(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  const { connection: { workspace }, intent } = managed;
  try {
    const isTakeOver = hasPredecessorFinalizer(pass.object);
    const options = { intent, attempt: attemptOf(pass, managed), isTakeOver };
    return await pass.resource.external.isOurs?.(workspace, external, options) ?? false;
  } catch (error) {
    // A user who created it could see its creator.
    if (isForGood(error)) return false;
    throw error;
  }
}

/** True for a refusal that the same call would meet again. */
function isForGood(error: unknown): boolean {
  return error instanceof DatabricksError && error.refused && !error.transient;
}

/** True for a resource that may have been created while the object's create was in progress. */
function isOfAttempt(pass: Pass, managed: Managed, observed: Record<string, unknown>): boolean {
  const { since = Infinity, until = since } = attemptOf(pass, managed);
  const at = pass.resource.made?.(observed).at ?? since;
  return isDuring(at, { since, until });
}

function attemptOf(pass: Pass, managed: Managed): Attempt {
  const { status: { pending } } = pass;
  const since = pending?.since ?? firstAttempt(pass, managed);
  return {
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(pending?.until === undefined ? {} : { until: Date.parse(pending.until) }),
  };
}

/**
 * Returns the earliest possible time of the first attempt, if the status has none: a resource that is older than the
 * object is not its own. An object that was recreated from its manifest is the exception: if a tag could prove
 * ownership, `OwnedByUnknown` decides; if none can, a resource counts whenever it was created.
 */
function firstAttempt(pass: Pass, managed: Managed): string | undefined {
  const { resource, object: { metadata: { creationTimestamp } } } = pass;
  if (resource.identity !== "tag") return undefined;
  // A new object of a one-time kind means a new resource.
  if (resource.once !== undefined) return creationTimestamp;
  const isHeld = !isMarkable(pass, managed) && managed.connection.settings.holdOwnedByUnknown;
  return isHeld ? undefined : creationTimestamp;
}

async function isAsDesired(pass: Pass, managed: Managed, id: string): Promise<boolean> {
  const whole = await pass.resource.external.observe(managed.connection.workspace, id, managed.intent);
  if (whole === undefined) return false;
  const { fields } = pass.resource;
  return disagreements(comparedDesired(pass, managed), comparedObserved(pass, managed, whole), fields).length === 0;
}
