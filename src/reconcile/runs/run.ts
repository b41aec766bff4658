/**
 * A run as status shows it, read from what the Jobs API answers.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import type { LatestRun, RunState } from "../object/status.ts";

/** One-off runs (`runs/submit`, `dbutils.notebook.run`) are of no job that anybody manages. */
export const OF_JOBS = "JOB_RUN";
/** The last time that a date can tell (ms). */
const LATEST = 8.64e15;

/** A run, as far as status shows it. */
export interface Run {
  readonly jobId: string;
  readonly runId: string;
  readonly startedAt: number;
  readonly state: RunState;
  readonly latest: LatestRun;
}

/** True when `a` began after `b`. */
export function isNewer(a: Run, b: Run): boolean {
  return a.startedAt > b.startedAt || (a.startedAt === b.startedAt && BigInt(a.runId) > BigInt(b.runId));
}

/** True when a run has ended, one way or another. */
export function isOver(state: RunState): boolean {
  return ["TERMINATED", "SKIPPED", "INTERNAL_ERROR"].includes(state.life_cycle_state);
}

/** True when somebody may have a run's failed tasks run again (`runs/repair`), which goes on under the same run id. */
export function isRepairable(state: RunState): boolean {
  return isOver(state) && state.life_cycle_state !== "SKIPPED" && state.result_state !== "SUCCESS";
}

/**
 * Reads a run; one without a job or a state, or whose id or times cannot be read, is passed over, and so is a one-off
 * run, whose job nobody can manage.
 */
export function toRun(item: unknown): Run[] {
  if (!isObject(item) || !/^\d+$/.test(String(item.run_id)) || !item.job_id) return [];
  if ((item.run_type ?? OF_JOBS) !== OF_JOBS) return [];
  const state = stateOf(item);
  const runId = String(item.run_id);
  const startedAt = Number(item.start_time ?? 0);
  const endedAt = Number(item.end_time ?? 0);
  if (state === undefined || ![startedAt, endedAt].every((time) => Math.abs(time) <= LATEST)) return [];
  const latest: LatestRun = {
    run_id: runId,
    ...(startedAt > 0 ? { start_time: new Date(startedAt).toISOString() } : {}),
    ...(endedAt > 0 ? { end_time: new Date(endedAt).toISOString() } : {}),
    ...(typeof item.run_page_url === "string" ? { url: item.run_page_url } : {}),
  };
  return [{ jobId: String(item.job_id), runId, startedAt, state, latest }];
}

/** `state` is deprecated for `status` (Python SDK 0.162.0, jobs.Run), so one may come without the other. */
function stateOf({ state, status }: Record<string, unknown>): RunState | undefined {
  if (isObject(state) && state.life_cycle_state !== undefined) return fromState(state);
  return isObject(status) ? fromStatus(status) : undefined;
}

function fromState(state: Record<string, unknown>): RunState {
  const { life_cycle_state, result_state, state_message, user_cancelled_or_timedout } = state;
  return {
    life_cycle_state: String(life_cycle_state),
    ...(result_state === undefined ? {} : { result_state: String(result_state) }),
    ...(state_message === undefined ? {} : { state_message: String(state_message) }),
    ...(user_cancelled_or_timedout === undefined
      ? {}
      : { user_cancelled_or_timedout: user_cancelled_or_timedout === true }),
  };
}

/** Termination codes → life-cycle and result states of `state` (jobs.TerminationCodeCode); others are failures. */
const ends: Readonly<Record<string, { readonly life?: string; readonly result?: string }>> = {
  SUCCESS: { result: "SUCCESS" },
  SUCCESS_WITH_FAILURES: { result: "SUCCESS_WITH_FAILURES" },
  USER_CANCELED: { result: "CANCELED" },
  CANCELED: { result: "CANCELED" },
  DISABLED: { result: "DISABLED" },
  SKIPPED: { life: "SKIPPED" },
  MAX_CONCURRENT_RUNS_EXCEEDED: { life: "SKIPPED", result: "MAXIMUM_CONCURRENT_RUNS_REACHED" },
  INTERNAL_ERROR: { life: "INTERNAL_ERROR", result: "FAILED" },
};

function fromStatus({ state, termination_details, queue_details }: Record<string, unknown>): RunState | undefined {
  if (state === undefined) return undefined;
  const life_cycle_state = state === "WAITING" ? "WAITING_FOR_RETRY" : String(state);
  if (state !== "TERMINATED") return { life_cycle_state, ...said(queue_details) };
  const { code, type } = isObject(termination_details) ? termination_details : {};
  const { life = life_cycle_state, result }: { life?: string; result?: string } = Object.hasOwn(ends, String(code))
    ? ends[String(code)]!
    : { result: type === "SUCCESS" ? "SUCCESS" : "FAILED" };
  return {
    life_cycle_state: life,
    ...(result === undefined ? {} : { result_state: result }),
    ...said(termination_details),
    user_cancelled_or_timedout: result === "CANCELED",
  };
}

function said(details: unknown): { state_message?: string } {
  return isObject(details) && typeof details.message === "string" ? { state_message: details.message } : {};
}
