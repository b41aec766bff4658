/**
 * Finds the candidates for an object's resource: those with its name, and those with its tag in the last list, whatever
 * their name.
 *
 * @module
 */
import { type External, type FindContext, isId } from "../../../resource.ts";
import { isFirst, isUntold } from "./evidence.ts";
import { refuseIfListed } from "../external/absence.ts";
import type { Managed, Pass } from "../pass.ts";
import { annotation, formerUids, hasPredecessorFinalizer } from "../../object/status.ts";

/**
 * Searches by name, and by the object's tag.
 *
 * @param markedIds The ids that carry the object's tag in a list.
 * @throws {BlockedError} if a get says that one of them does not exist, and a list contains it.
 */
export async function foundFor(pass: Pass, managed: Managed, markedIds: readonly string[] = []): Promise<External[]> {
  const { connection: { workspace }, intent } = managed;
  const found = (await pass.resource.external.find(workspace, intent, findContext(pass))).filter(({ id }) => isId(id));
  const renamed: External[] = [];
  for (const id of markedIds.filter((one) => !found.some((external) => external.id === one))) {
    const observed = await pass.resource.external.observe(workspace, id, intent);
    // By name no list would contain it: so the whole one is read.
    if (observed === undefined) await refuseIfListed(pass, { workspace, id });
    else if (isMarkedFor(pass, managed, observed)) renamed.push({ id, observed, marked: true });
  }
  // A tag is better evidence than a name.
  return renamed.length === 0 ? found : [...found.filter(({ marked }) => marked === true), ...renamed];
}

/** The list may be older than the tag. */
function isMarkedFor({ resource, object, uid }: Pass, { connection }: Managed, observed: Record<string, unknown>) {
  const owner = resource.ownerUid?.(observed, connection.settings.ownershipTag);
  return owner !== undefined && [uid, ...formerUids(object)].includes(owner);
}

/** True if the search also finds resources of the name that carry no tag. */
export function seeksUnmarked(pass: Pass): boolean {
  return hasPredecessorFinalizer(pass.object) || annotation(pass.object, "adopt") === "true" || isUntold(pass);
}

function findContext(pass: Pass): FindContext {
  const { pending } = pass.status;
  const since = pending?.since ??
    (pass.resource.once === undefined ? undefined : pass.object.metadata.creationTimestamp);
  return {
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(pending?.after === undefined ? {} : { after: Date.parse(pending.after) }),
    ...(pending?.name === undefined ? {} : { name: pending.name }),
    formerUids: formerUids(pass.object),
    isFirst: isFirst(pass),
    // A resource of an object that has lost its status may have lost its tag, too.
    unmarked: seeksUnmarked(pass),
  };
}
