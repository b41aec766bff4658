/**
 * Binds an object to its external resource. The status records the binding before anything is done to the resource.
 *
 * @module
 */
import { identityOptions } from "../context.ts";
import { identify, type Identity } from "./identity.ts";
import { isTaggedByOther, ownedByAnother } from "./strangers.ts";
import { successorOf } from "./successor.ts";
import { look } from "../external/observe.ts";
import { attempt } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import { CLOCK_SKEW_MS, type External, isAtOnce } from "../../../resource.ts";
import type { Managed, Pass } from "../pass.ts";
import { requestOf } from "../manifest/manifest.ts";
import { writtenBaseline } from "../write/baseline.ts";
import { hasPredecessorFinalizer, mayAdopt, ownershipOf } from "../../object/status.ts";
import type { Work } from "../work.ts";

/** Finds the object's external resource, and binds it if it is not bound yet. */
export async function bind(work: Work): Promise<Identity> {
  const { pass, managed } = work;
  const { id, pending } = pass.status;
  if (id !== undefined && pending === undefined) {
    return await identify(pass, managed, identityOptions(work));
  }
  while (true) {
    const found = await find(work);
    if (found.how === "none" || found.how === "wait" || found.how === "bound") return found;
    if (await recordUnlessHeld(work, found)) return found;
  }
}

/**
 * Searches once more for a resource that a create for the object may have made, before it is created again.
 *
 * @returns true if there is one; it is bound now.
 */
export async function bindToSuccessor(work: Work): Promise<boolean> {
  const { pass, managed } = work;
  const what = `Cannot look for another ${pass.resource.noun} of ${pass.label}`;
  while (true) {
    const successor = await attempt(what, () => successorOf(pass, managed, identityOptions(work)));
    if (successor === undefined) return false;
    if (await recordUnlessHeld(work, { how: "ours", ...successor })) return true;
  }
}

/** Finds the resource to bind to. Databricks may be slow to answer, so no other object waits for this. */
async function find(work: Work): Promise<Identity> {
  const { pass, managed } = work;
  const since = work.here.observations.begin();
  const identity = await identify(pass, managed, identityOptions(work));
  if (identity.how === "none" || identity.how === "wait" || identity.how === "bound") return identity;
  const { observations } = work.here;
  // A resource that was just ingested was just listed.
  const listed = identity.how === "follow" ? observations.fresh(identity.id)?.observed : undefined;
  const observed = identity.external?.observed ?? listed ?? await look(work, identity.id);
  const { parts } = pass.resource;
  // A key that this shows, and the next read does not, is not free.
  if (parts !== undefined && !isAtOnce(parts) && !parts.exclusive && observed !== undefined) {
    observations.put(identity.id, observed, since);
  }
  refuse(pass, managed, identity.id, observed);
  return identity;
}

/**
 * Binds the object to the resource that was found for it.
 *
 * @returns false if another object was bound to it meanwhile; the next search skips or refuses it.
 */
async function recordUnlessHeld(work: Work, found: Bindable): Promise<boolean> {
  const { context, pass, managed } = work;
  const bindIt = async () => {
    await record(pass, managed, found);
    return true;
  };
  // Any number of objects may follow a resource: nothing is written to it.
  if (ownershipOf(pass.object) === "api") return await bindIt();
  return await context.state.bindings.of(managed.connection.workspace.host).run(async () => {
    const isHeld = identityOptions(work).holders().has(found.id);
    return isHeld ? false : await bindIt();
  });
}

/** Refuses a resource that does not exist or that carries another object's tag. */
function refuse(pass: Pass, managed: Managed, id: string, observed: Record<string, unknown> | undefined): void {
  const { noun } = pass.resource;
  if (observed === undefined && mayAdopt(pass.object) && !hasPredecessorFinalizer(pass.object)) {
    throw new BlockedError("NotFound", `Cannot adopt ${noun} ${id}: it does not exist in this workspace`);
  }
  // If Databricks is the source of truth, the resource is followed whatever its tag: nothing is written to it.
  if (observed === undefined || ownershipOf(pass.object) === "api") return;
  if (!isTaggedByOther(pass, managed, observed)) return;
  throw ownedByAnother(pass, { id, tag: managed.connection.settings.ownershipTag });
}

/** A resource to bind to. */
type Bindable = Identity & { readonly id: string; readonly external?: External };

async function record(pass: Pass, managed: Managed, identity: Bindable): Promise<void> {
  const { status, resource } = pass;
  const isOurCreate = identity.how === "ours" && status.pending !== undefined;
  if (!isOurCreate) noteRun(pass, managed);
  pass.setExternal(managed.connection, identity.id);
  if (identity.external !== undefined) takeParts(pass, managed, identity.external.observed);
  delete status.pending;
  delete status.create_refused;
  // Reading a one-time resource does not show what it was started with; version 0.1 did not record it before the start.
  if (isOurCreate && resource.once !== undefined) {
    status.baseline ??= writtenBaseline(pass, managed, { created: true });
  }
  await pass.save();
  if (ownershipOf(pass.object) === "operator") await pass.addFinalizer();
  else tellFollowing(pass);
  if (identity.how !== "adopt" && identity.how !== "take-over") return;
  pass.isTakenOver = true;
  pass.report("Normal", "Bound", `Bound to ${resource.noun} ${identity.id}`, { action: "take over" });
}

/** Notes which side is the source of truth, and emits an Event if that has changed. */
export function noteOwner(pass: Pass): void {
  const { status } = pass;
  const [before, now] = [status.owner, ownershipOf(pass.object)];
  status.owner = now;
  if (status.id === undefined || before === undefined || before === now) return;
  if (now === "api") return tellFollowing(pass);
  const message = `Owner is operator: the manifest decides about ${pass.externalLabel} from now on, and changes in ` +
    "Databricks are set back";
  pass.event("Normal", "HandedOver", message);
}

function tellFollowing(pass: Pass): void {
  const message =
    `Owner is api: spec follows ${pass.externalLabel}: nothing is written there, and deleting this object ` +
    "deletes nothing there";
  pass.event("Normal", "Following", message);
}

/**
 * Records the predecessor's parts: those that its object names, and that were put since there is this object. The
 * predecessor put every key every five minutes, so an older one is somebody else's: the object is a copy, made from the
 * output of `kubectl get` in another place. Its finalizer, the only other evidence, is about to be removed.
 */
function takeParts(pass: Pass, { intent, spec }: Managed, observed: Record<string, unknown>): void {
  const { parts } = pass.resource;
  // The predecessor's only parts were keys of scopes.
  if (parts === undefined || isAtOnce(parts) || parts.exclusive || !hasPredecessorFinalizer(pass.object)) return;
  const held = parts.observed(observed);
  const since = Date.parse(pass.object.metadata.creationTimestamp ?? "") - CLOCK_SKEW_MS;
  const isOlder = (name: string) => Number(held[name]?.stamp) < since;
  const wanted = Object.keys(parts.desired(intent, spec) ?? {});
  const names = wanted.filter((name) => Object.hasOwn(held, name) && !isOlder(name));
  pass.status.parts = Object.fromEntries(names.map((name) => [name, {}]));
}

/** A run request that exists at a take-over was the predecessor's, which never ran it: it is noted, not run. */
function noteRun(pass: Pass, { spec }: Managed): void {
  const { runs } = pass.resource;
  const hash = runs && requestOf(runs, spec);
  if (hash !== undefined) pass.status.run_request = { hash };
}

/**
 * Restores the operator's finalizer, which a `kubectl replace` drops: without it a deletion would leave the resource
 * behind.
 */
export async function keepFinalizer(pass: Pass): Promise<void> {
  const { object, status } = pass;
  if (status.id === undefined || object.metadata.deletionTimestamp !== undefined) return;
  // The status records the last owner; a hand-over is handled first.
  if (status.owner === "operator" && ownershipOf(object) === "operator") await pass.addFinalizer();
}
