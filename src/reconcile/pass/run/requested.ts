/**
 * The end of the run that a manifest requests, as a condition for `kubectl wait`. The condition is about that run only:
 * it is Unknown from the request on, whatever the outcome of an earlier run, and a newer run does not change it.
 *
 * @module
 */
import { DatabricksError } from "../../../databricks/errors.ts";
import type { Run, Runs, Workspace } from "../../../resource.ts";
import { conditionOf, type Setting } from "../../object/conditions.ts";
import type { ConditionReason } from "../../object/reasons.ts";
import { requestOf } from "../manifest/manifest.ts";
import { after, type Next } from "../next.ts";
import type { Managed, Pass } from "../pass.ts";
import type { Work } from "../work.ts";

const TYPE = "RunSucceeded";

/** Sets the condition to Unknown when the manifest requests another run, even if the pass then starts none. */
export function awaitRequested(pass: Pass, { spec }: Managed): void {
  const { resource: { runs }, status: { run_request: request } } = pass;
  const hash = runs && requestOf(runs, spec);
  if (hash !== undefined && hash !== request?.hash) pass.set(pending);
}

const pending = {
  type: TYPE,
  status: "Unknown",
  reason: "Pending",
  message: "The run that spec.run requests has not started yet",
} as const;

/** Shows the outcome of the requested run. @param newest The newest run of the same resource. */
export async function showRequested(
  { context, pass, managed }: Work,
  newest: Run | "none" | undefined,
): Promise<Next> {
  const { resource: { runs }, status: { run_request: request, conditions } } = pass;
  if (runs === undefined) return "done";
  // Without a token, the run was requested before this operator managed the object: nothing was started for it.
  if (request?.token === undefined) return show(pass, { type: TYPE });
  if (request.refused === true) return show(pass, kept(conditionOf(conditions, "RunSubmitted"), "False"));
  const { run_id: runId } = request;
  if (runId === undefined) return show(pass, pending);
  const known = typeof newest === "object" && newest.runId === runId ? newest : undefined;
  const before = conditionOf(conditions, TYPE);
  // A result stays, also for a newer manifest, unless the run is repaired.
  if (known === undefined && before !== undefined && before.status !== "Unknown") return show(pass, kept(before));
  const run = known ?? await read(runs, managed.connection.workspace, runId);
  show(pass, typeof run === "object" ? await told(runs, run) : run === "absent" ? expired(runId) : running(runId));
  return run === "unreadable" ? after(context.timings.missMs) : "done";
}

function show(pass: Pass, setting: Setting): "done" {
  pass.set(setting);
  return "done";
}

/** An existing condition, for the newest manifest. */
function kept(before: ReturnType<typeof conditionOf>, status = before?.status): Setting {
  if (before === undefined || status === undefined) return { type: TYPE };
  return { type: TYPE, status, reason: before.reason as ConditionReason, message: before.message };
}

function running(runId: string): Setting {
  return { type: TYPE, status: "Unknown", reason: "Running", message: `Run ${runId} has not ended` };
}

/** A get may lag behind a start, so this is not a result. */
function expired(runId: string): Setting {
  const message = `Run ${runId} is not in Databricks' history, so its result is not known: raise spec.run.attempt to ` +
    `run again`;
  return { type: TYPE, status: "Unknown", reason: "HistoryExpired", message };
}

async function told(runs: Runs, run: Run): Promise<Setting> {
  if (!run.isOver) return running(run.runId);
  // The same text for a row of a list and for a get: nothing more is read.
  const { result, reason, message } = await runs.news(undefined, run);
  return { type: TYPE, status: result === "succeeded" ? "True" : "False", reason, message };
}

async function read(runs: Runs, workspace: Workspace, runId: string): Promise<Run | "absent" | "unreadable"> {
  try {
    return await runs.get(workspace, runId) ?? "absent";
  } catch (error) {
    if (error instanceof DatabricksError) return "unreadable";
    throw error;
  }
}
