/**
 * Shows waiting plans, and drift that is only reported, in the conditions.
 *
 * @module
 */
import { conditionOf, printable } from "../../object/conditions.ts";
import { statusOf } from "../../object/status.ts";
import { listed } from "../../plan/show.ts";
import type { Context } from "../context.ts";
import type { Pass } from "../pass.ts";
import type { Work } from "../work.ts";
import { settlePlan, type Waiting } from "./admit.ts";
import { policyOf } from "./policy.ts";

/** Shows that a plan waits. Tools that wait for the object must see that; drift leaves Ready unchanged. */
export function tellWaiting(pass: Pass, { cause, message, isStale }: Waiting): void {
  const isApplied = cause === "drift" || cause === "rotation";
  if (!isApplied) pass.setReconciling("PlanPending", message);
  pass.set(
    { type: "Synced", status: "False", reason: "PlanPending", message },
    ...isApplied ? [{ type: "Reconciling" }, { type: "Stalled" }] : [],
  );
  const before = conditionOf(statusOf(pass.object).conditions, "Synced");
  if (isStale && before?.message !== printable(message)) pass.report("Warning", "ApprovalStale", message);
}

/** Shows drift that is only reported; without a message there is none. */
export function tellDrift({ plans }: Context, pass: Pass, message: string | undefined): void {
  plans.drifted(pass.uid, message !== undefined);
  if (message === undefined) return pass.set({ type: "Drifted" });
  const before = conditionOf(statusOf(pass.object).conditions, "Drifted");
  pass.set({ type: "Drifted", status: "True", reason: "DriftReported", message });
  if (before?.message !== printable(message)) pass.report("Warning", "DriftReported", message);
}

/** The message about drift that is only reported; `undefined` if there is none. */
export function driftText(drift: readonly string[]): string | undefined {
  if (drift.length === 0) return undefined;
  return `Databricks differs from the manifest: ${listed(drift)}; it is not set back, since drift is "report"`;
}

/** Shows that a resource is gone, if drift is only reported. @returns false if it is created again. */
export function leavesGone({ context, pass, managed: { connection } }: Work): boolean {
  if (policyOf(pass.object, connection.settings).drift !== "report") return false;
  const message = `${pass.externalLabel} is gone; it is not created again, since drift is "report"`;
  settlePlan(context, pass);
  pass.setReconciling("Missing", message);
  tellDrift(context, pass, message);
  return true;
}
