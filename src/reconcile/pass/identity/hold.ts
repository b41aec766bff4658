/**
 * Holds the first create for an object while a resource of the same name carries an unknown object's tag: the manifest
 * may have been applied already, by another cluster or before its CRD was deleted. A person decides.
 *
 * @module
 */
import type { Mark } from "../../observe/marks.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { refuseIfListed } from "../external/absence.ts";
import { look } from "../external/observe.ts";
import { AttemptError } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import { nameOf } from "../../../resource.ts";
import type { Pass } from "../pass.ts";
import { isToldByLists, ownedByUnknown } from "./strangers.ts";
import { ownershipOf } from "../../object/status.ts";
import type { Work } from "../work.ts";

/** True if a list shows the resources with the object's own tag. */
export function isListTelling({ resource, object }: Pass, { settings }: WorkspaceConnection): boolean {
  return isToldByLists(resource) && settings.ownershipTag !== "" && ownershipOf(object) === "operator";
}

/** True while the first list, which shows all objects' resources, is pending. */
export function waitsForList(work: Work): boolean {
  const { pass, managed } = work;
  return pass.status.id === undefined && isListTelling(pass, managed.connection) &&
    work.here.sweeper.defers(pass.key);
}

/**
 * Refuses a create if a resource of that name carries the tag of an object that is unknown here.
 *
 * @throws {BlockedError}, or the error that prevents listing.
 */
export async function holdIfMarked(work: Work): Promise<void> {
  const { context, pass, managed } = work;
  if (!isListTelling(pass, managed.connection)) return;
  const { sweeper } = work.here;
  if (sweeper.marks === undefined) {
    throw new AttemptError(`Cannot create ${pass.label}`, sweeper.lastError ?? unlisted(pass));
  }
  if (!managed.connection.settings.holdOwnedByUnknown) return;
  const name = nameOf(pass.resource, managed.intent.desired) ?? "";
  const [listed] = sweeper.marks.named(name).filter(({ uid }) => !context.state.claims.has(uid));
  const stranger = listed ?? await tornOff(work, name);
  if (stranger === undefined) return;
  const toHaveBoth =
    'if another cluster manages it, use another name, or set hold_owned_by_unknown: "false" in the ConfigMap to have both';
  throw ownedByUnknown(pass, stranger, toHaveBoth);
}

/** A resource whose object disappeared since the last list began. Usually it was deleted properly, so it is read. */
async function tornOff(work: Work, name: string): Promise<Mark | undefined> {
  const { context, pass, managed } = work;
  const { sweeper } = work.here;
  const { resource } = pass;
  for (const mark of sweeper.tornOff.named(name)) {
    if (context.state.claims.has(mark.uid)) continue;
    const observed = await look(work, mark.id);
    const uid = observed && resource.ownerUid?.(observed, managed.connection.settings.ownershipTag);
    if (observed !== undefined && uid === mark.uid && resource.displayName?.(observed) === name) return mark;
    const { connection: { workspace }, intent } = managed;
    if (observed === undefined) await refuseIfListed(pass, { workspace, id: mark.id, intent });
    sweeper.tornOff.forget(mark.uid);
  }
}

function unlisted({ label, resource }: Pass): BlockedError {
  const message = `Cannot create ${label}: it is not known yet whether there is a ${resource.noun} of this name`;
  return new BlockedError("Unavailable", message, "retry");
}
