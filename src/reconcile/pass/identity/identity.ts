/**
 * Finds the external resource that belongs to an object: the rules for binding, adopting and creating. Nothing is
 * created that may exist already, and nothing is taken that may belong to somebody else.
 *
 * @module
 */
import type { External } from "../../../resource.ts";
import type { Holders } from "../../object/claims.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { isFirst, isMarkable, provenOf, standsInTheWay } from "./evidence.ts";
import { foundFor } from "./found.ts";
import { inItsWay, severalInItsWay } from "./in_the_way.ts";
import { isTaggedByOther, isToldByLists, refuseStrangers } from "./strangers.ts";
import { BlockedError } from "../../object/outcome.ts";
import { holderMissing } from "./holder.ts";
import type { Managed, Pass } from "../pass.ts";
import { conditionOf } from "../../object/conditions.ts";
import { formerUids, hasPredecessorFinalizer, mayAdopt, ownershipOf, statusOf } from "../../object/status.ts";
import { isTokenKnown, isTokenless } from "./token.ts";

/** The external resource that belongs to the object. */
export type Identity =
  /** Its id is in the status. */
  | { readonly how: "bound"; readonly id: string }
  /** It is to be bound to an existing resource. */
  | { readonly how: "take-over" | "adopt" | "ours" | "follow"; readonly id: string; readonly external?: External }
  /** There is none. */
  | { readonly how: "none" }
  /** A create may have happened; it is too early to tell (ms to wait). */
  | { readonly how: "wait"; readonly waitMs: number };

/** Options of {@link identify}, besides the pass. */
export interface IdentityOptions {
  /** The other holders of the kind's resources. */
  readonly holders: () => Holders;
  /** The holders among them that manage what they hold, and do not only follow it. */
  readonly owners: () => Holders;
  /** True when there is an object of the kind with this UID. */
  readonly isKnown: (uid: string) => boolean;
  /** How long (ms) this process has known of the possible create; no other machine's clock counts. */
  readonly knownMs: number;
  /** The time (ms since the epoch), for the status. */
  readonly now: number;
  /** How long (ms) Databricks' lists may lag behind a create. */
  readonly settleMs: number;
  /** The ids of resources that carry the object's tag in the last list. */
  readonly markedIds?: readonly string[];
  /** True if the last list has a resource of the object's name without a tag. */
  readonly hasNamesake?: boolean;
  /** The ids of resources of the object's name without a tag in the last list, if the search should find them. */
  readonly namesakes?: readonly string[];
  /** True while a create for another object with this name is in progress. */
  readonly isBeingMade?: (name: string) => boolean;
  /**
   * The time (ms) to wait for a complete list that is newer than the possible create, since a list by name lacks
   * renamed resources; 0 if there is one.
   *
   * @throws the error that prevents listing.
   */
  readonly listMs?: () => number;
}

/**
 * Determines which external resource belongs to the object.
 *
 * @throws {BlockedError} if a person has to decide.
 */
export async function identify(pass: Pass, managed: Managed, options: IdentityOptions): Promise<Identity> {
  const { status } = pass;
  const known = status.id === undefined ? undefined : bound(pass, managed, status.id);
  // While it is created again, its id is that of the resource that is gone.
  const isOurs = ownershipOf(pass.object) === "operator";
  if (known !== undefined && (status.pending === undefined || !isOurs)) return known;
  const specId = pass.resource.specId?.(managed.spec);
  if (!isOurs) return await follow(pass, managed, specId);
  refuseElsewhere(pass, managed.connection);
  if (specId !== undefined && status.pending === undefined) return bySpecId(pass, specId, options);
  if (isFresh(pass, managed, options)) return { how: "none" };
  // For an object that is being deleted, nothing is started; only earlier creates are searched for.
  const isGoing = pass.object.metadata.deletionTimestamp !== undefined;
  if (!isGoing && isTokenKnown(pass, managed, options.now)) return { how: "none" };
  return await search(pass, managed, options);
}

/**
 * True if there is nothing to search for: every resource of the object carries its tag, so the first list shows it. For
 * a kind without a tag, an object that has lost its status looks like a new one, so its resource is searched for by
 * name.
 */
function isFresh(pass: Pass, managed: Managed, { markedIds = [], hasNamesake = false }: IdentityOptions): boolean {
  const { identity, once } = pass.resource;
  if (identity !== "tag" || !isFirst(pass) || markedIds.length > 0) return false;
  return once !== undefined ? isKnownUnbegun(pass) : isMarkable(pass, managed) && !hasNamesake;
}

/** True for a one-time resource with a status that records no start. An empty status may be one that was lost. */
function isKnownUnbegun({ object }: Pass): boolean {
  const { observedGeneration, conditions } = statusOf(object);
  return observedGeneration !== undefined && conditionOf(conditions, "Synced")?.reason !== "AlreadyExists";
}

function bound(pass: Pass, { connection }: Managed, id: string): Identity {
  const { workspace } = pass.status;
  if (workspace === undefined || workspace === connection.workspace.host) return { how: "bound", id };
  throw new BlockedError(
    "WorkspaceChanged",
    `${pass.label} is ${pass.resource.noun} ${id} of workspace "${workspace}", but the API Secret now names ` +
      `"${connection.workspace.host}": point the Secret back; or set annotation databricks-operator/deletion-policy: ` +
      `retain, delete this object and create it again without the annotation`,
  );
}

/**
 * Refuses to search one workspace for a resource that a create may have made in another.
 *
 * @throws {BlockedError} if the API Secret names a different workspace than when the create began.
 */
export function refuseElsewhere({ label, resource, status }: Pass, { workspace: { host } }: WorkspaceConnection): void {
  const where = status.pending?.workspace ?? host;
  if (where === host) return;
  throw new BlockedError(
    "WorkspaceChanged",
    `A create for ${label} got no answer, so its ${resource.noun} may be in workspace "${where}", but the API Secret now ` +
      `names "${host}": point the Secret back; or set annotation databricks-operator/deletion-policy: retain, delete ` +
      `this object and create it again without the annotation, and look for the ${resource.noun} in "${where}"`,
  );
}

async function follow(pass: Pass, managed: Managed, specId: string | undefined): Promise<Identity> {
  if (specId !== undefined) return { how: "follow", id: specId };
  const external = pass.resource.naturalKey === undefined
    ? undefined
    : (await pass.resource.external.find(managed.connection.workspace, managed.intent, {}))[0];
  if (external !== undefined) return { how: "follow", id: external.id, external };
  throw new BlockedError(
    "NothingToFollow",
    `${pass.label} has owner "api", but names no ${pass.resource.noun} that exists: ` +
      `set its id in spec, or remove annotation databricks-operator/owner`,
  );
}

function bySpecId(pass: Pass, id: string, { holders }: IdentityOptions): Identity {
  const { noun } = pass.resource;
  const isTakeOver = hasPredecessorFinalizer(pass.object);
  if (!isTakeOver && !mayAdopt(pass.object)) {
    throw new BlockedError(
      "AdoptionRequired",
      `spec holds the id ${id} of a ${noun} that this object did not create: remove the id to create a ${noun} of ` +
        `its own, or set annotation databricks-operator/adopt: "true" to take that one over`,
    );
  }
  refuseIfHeld(pass, id, holders());
  return { how: isTakeOver ? "take-over" : "adopt", id };
}

/** Refuses an id that another live object holds. */
function refuseIfHeld(pass: Pass, id: string, holders: Holders): void {
  const holder = holders.get(id);
  if (holder === undefined) return;
  throw new BlockedError(
    "HeldByAnother",
    `${pass.resource.noun} ${id} is held by ${pass.resource.kind} "${holder}": set annotation ` +
      `databricks-operator/deletion-policy: retain on that object and then delete it, or change this one`,
  );
}

async function search(pass: Pass, managed: Managed, options: IdentityOptions): Promise<Identity> {
  const { external } = pass.resource;
  endAttempt(pass, options);
  let found = await foundFor(pass, managed, options.markedIds);
  // The last list has one of this name: the search may have been answered by an older one.
  if (options.namesakes?.some((id) => found.every((one) => one.id !== id))) {
    found = await foundFor(pass, managed, options.markedIds);
  }
  if (external.create === undefined) return attach(pass, managed, found);
  const holders: Holders = found.length === 0 ? new Map() : options.holders();
  const others = found.filter(({ id, observed }) => !holders.has(id) && !isTaggedByOther(pass, managed, observed));
  const free = newestBound(pass, others);
  const proven = await provenOf(pass, managed, free);
  const [first] = proven;
  if (first !== undefined) {
    if (proven.length > 1 && isTokenless(pass, managed)) throw severalInItsWay(pass, proven);
    if (proven.length > 1) reportDuplicates(pass, proven);
    const how = hasPredecessorFinalizer(pass.object) ? "take-over" : "ours";
    return { how, id: first.id, external: first };
  }
  const adopted = adoptable(pass, { found, free, holders });
  if (adopted !== undefined) return { how: "adopt", id: adopted.id, external: adopted };
  const unowned = unownedOf(pass, managed, found, options);
  const inTheWay = pass.resource.identity === "natural"
    ? found[0]
    : await standsInTheWay(pass, managed, { free, unowned });
  if (inTheWay !== undefined && pass.resource.identity === "natural") refuseStrangers(pass, managed, inTheWay, options);
  if (inTheWay !== undefined) throw inItsWay(pass, managed, inTheWay, options);
  return waitOrCreate(pass, managed, options);
}

/**
 * Returns the resources that no other object manages. An object that only follows one may have been ingested after this
 * object lost its status.
 */
function unownedOf(pass: Pass, managed: Managed, found: readonly External[], { owners }: IdentityOptions): External[] {
  const owned: Holders = found.length === 0 ? new Map() : owners();
  return newestBound(
    pass,
    found.filter(({ id, observed }) => !owned.has(id) && !isTaggedByOther(pass, managed, observed)),
  );
}

/** Removes the resource that is gone from the candidates: after a recreate, a list may still contain it. */
function newestBound({ status }: Pass, found: External[]): External[] {
  const others = found.filter(({ id }) => id !== status.id);
  return others.length === 0 ? found : others;
}

/** No two passes work on an object, so an attempt in its status is over: its process failed, or has ended. */
function endAttempt({ status }: Pass, { now }: IdentityOptions): void {
  const { pending } = status;
  if (pending !== undefined && pending.until === undefined) {
    status.pending = { ...pending, until: new Date(now).toISOString() };
  }
}

interface Found {
  readonly found: readonly External[];
  /** Resources that no other object holds and that carry no other object's tag. */
  readonly free: readonly External[];
  readonly holders: Holders;
}

/** The resource that an object may adopt by its name, if its annotation permits that. */
export function adoptable(pass: Pass, { found, free, holders }: Found): External | undefined {
  if (!mayAdopt(pass.object)) return undefined;
  if (pass.resource.identity === "natural") return free[0];
  // A former UID identifies the resource by its tag, not by a name, which others may also have.
  if (formerUids(pass.object).length > 0) return undefined;
  if (free.length > 1) throw new BlockedError("AdoptionAmbiguous", ambiguous(pass, free));
  const held = found.find(({ id }) => holders.has(id));
  if (free.length === 0 && held !== undefined) refuseIfHeld(pass, held.id, holders);
  return free[0];
}

function ambiguous({ resource }: Pass, free: readonly External[]): string {
  const { noun } = resource;
  return `Several ${noun}s have this name and carry nobody's tag: ${
    free.map(({ id }) => id).join(", ")
  }: set the id of ` +
    `the one to adopt in spec, or use another name`;
}

/** A kind without a create writes into something that must exist. */
function attach(pass: Pass, { intent }: Managed, found: External[]): Identity {
  const external = found[0];
  if (external !== undefined) return { how: "ours", id: external.id, external };
  throw holderMissing(pass.resource, pass.resource.naturalKey?.(intent.desired) ?? "");
}

/** There is none: it may not be listed yet, or was never created. */
function waitOrCreate(pass: Pass, managed: Managed, { knownMs, settleMs, listMs }: IdentityOptions): Identity {
  const settlingMs = pass.status.pending === undefined ? 0 : settleMs - knownMs;
  const isTold = isToldByLists(pass.resource) && isMarkable(pass, managed);
  const waitMs = settlingMs <= 0 && isTold ? listMs?.() ?? 0 : settlingMs;
  return waitMs <= 0 ? { how: "none" } : { how: "wait", waitMs };
}

/** Emits an Event about several resources that carry the object's mark. */
export function reportDuplicates(pass: Pass, found: External[]): void {
  const ids = found.map(({ id }) => id);
  pass.event(
    "Warning",
    "DuplicateExternalResource",
    `Several ${pass.resource.noun}s carry the mark of this object: ${ids.join(", ")}; ${
      ids[0]
    } is used. Look who made ` +
      `the others: take the tag off what somebody cloned, and delete only what nobody needs`,
  );
}
