/**
 * Runs of jobs in status, and the run that `spec.run` asks for.
 *
 * @module
 */
import { ConflictError, DatabricksError } from "../../databricks/errors.ts";
import { logger } from "../../telemetry/log.ts";
import { endpoint } from "../../resource.ts";
import { hashOf } from "../plan/fields.ts";
import type { Managed, Pass } from "./pass.ts";
import type { Run } from "../runs/run.ts";

const log = logger("runs");

// The idempotency token makes it repeatable: the same token gives the same run.
const runNow = endpoint("POST /api/{jobs_api_version}/jobs/run-now", { repeatable: true });

/** Shows the newest run; what is not known leaves the status as it is. */
export function showRuns(pass: Pass, newest: Run | "none" | undefined): void {
  if (newest === undefined) return;
  if (newest === "none") {
    pass.status.latest_run_state = { life_cycle_state: "NO_RUNS" };
    delete pass.status.latest_run;
    return;
  }
  pass.status.latest_run_state = newest.state;
  pass.status.latest_run = newest.latest;
}

/** The hash of the run that `spec.run` asks for; `undefined` when it asks for none. */
export function requestOf(spec: Record<string, unknown>): string | undefined {
  return spec.run === undefined ? undefined : hashOf(spec.run);
}

/**
 * Runs the job when `spec.run` is another than the one that was run last. The token is in the status before the run is
 * asked for, so that a crash in between does not run the job twice.
 *
 * @returns true when a run was started.
 */
export async function requestRun(pass: Pass, { spec, connection }: Managed, id: string): Promise<boolean> {
  if (pass.resource.hasRuns !== true) return false;
  const hash = requestOf(spec);
  const { status } = pass;
  if (hash === undefined) {
    delete status.run_request;
    pass.set({ type: "RunSubmitted" });
    return false;
  }
  if (status.run_request?.hash !== hash) {
    status.run_request = { hash, token: crypto.randomUUID() };
    await pass.save();
  }
  const { token, run_id, refused } = status.run_request ?? {};
  if (token === undefined || run_id !== undefined || refused === true) return false;
  return await submit(pass, { hash, token }, async () => {
    const parameters = spec.run as Record<string, unknown>;
    return await connection.workspace.call(runNow, { ...parameters, job_id: BigInt(id), idempotency_token: token });
  });
}

async function submit(
  pass: Pass,
  request: { hash: string; token: string },
  call: () => Promise<Record<string, unknown>>,
): Promise<boolean> {
  pass.doing = `Cannot run ${pass.label}`;
  try {
    const run_id = String((await call()).run_id);
    pass.status.run_request = { ...request, run_id };
    const message = `Run ${run_id} was started for spec.run`;
    pass.set({ type: "RunSubmitted", status: "True", reason: "RunStarted", message });
    pass.event("Normal", "RunStarted", message);
    log.info(`DatabricksJob ${pass.key}: ${message}`);
    return true;
  } catch (error) {
    // Refused is final: the same request is not tried again behind the user's back once circumstances change.
    if (!(error instanceof DatabricksError) || !error.refused || error.transient) throw error;
    pass.status.run_request = { ...request, refused: true };
    const isContinuous = error instanceof ConflictError;
    const reason = isContinuous ? "ContinuousJob" : "RunRefused";
    const hint = isContinuous ? "; a continuous job runs by itself: remove spec.run" : "; change spec.run to try again";
    const message = `spec.run was refused: ${error.message}${hint}`;
    pass.set({ type: "RunSubmitted", status: "False", reason, message });
    pass.event("Warning", reason, message);
    return false;
  }
}
