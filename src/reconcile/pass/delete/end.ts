/**
 * Ends a resource that happens once when its object is deleted: it is cancelled, and stays in Databricks' history.
 *
 * @module
 */
import type { Intent, Resource, Workspace } from "../../../resource.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { attempt } from "../../object/attempt.ts";
import { conditionOf } from "../../object/conditions.ts";
import { type Status, statusOf } from "../../object/status.ts";
import { firstSeen } from "../../../base/first_seen.ts";
import { isListed, type Question } from "../external/absence.ts";
import { letGo } from "./let_go.ts";
import { after, type Next } from "../next.ts";
import type { Pass } from "../pass.ts";
import type { Removal } from "./removal.ts";

/** The reason for releasing a resource that has ended. */
export const ENDED = "it has ended";

/**
 * Ends a resource that happens once. It stays in Databricks' history, where it does no harm.
 *
 * @param intent The desired state, if the manifest is readable: then a list tells whether a missed resource is gone.
 */
export async function endOnce(
  removal: Removal,
  connection: WorkspaceConnection,
  intent: Intent | undefined,
): Promise<Next> {
  const { workspace } = connection;
  return await attempt(`Cannot cancel ${removal.pass.label}`, () => end(removal, { workspace, intent }));
}

async function end(removal: Removal, { workspace, intent }: Omit<Question, "id">): Promise<Next> {
  const { pass, pass: { resource } } = removal;
  const { id = "" } = pass.status;
  if (await isOver(removal, { workspace, id, intent })) return await letGo(pass, "Released", ENDED);
  if (removal.endMs <= 0) return await letGo(pass, "Released", "it was cancelled long ago, and has not ended");
  if (!await isGoing(resource, workspace, id)) await resource.external.delete?.(workspace, id);
  pass.setReconciling("Cancelling", `${pass.externalIs} being cancelled, since this object is deleted`);
  const wasCancelled = conditionOf(statusOf(pass.object).conditions, "Ready")?.reason === "Cancelling";
  if (!wasCancelled) {
    const message = `Cancelling ${pass.externalLabel}: its object is deleted`;
    pass.report("Normal", "RunCancelled", message, { action: "cancel" });
  }
  return after(Math.min(removal.waitMs(), removal.endMs));
}

/** True if it has ended, or is certainly gone: one answer proves nothing, while it may run and cost money. */
async function isOver({ pass, context }: Removal, question: Question): Promise<boolean> {
  const { clock, missedAt, timings } = context;
  const { resource, uid } = pass;
  const observed = await resource.external.observe(question.workspace, question.id);
  if (observed !== undefined) {
    missedAt.delete(uid);
    return resource.once?.isFinal(observed) === true && !isFromBefore(pass, observed);
  }
  const now = clock.monotonic();
  return now - firstSeen(missedAt, uid, now) >= timings.missMs && !await isListed(resource, question);
}

/** True for an answer from before a restart that the status knows of: what it says has ended may go on. */
function isFromBefore({ resource, status }: Pass, observed: Record<string, unknown>): boolean {
  const past = resource.once?.renewal?.past(observed);
  const { repair_request: request, repairs } = status as Status & { readonly repairs?: unknown };
  if (past === undefined) return false;
  const isMissing = request?.repair_id !== undefined && !past.includes(request.repair_id);
  return isMissing || (Array.isArray(repairs) && repairs.length > past.length);
}

/** True while a deleted resource takes its time to disappear: a second deletion may be refused. */
export async function isGoing({ external, state }: Resource, workspace: Workspace, id: string): Promise<boolean> {
  if (state === undefined) return false;
  const observed = await external.observe(workspace, id);
  return observed !== undefined && ["Deleting", "Cancelling"].includes(state(observed).reason);
}
