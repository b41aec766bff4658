/**
 * Ends a resource that happens once when its object is deleted: it is cancelled, and stays in Databricks' history.
 *
 * @module
 */
import type { Resource, Workspace } from "../../../resource.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { attempt } from "../../object/attempt.ts";
import { conditionOf } from "../../object/conditions.ts";
import { statusOf } from "../../object/status.ts";
import { isGone } from "../external/absence.ts";
import { letGo } from "./let_go.ts";
import { after, type Next } from "../next.ts";
import type { Pass } from "../pass.ts";

/** The reason for releasing a resource that has ended. */
export const ENDED = "it has ended";

/** The deadlines of {@link endOnce}. */
interface Ending {
  /** The next delay for slow operations (ms); it grows. */
  readonly waitMs: () => number;
  /** The time left to wait for the end (ms). */
  readonly endMs: number;
}

/** Ends a resource that happens once. It stays in Databricks' history, where it does no harm. */
export async function endOnce(pass: Pass, connection: WorkspaceConnection, ending: Ending): Promise<Next> {
  return await attempt(`Cannot cancel ${pass.label}`, () => end(pass, connection, ending));
}

async function end(pass: Pass, { workspace }: WorkspaceConnection, ending: Ending): Promise<Next> {
  const { resource } = pass;
  const { id = "" } = pass.status;
  if (await isGone(resource, { workspace, id })) return await letGo(pass, "Released", ENDED);
  if (ending.endMs <= 0) return await letGo(pass, "Released", "it was cancelled long ago, and has not ended");
  if (!await isGoing(resource, workspace, id)) await resource.external.delete?.(workspace, id);
  pass.setReconciling("Cancelling", `${pass.externalIs} being cancelled, since this object is deleted`);
  const wasCancelled = conditionOf(statusOf(pass.object).conditions, "Ready")?.reason === "Cancelling";
  if (!wasCancelled) {
    const message = `Cancelling ${pass.externalLabel}: its object is deleted`;
    pass.report("Normal", "RunCancelled", message, { action: "cancel" });
  }
  return after(Math.min(ending.waitMs(), ending.endMs));
}

/** True while a deleted resource takes its time to disappear: a second deletion may be refused. */
export async function isGoing({ external, state }: Resource, workspace: Workspace, id: string): Promise<boolean> {
  if (state === undefined) return false;
  const observed = await external.observe(workspace, id);
  return observed !== undefined && ["Deleting", "Cancelling"].includes(state(observed).reason);
}
