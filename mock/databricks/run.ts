/**
 * One run of a job.
 *
 * @module
 */
import type { Settings } from "./job_settings.ts";

/** The state of a run, in the API's terms; both enums are open. */
export interface RunState {
  life_cycle_state: string;
  result_state?: string;
  state_message: string;
  user_cancelled_or_timedout: boolean;
}

/** A run in the workspace's store. */
export interface Run {
  run_id: string;
  job_id: string;
  run_name: string;
  run_type: "JOB_RUN" | "SUBMIT_RUN";
  creator_user_name: string;
  state: RunState;
  start_time: number;
  /** 0 while the run is active. */
  end_time: number;
  /** The overrides in the request: job_parameters, notebook_params, … */
  overrides: Settings;
  /** The job's settings at the start of the run. */
  settings: Settings;
  /** The state before the first repair. */
  original?: Settings;
  repairs: Settings[];
  /** The time of its cancellation, while it is TERMINATING (ms since the epoch). */
  cancelledAt?: number;
  /** The output of its tasks. */
  output?: string;
}

/** The ids of the task runs in a run's latest repair. */
export function taskRunIds({ run_id, settings, repairs }: Run): bigint[] {
  const attempt = BigInt(repairs.length) * 1_000n;
  return (settings.tasks ?? []).map((_task: Settings, index: number) =>
    BigInt(run_id) + attempt + 1_000_000n * BigInt(index + 1)
  );
}

const ended = new Set(["TERMINATED", "SKIPPED", "INTERNAL_ERROR"]);

/** True if a run has not ended. */
export function isActive({ state }: Pick<Run, "state">): boolean {
  return !ended.has(state.life_cycle_state);
}

const lifeCycleStates: Record<string, string> = {
  SKIPPED: "TERMINATED",
  INTERNAL_ERROR: "TERMINATED",
  WAITING_FOR_RETRY: "WAITING",
};

const terminations: Record<string, { code: string; type: string }> = {
  SUCCESS: { code: "SUCCESS", type: "SUCCESS" },
  SUCCESS_WITH_FAILURES: { code: "SUCCESS_WITH_FAILURES", type: "SUCCESS" },
  CANCELED: { code: "USER_CANCELED", type: "SUCCESS" },
  MAXIMUM_CONCURRENT_RUNS_REACHED: { code: "MAX_CONCURRENT_RUNS_EXCEEDED", type: "CLIENT_ERROR" },
};

/** `status`, the successor of `state` in 2.2. */
export function statusOf({ life_cycle_state, result_state, state_message: message }: RunState): Settings {
  const state = lifeCycleStates[life_cycle_state] ?? life_cycle_state;
  if (state === "QUEUED") return { state, queue_details: { code: "MAX_CONCURRENT_RUNS_REACHED", message } };
  if (state !== "TERMINATED") return { state };
  const details = terminations[result_state ?? ""] ?? { code: "RUN_EXECUTION_ERROR", type: "CLIENT_ERROR" };
  return { state, termination_details: { ...details, message } };
}

/** The state of a run without a result. */
export function stateOf(life_cycle_state: string): RunState {
  return { life_cycle_state, state_message: "", user_cancelled_or_timedout: false };
}
