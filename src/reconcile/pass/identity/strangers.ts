/**
 * Resources that carry the ownership tag of another object: of one that is known here, or of one in another cluster.
 *
 * @module
 */
import type { Mark } from "../../observe/marks.ts";
import { BlockedError } from "../../object/outcome.ts";
import { formerUids } from "../../object/status.ts";
import type { External, Resource } from "../../../resource.ts";
import type { Managed, Pass } from "../pass.ts";
import type { Holders } from "../../object/claims.ts";

/** True for a kind whose list rows show the tags of all resources, whatever their names are. */
export function isToldByLists({ identity, ownerUid }: Pick<Resource, "identity" | "ownerUid">): boolean {
  return identity === "tag" && ownerUid !== undefined;
}

/** True if the ownership tag names another object, here or in another cluster, and not this one before a restore. */
export function isTaggedByOther(pass: Pass, { connection }: Managed, observed: Record<string, unknown>): boolean {
  return otherOwnerOf(pass, observed, connection.settings.ownershipTag) !== undefined;
}

/** The UID of the other object that the ownership tag names, if any. */
export function otherOwnerOf(pass: Pass, observed: Record<string, unknown>, tag: string): string | undefined {
  const uid = pass.resource.ownerUid?.(observed, tag);
  return uid === undefined || uid === pass.uid || formerUids(pass.object).includes(uid) ? undefined : uid;
}

/**
 * Refuses a resource whose newest row in a list carries another object's tag, whatever a get says: one of both may be an
 * old state, and the next list decides.
 *
 * @throws {BlockedError} if the row does.
 */
export function refuseIfRowIsOthers(pass: Pass, row: Record<string, unknown> | undefined, tag: string): void {
  const uid = row && otherOwnerOf(pass, row, tag);
  if (uid === undefined) return;
  throw new BlockedError(
    "OwnedByAnother",
    `${pass.externalLabel} carries the tag "${tag}" of another object (${uid}) in a list: looking again`,
    "retry",
  );
}

/** What is known about other objects. */
export interface Others {
  /** The other holders of the kind's resources. */
  readonly holders: () => Holders;
  /** True when there is an object with this UID here. */
  readonly isKnown: (uid: string) => boolean;
}

/**
 * Refuses to treat a resource with the requested unique name as unowned, which a plain `adopt` could take over: its tag
 * names an owner.
 *
 * @throws {BlockedError} if it carries another object's tag and no object here holds it.
 */
export function refuseStrangers(pass: Pass, managed: Managed, { id, observed }: External, others: Others): void {
  const { ownershipTag } = managed.connection.settings;
  const uid = otherOwnerOf(pass, observed, ownershipTag);
  if (uid === undefined || others.holders().has(id)) return;
  if (others.isKnown(uid)) throw ownedByAnother(pass, { id, tag: ownershipTag });
  throw ownedByUnknown(
    pass,
    { id, uid },
    "if another cluster manages it, use another name",
  );
}

/** The refusal of a resource that carries the tag of an object that is known here. */
export function ownedByAnother(
  { resource: { noun } }: Pass,
  { id, tag }: { readonly id: string; readonly tag: string },
) {
  return new BlockedError(
    "OwnedByAnother",
    `${noun} ${id} carries the tag "${tag}" of another object: set annotation ` +
      `databricks-operator/deletion-policy: retain on that object and then delete it, or remove the tag in Databricks`,
  );
}

/** The refusal of a resource that carries the tag of an object that is unknown here. */
export function ownedByUnknown({ resource: { noun } }: Pass, { id, uid }: Mark, otherwise: string): BlockedError {
  return new BlockedError(
    "OwnedByUnknown",
    `${noun} ${id} has this name and carries the tag of an object that is not known here (${uid}), so none is made: ` +
      `if that object is no more, set annotation databricks-operator/adopt: "${uid}" to take the ${noun} over; ${otherwise}`,
  );
}
