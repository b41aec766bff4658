/**
 * Which external resource belongs to an object: the rules of binding, adopting and creating. Nothing is created that may
 * exist already, and nothing is taken that may be somebody else's.
 *
 * @module
 */
import { type External, type FindContext, isId } from "../../resource.ts";
import { comparedDesired, comparedObserved } from "./baseline.ts";
import { disagreements } from "../plan/diff.ts";
import { BlockedError } from "../object/outcome.ts";
import type { Managed, Pass } from "./pass.ts";
import { formerUids, hasPredecessorFinalizer, mayAdopt, ownershipOf } from "../object/status.ts";

/** What belongs to the object. */
export type Identity =
  /** Its id is in the status. */
  | { readonly how: "bound"; readonly id: string }
  /** It is to be bound to what exists. */
  | { readonly how: "take-over" | "adopt" | "ours" | "follow"; readonly id: string; readonly external?: External }
  /** There is none. */
  | { readonly how: "none" }
  /** A create may have happened; it is too early to say (ms to wait). */
  | { readonly how: "wait"; readonly waitMs: number };

/** Who else holds external resources of the kind in the same workspace: id → `namespace/name`. */
export type Holders = Pick<ReadonlyMap<string, string>, "get" | "has">;

/** What {@link identify} needs besides the pass. */
export interface IdentityOptions {
  /** Who else holds external resources of the kind. */
  readonly holders: () => Holders;
  /** For how long this process has known of the create that may have happened (ms); no other machine's clock counts. */
  readonly knownMs: number;
  /** How long Databricks' lists may lag behind a create (ms). */
  readonly settleMs: number;
}

/**
 * Finds out which external resource belongs to the object.
 *
 * @throws {BlockedError} when that is for a person to decide.
 */
export async function identify(pass: Pass, managed: Managed, options: IdentityOptions): Promise<Identity> {
  const { status } = pass;
  const known = status.id === undefined ? undefined : bound(pass, managed, status.id);
  // While it is created again, its id is that of what is gone.
  const isOurs = ownershipOf(pass.object) === "operator";
  if (known !== undefined && (status.pending === undefined || !isOurs)) return known;
  const specId = pass.resource.specId?.(managed.spec);
  if (!isOurs) return await follow(pass, managed, specId);
  if (specId !== undefined && status.pending === undefined) return bySpecId(pass, specId, options);
  if (pass.resource.identity === "tag" && isFirst(pass)) return { how: "none" };
  return await search(pass, managed, options);
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
  const found = (await external.find(managed.connection.workspace, managed.intent, findContext(pass)))
    .filter(({ id }) => isId(id));
  if (external.create === undefined) return attach(pass, managed, found);
  const holders: Holders = found.length === 0 ? new Map() : options.holders();
  const others = found.filter(({ id, observed }) => !holders.has(id) && !isTaggedByOther(pass, managed, observed));
  const free = newestBound(pass, await confirmed(pass, managed, others));
  if (free.length === 0) return nothingFree(pass, found, options);
  const first = free[0] as External;
  // A tag proves it whatever became of the status.
  if (mayBeOurs(pass) || isTaggedByUs(pass, managed, first.observed)) {
    if (free.length > 1) reportDuplicates(pass, free);
    const how = hasPredecessorFinalizer(pass.object) ? "take-over" : "ours";
    return { how, id: first.id, external: first };
  }
  if (mayAdopt(pass.object)) return { how: "adopt", id: first.id, external: first };
  throw new BlockedError("AlreadyExists", existsAlready(pass, first.id));
}

/** Of what was created again, a list may still hold what is gone. */
function newestBound({ status }: Pass, found: External[]): External[] {
  const others = found.filter(({ id }) => id !== status.id);
  return others.length === 0 ? found : others;
}

/**
 * What a create for the object made besides the resource that is gone, as our tag tells; the oldest of them.
 */
export async function successorOf(
  pass: Pass,
  managed: Managed,
  { holders }: IdentityOptions,
): Promise<External | undefined> {
  const found = await pass.resource.external.find(managed.connection.workspace, managed.intent, findContext(pass));
  const held = holders();
  const tagged = found.filter(({ id, observed }) =>
    isId(id) && id !== pass.status.id && !held.has(id) && isTaggedByUs(pass, managed, observed)
  );
  if (tagged.length > 1) reportDuplicates(pass, tagged);
  return tagged[0];
}

/** Leaves out what is ours only by its looks and does not look as the manifest asks. */
async function confirmed(pass: Pass, managed: Managed, found: readonly External[]): Promise<External[]> {
  const ours: External[] = [];
  for (const external of found) {
    if (external.unsure !== true || await isAsDesired(pass, managed, external.id)) ours.push(external);
  }
  return ours;
}

async function isAsDesired(pass: Pass, managed: Managed, id: string): Promise<boolean> {
  const whole = await pass.resource.external.observe(managed.connection.workspace, id, managed.intent);
  if (whole === undefined) return false;
  const { fields } = pass.resource;
  return disagreements(comparedDesired(pass, managed), comparedObserved(pass, managed, whole), fields).length === 0;
}

function findContext(pass: Pass): FindContext {
  const { pending } = pass.status;
  return {
    ...(pending === undefined ? {} : { since: Date.parse(pending.since) }),
    ...(pending?.name === undefined ? {} : { name: pending.name }),
    untagged: hasPredecessorFinalizer(pass.object),
  };
}

/** A kind without a create fills something that must exist. */
function attach(pass: Pass, { intent }: Managed, found: External[]): Identity {
  const external = found[0];
  if (external !== undefined) return { how: "ours", id: external.id, external };
  const name = pass.resource.naturalKey?.(intent.desired) ?? "";
  throw new BlockedError(
    "ScopeMissing",
    `Secret scope "${name}" does not exist: create it, for example with a DatabricksSecretScope`,
    "retry",
  );
}

function nothingFree(pass: Pass, found: External[], { holders, knownMs, settleMs }: IdentityOptions): Identity {
  const { pending } = pass.status;
  if (found.length > 0 && pass.resource.identity === "natural") {
    const { id } = found[0] as External;
    const holder = holders().get(id);
    throw new BlockedError("AlreadyExists", existsAlready(pass, id, holder));
  }
  if (pending === undefined) return { how: "none" };
  const waitMs = settleMs - knownMs;
  return waitMs <= 0 ? { how: "none" } : { how: "wait", waitMs };
}

function existsAlready(pass: Pass, id: string, holder?: string): string {
  const what = `${pass.resource.noun} ${id} exists already`;
  if (holder !== undefined) {
    return `${what} and is held by ${pass.resource.kind} "${holder}": use another name; or set annotation ` +
      `databricks-operator/adopt: "true" on this object and databricks-operator/deletion-policy: retain on that one, ` +
      `and then delete that one`;
  }
  return `${what} and was not made by this object: set annotation databricks-operator/adopt: "true" to take it over, ` +
    `or use another name; until then it is left alone`;
}

/**
 * True when no create for this object can have happened: it is as its author made it. A finalizer proves nothing of what
 * was made (`kubectl get -o yaml` prints it, and people apply that elsewhere), but it is reason enough to look.
 */
export function isFirst({ object, status }: Pass): boolean {
  return (object.metadata.finalizers ?? []).length === 0 && status.pending === undefined &&
    status.create_refused !== true;
}

/** True when the status says that a create for this object may have happened, or the predecessor managed it. */
function mayBeOurs(pass: Pass): boolean {
  const { pending } = pass.status;
  if (pending !== undefined) return pending.absent;
  return hasPredecessorFinalizer(pass.object);
}

/** True when the ownership tag names another object, here or in another cluster, and not this one before a restore. */
export function isTaggedByOther(pass: Pass, { connection }: Managed, observed: Record<string, unknown>): boolean {
  return otherOwnerOf(pass, observed, connection.settings.ownershipTag) !== undefined;
}

/** True when the ownership tag names this object, also by a UID from before a restore. */
function isTaggedByUs(pass: Pass, { connection }: Managed, observed: Record<string, unknown>): boolean {
  const uid = pass.resource.ownerUid?.(observed, connection.settings.ownershipTag);
  return uid !== undefined && (uid === pass.uid || formerUids(pass.object).includes(uid));
}

/** The UID of the other object that the ownership tag names, if it does. */
export function otherOwnerOf(pass: Pass, observed: Record<string, unknown>, tag: string): string | undefined {
  const uid = pass.resource.ownerUid?.(observed, tag);
  return uid === undefined || uid === pass.uid || formerUids(pass.object).includes(uid) ? undefined : uid;
}

function reportDuplicates(pass: Pass, found: External[]): void {
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
