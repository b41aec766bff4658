/**
 * One run of a job.
 *
 * @module
 */
import type { Settings } from "./job_settings.ts";

/** How a run stands, in the API's words; both enums are open. */
export interface RunState {
  life_cycle_state: string;
  result_state?: string;
  state_message: string;
  user_cancelled_or_timedout: boolean;
}

/** A run as the workspace holds it. */
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
  /** What the request gave: job_parameters, notebook_params … */
  overrides: Settings;
  /** The job's settings when the run began. */
  settings: Settings;
  /** How it ended before its first repair. */
  original?: Settings;
  repairs: Settings[];
}

const ended = new Set(["TERMINATED", "SKIPPED", "INTERNAL_ERROR"]);

/** True until a run has ended, one way or another. */
export function isActive({ state }: Pick<Run, "state">): boolean {
  return !ended.has(state.life_cycle_state);
}

/** The state of a run that has no result. */
export function stateOf(life_cycle_state: string): RunState {
  return { life_cycle_state, state_message: "", user_cancelled_or_timedout: false };
}
