/**
 * Deletions that wait for an approval: of resources that hold data, and only while somebody can give one.
 *
 * @module
 */
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { letGo } from "../delete/let_go.ts";
import { isNamespaceEnding } from "../delete/surroundings.ts";
import type { Removal } from "../delete/removal.ts";
import { statusOf } from "../../object/status.ts";
import { after, type Next } from "../next.ts";
import type { Pass } from "../pass.ts";
import { admit } from "./admit.ts";
import { policyOf } from "./policy.ts";
import { tellWaiting } from "./tell.ts";

/** The interval at which a waiting deletion repeats its Event (ms). */
const REMINDER = 3_600_000;

/**
 * Releases a resource that the object's policy does not permit to write at all.
 *
 * @returns `undefined` if the deletion continues.
 */
export async function releaseUnwritten({ pass, context: { connections } }: Removal): Promise<Next | undefined> {
  const { apply } = policyOf(pass.object, connections.lastKnown(pass.place)?.settings);
  if (apply === "never") return await letGo(pass, "Released", "apply is never");
  if (!isUnapprovedAdoption(pass)) return undefined;
  return await letGo(pass, "Released", "its adoption was never approved");
}

/**
 * True if the object was bound to an existing resource and never wrote it: the adoption itself waits for an approval.
 */
function isUnapprovedAdoption({ status: { plan, approved, baseline } }: Pass): boolean {
  return plan?.action === "adopt" && baseline?.applied === undefined && approved?.digest !== plan.digest;
}

/**
 * Decides whether a resource may be deleted.
 *
 * @returns `undefined` if it may.
 */
export async function awaitApproval(
  { pass, context }: Removal,
  connection: WorkspaceConnection,
): Promise<Next | undefined> {
  // Deleting a resource without data loses nothing that an apply does not create again.
  if (pass.resource.dangers?.deletesData === undefined) return undefined;
  const { apply } = policyOf(pass.object, connection.settings);
  if (apply !== "guarded" && apply !== "on-approval") return undefined;
  const waiting = await admit({ context, pass, connection }, { action: "delete", cause: "deletion", changes: [] });
  if (waiting === undefined) return undefined;
  if (await isNamespaceEnding(context.client, pass.namespace)) {
    return await letGo(pass, "Released", "its namespace is being deleted and nobody approved that its data goes");
  }
  tellWaiting(pass, waiting);
  const isKnown = statusOf(pass.object).plan?.digest === pass.status.plan?.digest;
  if (isKnown) pass.event("Normal", "PlanReady", waiting.message);
  return after(REMINDER);
}
