/**
 * Deletes the external resource of a deleted object. The finalizer is removed only when the resource is gone, or is to
 * be retained.
 *
 * @module
 */
import type { Intent } from "../../../resource.ts";
import { shorten } from "../../../base/text.ts";
import { isGone, isListed, refuseIfListed } from "../external/absence.ts";
import type { Context } from "../context.ts";
import { isConnected, type WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { tellApart } from "../identity/letter_case.ts";
import type { Connections } from "../../connect/connections.ts";
import { isMarkable } from "../identity/evidence.ts";
import { isListTelling } from "../identity/hold.ts";
import { identify, refuseElsewhere } from "../identity/identity.ts";
import { isToldByLists, otherOwnerOf, refuseIfRowIsOthers } from "../identity/strangers.ts";
import { InTheWayError } from "../identity/in_the_way.ts";
import { heirsOf } from "../identity/successor.ts";
import { readIfReadable, readWithoutValues } from "../manifest/manifest.ts";
import { awaitApproval, releaseUnwritten } from "../approve/deletion.ts";
import { deleteParts, partsIn } from "../parts/part_removal.ts";
import { attempt } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import { withoutCredentials } from "./left_behind.ts";
import { ENDED, endOnce, isGoing } from "./end.ts";
import { letGo } from "./let_go.ts";
import { after, type Next } from "../next.ts";
import type { Managed, Pass } from "../pass.ts";
import { Removal } from "./removal.ts";
import { releaseKept, takeMarkOff } from "./release.ts";
import { isUninstalling } from "./surroundings.ts";
import { annotation, hasFinalizer, hasPredecessorFinalizer, ownershipOf } from "../../object/status.ts";

/** The longest list of names in an Event (characters). */
const MAX_NAMES = 400;

/** Deletes an object's external resource; the object is reconciled again while Databricks still shows it. */
export async function remove(context: Context, pass: Pass): Promise<Next> {
  const removal = new Removal(context, pass);
  try {
    return await removeExternal(removal);
  } catch (error) {
    const next = await withoutCredentials(pass, error, { waitMs: removal.abandonMs(), client: context.client });
    return next === "abandon" ? await letGo(pass, "LeftBehind") : next;
  }
}

async function removeExternal(removal: Removal): Promise<Next> {
  const { context, pass } = removal;
  if (!hasFinalizer(pass.object) && !hasPredecessorFinalizer(pass.object)) return "done";
  for (const holders of [context.secrets, context.configMaps]) holders.release(removal.user);
  if (await isUninstalling(context.client, pass)) return await letGo(pass, "Released");
  if (ownershipOf(pass.object) === "api") {
    await attempt(`Cannot release ${pass.label}`, () => takeMarkOff(removal));
    return await letGo(pass, "Released");
  }
  if (pass.status.final === true) return await letGo(pass, "Released", ENDED);
  const released = await releaseUnwritten(removal);
  if (released !== undefined) return released;
  const keeps = isKept(pass);
  if (keeps && isOutOfReach(pass, context.connections)) {
    return await letGo(pass, pass.status.id === undefined ? "Released" : "Retained");
  }
  const connection = removal.connection();
  pass.principal = connection.principal;
  if (waitsForList(removal, connection)) return "done";
  if (keeps && pass.status.id === undefined) return await retain(removal, connection);
  pass.setReconciling("Deleting", `Deleting ${pass.label}`);
  const id = await idOf(removal, connection);
  // A resource that the predecessor never bound may be somebody else's, so it stays.
  if (id === undefined) return await letGo(pass, hasPredecessorFinalizer(pass.object) ? "Released" : "Deleted");
  if (typeof id === "object") {
    if ("waitMs" in id) return after(removal.nextLookMs(id.waitMs));
    return await letGo(pass, "Released", id.unproven);
  }
  if (keeps) return await retain(removal, connection);
  const spelled = { workspace: connection.workspace, id, uid: pass.uid };
  await attempt(`Cannot tell whose ${pass.label} is`, () => tellApart(context.state, spelled));
  if (removal.otherOwners(connection).has(id) && pass.resource.external.create !== undefined) {
    return await letGo(pass, "Released");
  }
  const { doubtMs } = removal;
  if (doubtMs > 0) return after(doubtMs);
  pass.status.id = id;
  const why = await attempt(`Cannot read ${pass.label}`, () => whyItStays(removal, connection, id));
  if (why !== undefined) return await letGo(pass, "Released", why);
  if (pass.resource.once !== undefined) return await endOnce(removal, connection, intentOf(pass, connection));
  const waiting = await awaitApproval(removal, connection);
  if (waiting !== undefined) return waiting;
  return await attempt(`Cannot delete ${pass.label}`, () => deleteExternal(removal, connection));
}

/** The first list shows resources with the object's tag, whatever their names are now; then it queues the object. */
function waitsForList({ pass, context: { connections, state } }: Removal, connection: WorkspaceConnection): boolean {
  return isListTelling(pass, connection) && isConnected(connections.of(pass.place)) &&
    state.in(pass.place).sweeper.defers(pass.key);
}

/**
 * The id to delete; or the delay before the next search; or the reason to leave what may exist; or that there is none.
 */
type Target = string | { readonly waitMs: number } | { readonly unproven: string } | undefined;

async function idOf(removal: Removal, connection: WorkspaceConnection): Promise<Target> {
  const { pass, pass: { status } } = removal;
  if (status.id === undefined) refuseElsewhere(pass, connection);
  if (status.id !== undefined) {
    const isHere = status.workspace === undefined || status.workspace === connection.workspace.host;
    if (isHere && status.pending === undefined) return status.id;
    // A successor may have been created: delete it, or else the resource that is presumed gone.
    if (isHere) return await oursFromACreate(removal, connection) ?? status.id;
    throw new BlockedError(
      "WorkspaceChanged",
      `Cannot delete ${pass.label}: it is in workspace "${status.workspace}", but the API Secret now names ` +
        `"${connection.workspace.host}": point the Secret back, or set annotation databricks-operator/deletion-policy: retain`,
    );
  }
  if (status.pending === undefined && status.create_refused === true && !mayBeTagged(pass, connection)) {
    return undefined;
  }
  if (status.pending === undefined && !hasFinalizer(pass.object)) return predecessorsId(removal, connection);
  return await oursFromACreate(removal, connection);
}

/** The refusal may have come from a gateway; if only a name identifies the resource, it is believed. */
function mayBeTagged(pass: Pass, connection: WorkspaceConnection): boolean {
  const { identity, once } = pass.resource;
  return identity === "tag" && once === undefined && intentOf(pass, connection) !== undefined;
}

/**
 * Only a resource that is proven to be the object's is deleted; one that a person would have had to decide about never
 * was.
 */
async function oursFromACreate(removal: Removal, connection: WorkspaceConnection): Promise<Target> {
  const { pass } = removal;
  const managed = readWithoutValues(pass, connection);
  const notProven = (what: string) => ({ unproven: `nothing proves that this object made ${what}` });
  try {
    const identity = await identify(pass, managed, removal.identityOptions(managed));
    if (identity.how === "wait") return { waitMs: identity.waitMs };
    if (identity.how === "ours") return identity.id;
    if (identity.how !== "none") return notProven(`${pass.resource.noun} ${identity.id}`);
    return noneFound(pass, managed);
  } catch (error) {
    if (error instanceof InTheWayError) return notProven(`${pass.resource.noun} ${error.id}`);
    if (error instanceof BlockedError && error.wait === "change") return notProven("one");
    throw error;
  }
}

/**
 * No resource has the name. One that was renamed since shows only in a list, by its tag; without a tag, a person has to
 * look.
 */
function noneFound(pass: Pass, managed: Managed): Target {
  const { resource, resource: { noun, once }, status: { pending } } = pass;
  const isTold = isToldByLists(resource) && isMarkable(pass, managed);
  if (pending === undefined || once !== undefined || isTold) return undefined;
  const name = pending.name === undefined ? "" : ` named "${pending.name}"`;
  return { unproven: `a create for it got no answer at ${pending.since} and no ${noun}${name} was found` };
}

/**
 * Returns the reason not to delete a resource: its id may belong to another resource by now; or the resource is gone,
 * and a status that was rolled back does not name its successor. A successor that is proven to be the object's takes
 * its place.
 */
async function whyItStays(
  removal: Removal,
  connection: WorkspaceConnection,
  id: string,
): Promise<string | undefined> {
  const { pass, pass: { resource: { external } } } = removal;
  if (external.create === undefined || pass.resource.once !== undefined) return;
  const { workspace } = connection;
  const observed = await external.observe(workspace, id);
  removal.isMissed = observed === undefined;
  if (observed === undefined) {
    const intent = intentOf(pass, connection);
    if (!removal.isErased(id)) await refuseIfListed(pass, { workspace, id, intent, here: removal.here });
    return await turnToSuccessor(removal, connection);
  }
  const { ownershipTag } = connection.settings;
  const stranger = otherOwnerOf(pass, observed, ownershipTag);
  if (stranger !== undefined) return `it carries the tag of another object (${stranger})`;
  refuseIfRowIsOthers(pass, removal.here.observations.row(id), ownershipTag);
  return undefined;
}

/** @returns why the successor stays, if there is one that is not proven to be the object's. */
async function turnToSuccessor(removal: Removal, connection: WorkspaceConnection): Promise<string | undefined> {
  const { pass } = removal;
  const managed = readIfReadable(pass, connection);
  if (managed === undefined || isNamedById(pass, managed)) return;
  const { proven, unproven } = await heirsOf(pass, managed, removal.identityOptions(managed));
  const [first] = proven;
  if (first === undefined && unproven.length === 0) return;
  if (first === undefined || proven.length + unproven.length > 1) {
    const ids = [...proven, ...unproven].map((one) => one.id).join(", ");
    return `it is gone, and nothing proves that this object made ${pass.resource.noun} ${ids} in its place`;
  }
  pass.setExternal(connection, first.id);
  await pass.save();
}

/** True if the name is the id, so that there can be no successor. */
function isNamedById({ resource, status }: Pass, { intent }: Managed): boolean {
  return resource.naturalKey?.(intent.desired).toLowerCase() === status.id?.toLowerCase();
}

/** The id that the predecessor wrote into `spec`. Without one it never created anything. */
function predecessorsId(removal: Removal, connection: WorkspaceConnection): string | undefined {
  const { pass } = removal;
  const { spec } = readWithoutValues(pass, connection);
  const id = pass.resource.specId?.(spec);
  return id === undefined || removal.otherOwners(connection).has(id) ? undefined : id;
}

/**
 * True if there are no credentials, or only those of another workspace. A resource to retain can be released without
 * them.
 */
function isOutOfReach({ place, status }: Pass, connections: Connections): boolean {
  const host = connections.lastKnown(place)?.workspace.host;
  return host === undefined || (status.workspace !== undefined && status.workspace !== host);
}

/** Releases a resource that is to be retained. */
async function retain(removal: Removal, connection: WorkspaceConnection): Promise<"done"> {
  const { pass } = removal;
  await attempt(`Cannot release ${pass.label}`, () => releaseKept(removal, connection));
  return await letGo(pass, pass.status.id === undefined ? "Released" : "Retained");
}

async function deleteExternal(removal: Removal, connection: WorkspaceConnection): Promise<Next> {
  const { pass, context: { state, erased, missedParts: missed, clock, timings: { missMs } } } = removal;
  const { external, parts } = pass.resource;
  const { id = "" } = pass.status;
  const { observations, partReads: reads } = state.in(pass.place);
  observations.wrote(id);
  if (external.delete === undefined) {
    const { workspace } = connection;
    const older = state.olderParts(pass.object, id, pass.status.workspace);
    const looks = { reads, missed, read: observations.begin(), now: clock.monotonic(), missMs };
    const { ours, shown, isDoubtful } = await deleteParts(pass, { workspace, id, older, ...looks });
    if (isDoubtful || await holdsAny(pass, connection, id, shown)) return after(missMs);
    // A status that was rolled back may name fewer parts than exist.
    if (ours.length === 0) return await letGo(pass, "Released", `its status names no ${parts?.noun} that it put`);
    return await letGo(pass, "Deleted", shorten(ours.join(", "), MAX_NAMES));
  }
  const { workspace } = connection;
  const intent = intentOf(pass, connection);
  if (!removal.isErased(id) && !await isGoing(pass.resource, workspace, id)) {
    await external.delete(workspace, id, intent);
    erased.set(pass.uid, id);
  }
  if (!await isGone(pass.resource, { workspace, id, intent })) {
    pass.setReconciling("Deleting", `${pass.externalIs} deleted, but still there; looking again`);
    return after(pass.resource.state === undefined ? missMs : removal.waitMs());
  }
  observations.drop(id);
  return await letGo(pass, "Deleted");
}

/**
 * True if the external resource is to be retained: because its object says so, or because it holds data and the object
 * does not say.
 */
function isKept({ object, resource: { dangers } }: Pass): boolean {
  const policy = annotation(object, "deletionPolicy");
  return policy === "retain" || (policy === undefined && dangers?.deletesData !== undefined);
}

/** True while a resource shows some of the deleted parts, or cannot be read without being certainly gone. */
async function holdsAny(
  pass: Pass,
  connection: WorkspaceConnection,
  id: string,
  names: readonly string[],
): Promise<boolean> {
  if (names.length === 0) return false;
  const { resource } = pass;
  const { workspace } = connection;
  const observed = await resource.external.observe(workspace, id);
  if (observed === undefined) return await isListed(resource, { workspace, id, intent: intentOf(pass, connection) });
  const there = resource.parts === undefined ? {} : partsIn(resource.parts, observed);
  return names.some((name) => Object.hasOwn(there, name));
}

/** The desired state, if the manifest is still valid: its name makes lists short. */
function intentOf(pass: Pass, connection: WorkspaceConnection): Intent | undefined {
  return readIfReadable(pass, connection)?.intent;
}
