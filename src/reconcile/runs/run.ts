/**
 * A run as status shows it, read from what the Jobs API answers.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { isOver, stateOf } from "../../databricks/run_answers.ts";
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
