/**
 * The runs of jobs, from the Jobs API.
 *
 * @module
 */
import * as z from "zod";
import { isSameUser, knownUser } from "../../databricks/current_user.ts";
import { DatabricksError, UnavailableError } from "../../databricks/errors.ts";
import { runProblem } from "../../databricks/checks/job_settings.ts";
import { absentRun, isOver, phaseOf, type RunState, stateOf } from "../../databricks/answers/runs.ts";
import { type JobSettings, RunLifeCycleState, RunResultState } from "../../databricks/types.ts";
import {
  endpoint,
  type KnownRun,
  type Run,
  type RunNews,
  type RunRequested,
  type Runs,
  type Workspace,
} from "../../resource.ts";

import { observeRun } from "./run_output.ts";
import { isEnded, type ObservedRun, tell } from "./run_telling.ts";

/** One-off runs (`runs/submit`, `dbutils.notebook.run`) do not belong to a managed job. */
const OF_JOBS = "JOB_RUN";
/** The API allows "less than 25". */
const PAGE = 24;
/** The last time that a Date can hold (ms). */
const LATEST = 8.64e15;
/** The accepted difference between this machine's clock and Databricks' (ms). */
const CLOCK_SKEW = 5 * 60_000;

/** The calls that follow and start runs. */
export const endpoints = {
  list: endpoint("GET /api/{jobs_api_version}/jobs/runs/list", { items: "runs" }),
  get: endpoint("GET /api/{jobs_api_version}/jobs/runs/get", { errors: [absentRun] }),
  // The idempotency token makes it repeatable: the same token gives the same run.
  start: endpoint("POST /api/{jobs_api_version}/jobs/run-now", { repeatable: true }),
};

const text = (description: string) => z.string().describe(description).optional();
const time = (description: string) => z.string().meta({ format: "date-time", description }).optional();

/** The state of a run in the status: its phase, and its result. */
const ShownState = z.looseObject({
  life_cycle_state: RunLifeCycleState.describe("The state of the run; NO_RUNS when there was none").optional(),
  result_state: RunResultState.describe("The result").optional(),
  state_message: text("Databricks' message"),
  user_cancelled_or_timedout: z.boolean().describe("True if a person or a timeout stopped it").optional(),
});

const LatestRun = z.object({
  run_id: text("The run's id"),
  start_time: time("The start time"),
  end_time: time("The end time"),
  url: text("Its page in the web application"),
});

/** The runs of DatabricksJob; `spec.run` requests one. */
export const jobRuns: Runs<{ readonly run?: unknown }, JobSettings> = {
  statusFields: {
    latest_run_state: ShownState.describe("The state of the newest run").optional(),
    latest_run: LatestRun.describe("The newest run").optional(),
  },
  none: { latest_run_state: { life_cycle_state: "NO_RUNS" } },
  known,
  async *list(workspace, { active, since }) {
    const filter = active === true ? { active_only: true } : since === undefined ? {} : { start_time_from: since };
    for await (const page of workspace.pages(endpoints.list, { ...filter, run_type: OF_JOBS, limit: PAGE })) {
      yield page.flatMap((item) => toRun(item) ?? []);
    }
  },
  async get(workspace, runId) {
    const answer = await workspace.tryCall(endpoints.get, { run_id: runId });
    return answer === undefined ? undefined : toRun(answer) ?? "unreadable";
  },
  async newest(workspace, jobId) {
    const { runs } = await workspace.call(endpoints.list, { job_id: jobId, limit: 1 });
    return Array.isArray(runs) ? runs.flatMap((item) => toRun(item) ?? [])[0] : undefined;
  },
  news,
  requested: ({ run }) => run,
  problem: runProblem,
  start,
  findStarted,
};

function known({ latest_run_state, latest_run }: Readonly<Record<string, unknown>>): KnownRun | undefined {
  const state = latest_run_state as z.infer<typeof ShownState> | undefined;
  if (state?.life_cycle_state === "NO_RUNS") return { runId: "", startedAt: 0 };
  const { run_id: runId, start_time, end_time } = (latest_run ?? {}) as z.infer<typeof LatestRun>;
  if (runId === undefined || start_time === undefined) return undefined;
  const endedAt = end_time === undefined ? {} : { endedAt: Date.parse(end_time) };
  return { runId, startedAt: Date.parse(start_time), ...endedAt };
}

/**
 * Reads a run; `undefined` for a run without a job or a state, for one with an unreadable id or time, and for a one-off
 * run.
 */
function toRun(item: Record<string, unknown>): Run | undefined {
  if (typeof item !== "object" || item === null || !/^\d+$/.test(String(item.run_id)) || !item.job_id) return undefined;
  if ((item.run_type ?? OF_JOBS) !== OF_JOBS) return undefined;
  const state = stateOf(item);
  const startedAt = Number(item.start_time ?? 0);
  const endedAt = Number(item.end_time ?? 0);
  if (state === undefined || ![startedAt, endedAt].every((time) => Math.abs(time) <= LATEST)) return undefined;
  return {
    jobId: String(item.job_id),
    runId: String(item.run_id),
    startedAt,
    ...(endedAt > 0 ? { endedAt } : {}),
    isOver: isOver(state),
    isRepairable: isRepairable(state),
    shown: { latest_run_state: state, latest_run: latestRun(item, { startedAt, endedAt }) },
  };
}

function latestRun({ run_id, run_page_url }: Record<string, unknown>, times: { startedAt: number; endedAt: number }) {
  const { startedAt, endedAt } = times;
  return {
    run_id: String(run_id),
    ...(startedAt > 0 ? { start_time: new Date(startedAt).toISOString() } : {}),
    ...(endedAt > 0 ? { end_time: new Date(endedAt).toISOString() } : {}),
    ...(typeof run_page_url === "string" ? { url: run_page_url } : {}),
  };
}

function isRepairable(state: RunState): boolean {
  return isOver(state) && state.life_cycle_state !== "SKIPPED" && state.result_state !== "SUCCESS";
}

/** Read in the same way as a DatabricksRun, so that both report the same. */
async function news(workspace: Workspace | undefined, { runId, shown }: Run): Promise<RunNews> {
  const { latest_run_state: state, latest_run } = shown as {
    latest_run_state?: RunState;
    latest_run?: { url?: string };
  };
  const row = { run_id: runId, state, run_page_url: latest_run?.url };
  const phase = phaseOf(row);
  const whole = phase === "Failed" && workspace !== undefined ? await readQuietly(workspace, runId) : undefined;
  const { news } = tell(whole ?? row, {});
  const result = { Succeeded: "succeeded", Cancelled: "cancelled", Skipped: "skipped" } as const;
  return {
    type: "Warning",
    reason: "RunFailed",
    message: `Run ${runId} ended`,
    ...news,
    result: result[phase as "Succeeded"] ?? "failed",
  };
}

async function readQuietly(workspace: Workspace, runId: string): Promise<ObservedRun | undefined> {
  try {
    const run = await observeRun(workspace, runId, {});
    return run !== undefined && isEnded(run) ? run : undefined;
  } catch (error) {
    if (error instanceof DatabricksError) return undefined;
    throw error;
  }
}

async function start(workspace: Workspace, jobId: string, { parameters, token }: RunRequested): Promise<string> {
  // `attempt` only distinguishes one request from another.
  const { attempt: _attempt, ...fields } = parameters as Record<string, unknown>;
  const input = { ...fields, job_id: BigInt(jobId), idempotency_token: token };
  const { run_id } = await workspace.call(endpoints.start, input);
  if (/^\d+$/.test(String(run_id))) return String(run_id);
  const { method, path } = endpoints.start;
  throw new UnavailableError({
    endpoint: `${method} ${path.replace("{jobs_api_version}", workspace.jobsApiVersion)}`,
    status: 200,
    code: "",
    message: "the answer has no run_id",
    host: new URL(workspace.host).host,
  });
}

async function findStarted(workspace: Workspace, jobId: string, since: string): Promise<string | undefined> {
  const us = await knownUser(workspace);
  const found: Record<string, unknown>[] = [];
  const query = { job_id: jobId, limit: PAGE, start_time_from: Date.parse(since) - CLOCK_SKEW };
  for await (const page of workspace.pages(endpoints.list, query)) {
    found.push(
      ...page.filter(({ creator_user_name, trigger = "ONE_TIME", run_id }) =>
        isSameUser(creator_user_name, us) && trigger === "ONE_TIME" && /^\d+$/.test(String(run_id))
      ),
    );
  }
  const [oldest] = found.sort((a, b) => Number(a.start_time) - Number(b.start_time));
  return oldest === undefined ? undefined : String(oldest.run_id);
}
