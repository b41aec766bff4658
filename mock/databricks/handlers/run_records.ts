/**
 * Endpoints for finished runs: `runs/get-output`, `runs/export`, `runs/delete`, `runs/cancel-all`.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { ApiError, invalid } from "../errors.ts";
import { readId } from "../ids.ts";
import type { Settings } from "../job_settings.ts";
import { isActive, type Run } from "../run.ts";
import { type Answer, endpoint } from "./endpoint.ts";
import type { JobsVersion } from "./jobs.ts";
import { answerRun, type RunsContext } from "./runs.ts";

/** Finds a run by the id of one of its tasks' runs, or by its own id if it has only one task. */
function runOfOutput({ runs }: RunsContext, id: string): Run {
  const parent = runs.ofTask(id);
  if (parent) return parent;
  const run = runs.require(id);
  if ((run.settings.tasks ?? []).length > 1) {
    throw invalid("Retrieving the output of runs with multiple tasks is not supported: ask for a task's run");
  }
  return run;
}

function getOutput(context: RunsContext, version: JobsVersion): Answer {
  return ({ query, request }) => {
    const run = runOfOutput(context, readId(query.text("run_id"), "run_id"));
    context.permissions.checkVisible(run.job_id);
    const metadata = answerRun(run, { origin: new URL(request.url).origin, version, doubts: context.doubts });
    const { result_state, state_message: error } = run.state;
    const output: Settings = { metadata };
    if (result_state === "FAILED") return { ...output, error };
    if (!isActive(run)) {
      output.notebook_output = { ...run.output === undefined ? {} : { result: run.output }, truncated: false };
    }
    return output;
  };
}

function exportRun({ runs, permissions }: RunsContext): Answer {
  return ({ query }) => {
    const { job_id, run_name } = runs.require(readId(query.text("run_id"), "run_id"));
    permissions.checkVisible(job_id);
    return { views: [{ name: run_name, type: "NOTEBOOK", content: "<!DOCTYPE html><html></html>" }] };
  };
}

function deleteRun({ runs, permissions }: RunsContext): Answer {
  return ({ body }) => {
    const run = runs.require(readId(body.run_id, "run_id"));
    permissions.checkVisible(run.job_id);
    if (isActive(run)) throw new ApiError(400, "INVALID_STATE", `Run ${run.run_id} is active and cannot be deleted`);
    runs.remove(run.run_id);
  };
}

function cancelAll({ runs, permissions }: RunsContext): Answer {
  return ({ body }) => {
    if (body.job_id === undefined && body.all_queued_runs !== true) throw invalid("Missing required field: job_id");
    const job = body.job_id === undefined ? undefined : permissions.visible(readId(body.job_id, "job_id")).job_id;
    for (const run of runs.list()) {
      const isMeant = job === undefined || run.job_id === job;
      const isQueued = run.state.life_cycle_state === "QUEUED";
      if (isMeant && (isQueued || body.all_queued_runs !== true)) runs.cancel(run.run_id);
    }
  };
}

/** The handlers for finished runs, for one version of the Jobs API. */
export function runRecordsHandlers(context: RunsContext, version: JobsVersion): HttpHandler[] {
  const path = `/api/${version}/jobs/runs`;
  return [
    endpoint("get", `${path}/get-output`, getOutput(context, version)),
    endpoint("get", `${path}/export`, exportRun(context)),
    endpoint("post", `${path}/delete`, deleteRun(context)),
    endpoint("post", `${path}/cancel-all`, cancelAll(context)),
  ];
}
