/**
 * The invariants at rest: at most one resource per object, nothing left behind, and a truthful status.
 *
 * @module
 */
import { canonicalJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { ownershipOf, statusOf } from "../../src/reconcile/object/status.ts";
import { condition } from "../support/objects.ts";
import type { Arena } from "./arena.ts";

/** Returns the violations at rest, in words. */
export async function wrongAtRest(arena: Arena): Promise<string[]> {
  const objects = await arena.simulation.list(arena.kind.kind);
  return [...objects.flatMap((object) => judge(arena, object, objects)), ...orphans(arena, objects)];
}

function judge(arena: Arena, object: KubeObject, objects: readonly KubeObject[]): string[] {
  const status = statusOf(object);
  const synced = condition(object, "Synced");
  const ready = condition(object, "Ready");
  const { name } = object.metadata;
  const said = synced?.status === "False" ? `${synced.reason}: ${synced.message}` : ready?.message ?? "nothing";
  if (synced?.status === "False" && isTrue(arena, { object, objects, reason: synced.reason })) return [];
  if (object.metadata.deletionTimestamp !== undefined) return [`the deletion of ${name} does not end: ${said}`];
  if (synced?.status === "False") return [`${name} is not synced without a cause: ${said}`];
  if (condition(object, "Reconciling") !== undefined) return [`${name} says for ever that it is at work: ${said}`];
  if (status.pending !== undefined) return [`a create of ${name} is pending for ever`];
  const held = heldBy(arena, object);
  if (ready?.status === "True" && held === undefined && arena.kind.by !== "parts") {
    return [`${name} is Ready and holds nothing`];
  }
  if (ownershipOf(object) === "api") return [];
  if (ready?.status !== "True") return [`${name} is not Ready: ${said}`];
  const [variant] = [1, 2].filter((one) => isVariant(arena, object, one as 1 | 2)) as (1 | 2)[];
  if (held !== undefined && variant !== undefined && !arena.kind.matches(arena.simulation.workspace, held, variant)) {
    return [`${name} is Ready and Databricks holds something else: ${arena.provenance.resources.get(held)?.state}`];
  }
  return [];
}

function heldBy({ kind, provenance }: Arena, object: KubeObject): string | undefined {
  const { id } = statusOf(object);
  return [...provenance.resources.keys()].find((key) => kind.holder(key) === id);
}

function isVariant({ kind }: Arena, object: KubeObject, variant: 1 | 2): boolean {
  return canonicalJson(kind.manifest("x", variant).spec) === canonicalJson(object.spec);
}

/** True if the reason why an object does not match its manifest applies. */
function isTrue(
  { kind, provenance, simulation }: Arena,
  { object, objects, reason }: { object: KubeObject; objects: readonly KubeObject[]; reason: string },
): boolean {
  const others = objects.filter((other) => other !== object);
  const strangers = [...provenance.resources].filter(([, { maker }]) => maker !== object.metadata.uid);
  const uids = [...provenance.resources.keys()].map((id) => kind.uidOf?.(simulation.workspace, id));
  const known = new Set(objects.map(({ metadata }) => metadata.uid));
  switch (reason) {
    case "AlreadyExists":
      return strangers.length > 0;
    case "InvalidAnnotation":
      return object.metadata.annotations?.["databricks-operator/deletion-polcy"] !== undefined;
    case "OwnedByDatabricks":
    case "NothingToFollow":
      return ownershipOf(object) === "api";
    case "OwnedByUnknown":
      return uids.some((uid) => uid !== undefined && !known.has(uid));
    case "OwnedByAnother":
      return uids.some((uid) => uid !== undefined && uid !== object.metadata.uid);
    case "HeldByAnother":
      return others.length > 0;
    case "NotFound":
      return strangers.length === 0;
    // The manifest of an object that was ingested names no Secret.
    case "SecretMissing":
      return kind.source !== undefined && object.spec?.secret_name === undefined;
    case "AdoptionRequired":
      return true;
    case "ScopeMissing":
      return !simulation.workspace.secrets.scopes().some(({ name }) => name === "shared");
  }
  return false;
}

/** Returns the resources that the operator made and no object holds. */
function orphans({ kind, provenance }: Arena, objects: readonly KubeObject[]): string[] {
  const held = new Set(objects.map((object) => statusOf(object).id));
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return [...provenance.resources].flatMap(([id, { maker }]) => {
    if (maker === undefined || held.has(kind.holder(id))) return [];
    // A person who removes the finalizer takes responsibility for the resource.
    if (!uids.has(maker) && !provenance.settled.has(maker)) return [];
    // A condition asks a person about it.
    if (objects.some((object) => condition(object, "Synced")?.message.includes(id))) return [];
    return [`${id} is left, which the operator made and no object holds`];
  });
}
