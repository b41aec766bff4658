/**
 * Roles that only one object can have, such as being a default: of several claimants the oldest has it.
 *
 * Caveat: objects of one namespace are compared. Whether another namespace's token is the same user's is not known.
 *
 * @module
 */
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Resource, Single } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";
import { ownershipOf } from "../../object/status.ts";
import type { Managed, Pass } from "../pass.ts";

/**
 * Refuses a manifest that asks for what an older object of its namespace asks for: both would be written in turn, for
 * ever.
 *
 * @param peers Reads all objects of the namespace, which costs as much as there are: most kinds need none of them.
 * @throws {BlockedError} naming the field, the other object and the way out.
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
