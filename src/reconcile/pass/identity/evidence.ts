/**
 * Evidence that an external resource is an object's own: the tag; or the creator, at a time at which the status says
 * that a create was under way. A name proves nothing, and neither does a finalizer.
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

/** True for an object whose status names nothing that was made: a new one, or one that has lost its status. */
export function isUntold({ object, status }: Pass): boolean {
  return status.id === undefined && status.pending === undefined && status.create_refused !== true &&
    formerUids(object).length === 0;
}

/**
 * True when the object is as its author made it. A finalizer proves nothing of what was made (`kubectl get -o yaml` prints
 * it, and people apply that elsewhere), but it is reason enough to look.
 */
export function isFirst(pass: Pass): boolean {
  return isUntold(pass) && (pass.object.metadata.finalizers ?? []).length === 0 && !mayAdopt(pass.object);
}

/** True where what a create makes carries our mark. */
export function isMarkable({ resource }: Pass, { intent }: Managed): boolean {
  return resource.mark?.({}, intent) !== undefined;
}

/** The resources among those found that are proven to be the object's. */
export async function provenOf(pass: Pass, managed: Managed, free: readonly External[]): Promise<External[]> {
  const marked = markedOf(free);
  if (marked.length > 0) return await withoutClones(pass, managed, marked);
  const isPredecessors = hasPredecessorFinalizer(pass.object);
  // A path that the predecessor's object names is there once.
  if (isPredecessors && pass.resource.identity === "natural") return [...free];
  if (!isPredecessors && pass.status.pending?.absent !== true) return [];
  const proven: External[] = [];
  for (const external of free) if (await isOurMake(pass, managed, external)) proven.push(external);
  return proven;
}

/** The resources that carry the object's mark. */
export function markedOf(found: readonly External[]): External[] {
  return found.filter((external) => external.marked === true);
}

/**
 * Of what carries the object's mark, what is its own. A clone that a person made may carry the mark too; its creator is
 * then another user. Where Databricks names no creator, or does not say who we are, and where the author names the mark that
 * the object had before, the mark is enough.
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

/** The user of our token; empty where Databricks does not return it. */
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
  /** Of these, and of what objects only follow that own nothing in Databricks. */
  readonly unowned: readonly External[];
}

/**
 * Of what has the object's name, but cannot be proven to be its own, the one that may well be: to make another one would
 * make two.
 */
export async function standsInTheWay(
  pass: Pass,
  managed: Managed,
  { free, unowned }: Namesakes,
): Promise<External | undefined> {
  // Another user made what carries our tag. It is a clone, unless ours was adopted, or was made with former credentials.
  const [doubtful] = markedOf(free).filter(({ observed }) =>
    pass.status.id === undefined || isOfAttempt(pass, managed, observed)
  );
  if (doubtful !== undefined) return doubtful;
  if (hasPredecessorFinalizer(pass.object)) return free[0];
  // A create that was refused made nothing, unless the refusal was a gateway's: then what it made is as the manifest asks.
  const mayBe = pass.status.create_refused === true ? isOurMake : mayBeOurs;
  for (const external of unowned) if (await mayBe(pass, managed, external)) return external;
}

/** True for what our own user made, and for what nobody knows who made. */
export async function mayBeOurs(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  return await isOurUsers(pass, managed, external) || await isNobodys(pass, managed, external.observed);
}

/** True where Databricks returns neither its creator nor our user; the time of the attempt is then all that is known. */
async function isNobodys(pass: Pass, managed: Managed, observed: Record<string, unknown>): Promise<boolean> {
  const { resource } = pass;
  if (resource.made === undefined || resource.once !== undefined) return false;
  const { by, at } = resource.made(observed);
  if (at !== undefined && !isDuring(at, attemptOf(pass, managed))) return false;
  return by === undefined || await ourUser(pass, managed) === "";
}

async function isOurMake(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  if (!await isOurUsers(pass, managed, external)) return false;
  // Where names are not unique, our own user may have made several of one name. Kinds that happen once use `isOurs`.
  return pass.resource.identity === "natural" || pass.resource.once !== undefined ||
    await isAsDesired(pass, managed, external.id);
}

/** True when our own user made it, during the attempt where one is known of. */
export async function isOurUsers(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  const { connection: { workspace }, intent } = managed;
  try {
    return await pass.resource.external.isOurs?.(workspace, external, { intent, attempt: attemptOf(pass, managed) }) ??
      false;
  } catch (error) {
    // Who made it may see who made it.
    if (isForGood(error)) return false;
    throw error;
  }
}

/** True for a refusal that the same call would meet again. */
function isForGood(error: unknown): boolean {
  return error instanceof DatabricksError && error.refused && !error.transient;
}

/** True for what may have been made while our create was under way. */
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
 * Returns the earliest possible time of the first attempt, if the status has none: what was made before the object is
 * not its own. An object that was recreated from its manifest is the exception: where a tag could prove ownership,
 * `OwnedByUnknown` decides; where none can, a resource counts whenever it was made.
 */
function firstAttempt(pass: Pass, managed: Managed): string | undefined {
  const { resource, object: { metadata: { creationTimestamp } } } = pass;
  if (resource.identity !== "tag") return undefined;
  // Another object is another one of what happens once.
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
