/**
 * Removes the operator's tag from a resource that stays after its object is deleted: with the tag, no other object
 * could adopt it.
 *
 * @module
 */
import { DatabricksError } from "../../../databricks/errors.ts";
import { WorkEndedError } from "../../../http/write_fence.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { formerUids } from "../../object/status.ts";
import { refuseIfListed } from "../external/absence.ts";
import { heirsOf } from "../identity/successor.ts";
import { refuseIfRowIsOthers } from "../identity/strangers.ts";
import { readIfReadable } from "../manifest/manifest.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Pass } from "../pass.ts";
import type { Removal } from "./removal.ts";

/**
 * Removes the operator's tag from a resource that is to be retained. Only the tag is at stake, which is no reason to
 * delay a deletion forever: a refusal may pass within minutes.
 *
 * @throws if the same call may succeed later.
 */
export async function releaseKept(removal: Removal, connection: WorkspaceConnection): Promise<void> {
  const { pass } = removal;
  try {
    await turnToHeir(removal, connection);
    if (pass.status.id !== undefined) await releaseMarks(removal, connection, pass.status.id);
  } catch (error) {
    const isTold = error instanceof DatabricksError ? !error.transient : error instanceof BlockedError;
    if (!isTold || removal.refusalMs > 0) throw error;
    warnOfTag(pass, error);
  }
}

/**
 * A status that was lost or rolled back names no resource, or one that is gone: the operator's tag shows which one
 * exists.
 */
async function turnToHeir(removal: Removal, connection: WorkspaceConnection): Promise<void> {
  const { pass, pass: { resource: { external, identity }, status: { id } } } = removal;
  const { workspace } = connection;
  if (identity !== "tag" || (id !== undefined && await external.observe(workspace, id) !== undefined)) return;
  const managed = readIfReadable(pass, connection);
  if (managed === undefined) return;
  if (id !== undefined) await refuseIfListed(pass, { workspace, id, intent: managed.intent, here: removal.here });
  const [heir] = (await heirsOf(pass, managed, removal.identityOptions(managed))).proven;
  if (heir === undefined) return;
  pass.setExternal(connection, heir.id);
  // Without its tag it would not be found again if the pass ended here.
  await pass.save();
}

/**
 * Removes the operator's tag, which keeps ingest from the resource. What fails for minutes does not delay the deletion
 * any longer.
 *
 * @throws if the same call may succeed later.
 */
export async function takeMarkOff(removal: Removal): Promise<void> {
  const { pass, context, refusalMs } = removal;
  const connection = context.connections.lastKnown(pass.place);
  const { id, workspace } = pass.status;
  if (id === undefined || connection === undefined || workspace !== connection.workspace.host) return;
  try {
    await releaseMarks(removal, connection, id);
  } catch (error) {
    if (error instanceof WorkEndedError || refusalMs > 0) throw error;
    warnOfTag(pass, error);
  }
}

/** Logs that a kept resource carries the operator's tag. */
function warnOfTag({ log, externalLabel }: Pass, error: unknown): void {
  log.warning(`Cannot take the tag off ${externalLabel}: ${error instanceof Error ? error.message : error}`);
}

/**
 * Removes the operator's mark, also one from before a restore.
 *
 * @throws {BlockedError} while one answer says that the resource is gone, and its list contains it; or its row in a
 *   list carries another object's tag.
 */
async function releaseMarks(removal: Removal, connection: WorkspaceConnection, id: string): Promise<void> {
  const { pass, here } = removal;
  const { workspace, settings } = connection;
  refuseIfRowIsOthers(pass, here.observations.row(id), settings.ownershipTag);
  const owner = pass.owner(settings.ownershipTag);
  for (const uid of [owner.uid, ...formerUids(pass.object)]) {
    if (await pass.resource.external.release?.(workspace, id, { ...owner, uid }) !== false) continue;
    return await refuseIfListed(pass, { workspace, id, intent: readIfReadable(pass, connection)?.intent, here });
  }
}
