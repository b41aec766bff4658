/**
 * Roles that only one object can have, such as being a default: among several claimants the oldest has it.
 *
 * Caveat: only objects of one namespace are compared. It is unknown whether another namespace's token belongs to the
 * same user.
 *
 * @module
 */
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Resource, Single } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";
import { ownershipOf } from "../../object/status.ts";
import type { Managed, Pass } from "../pass.ts";

/**
 * Refuses a manifest that claims a role which an older object of its namespace claims: both would be written in turn,
 * forever.
 *
 * @param peers Reads all objects of the namespace, which may be many: most kinds need none of them.
 * @throws {BlockedError} that names the field, the other object and the remedy.
 */
export function refuseRivals(
  pass: Pass,
  { intent }: Managed,
  peers: () => Iterable<KubeObject>,
): void {
  const { resource, object } = pass;
  if (resource.singles === undefined || ownershipOf(object) === "api") return;
  for (const { key, path, what } of resource.singles(intent.desired)) {
    for (const peer of peers()) {
      if (!isOlder(peer, object) || !singlesOf(resource, peer).some((single) => single.key === key)) continue;
      const rival = `${resource.kind} "${peer.metadata.name}"`;
      throw new BlockedError("HeldByAnother", `${path}: ${rival} is ${what} already: set it in one of the two only`);
    }
  }
}

function singlesOf(resource: Resource, { spec = {}, metadata, ...object }: KubeObject): readonly Single[] {
  const { name = "", namespace = "" } = metadata;
  if (ownershipOf({ ...object, metadata }) === "api") return [];
  const parsed = resource.spec.safeParse(spec);
  return parsed.success ? resource.singles?.(resource.desired(parsed.data, { name, namespace })) ?? [] : [];
}

function isOlder(peer: KubeObject, object: KubeObject): boolean {
  const age = ({ metadata: { creationTimestamp = "", uid = "" } }: KubeObject) => `${creationTimestamp}/${uid}`;
  return age(peer) < age(object);
}
