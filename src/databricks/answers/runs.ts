/**
 * Reads the answers of the Jobs API about runs. `state` is deprecated in favour of `status` (Python SDK 0.162.0,
 * jobs.Run), so either may be missing, and both enums are open.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import type { Quirk } from "../../resource.ts";

type Fields = Record<string, unknown>;

/** A run's state, with the field names of `state`. */
export interface RunState {
  readonly life_cycle_state: string;
  readonly result_state?: string;
  readonly state_message?: string;
  readonly user_cancelled_or_timedout?: boolean;
}

/** The answer for a run that does not exist. */
export const absentRun: Quirk = {
  why: "The Jobs API says 400 for a run that does not exist, and names its job or not",
  status: 400,
  message: /\brun:? (with id )?\d+ (in job:? \d+ )?(does not|doesn't) exist/i,
  means: "absent",
};

/** True when a run has ended, one way or another. */
export function isOver(state: RunState): boolean {
  return ["TERMINATED", "SKIPPED", "INTERNAL_ERROR"].includes(state.life_cycle_state);
}

/** The state of a run or of a task; `undefined` if the answer contains none. */
export function stateOf({ state, status }: Fields): RunState | undefined {
  if (isObject(state) && state.life_cycle_state !== undefined) return fromState(state);
  return isObject(status) ? fromStatus(status) : undefined;
}

function fromState(state: Fields): RunState {
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

function fromStatus({ state, termination_details, queue_details }: Fields): RunState | undefined {
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

/** The state of a run or a task in one word. */
export type Phase = "Pending" | "Queued" | "Running" | "Succeeded" | "Failed" | "Cancelled" | "Skipped";

const active: Readonly<Record<string, Phase>> = { QUEUED: "Queued", PENDING: "Pending", BLOCKED: "Pending" };

const results: Readonly<Record<string, Phase>> = {
  SUCCESS: "Succeeded",
  SUCCESS_WITH_FAILURES: "Succeeded",
  CANCELED: "Cancelled",
  UPSTREAM_CANCELED: "Cancelled",
  EXCLUDED: "Skipped",
  DISABLED: "Skipped",
  UPSTREAM_FAILED: "Skipped",
  MAXIMUM_CONCURRENT_RUNS_REACHED: "Skipped",
};

/** The phase of a run or task. A state unknown to this version counts as running or failed. */
export function phaseOf(answer: Fields): Phase {
  const state = stateOf(answer);
  if (state === undefined) return "Pending";
  const { life_cycle_state: life, result_state: result = "" } = state;
  if (!isOver(state)) return active[life] ?? "Running";
  return life === "SKIPPED" ? "Skipped" : results[result] ?? "Failed";
}

/** The reason why a run or task ended: Databricks' termination code, or the older result state. */
export function terminationOf(answer: Fields): { code: string; type?: string; message?: string } | undefined {
  const state = stateOf(answer);
  if (state === undefined || !isOver(state)) return undefined;
  const details = isObject(answer.status) ? answer.status.termination_details : undefined;
  const { code, type, message }: Fields = isObject(details) ? details : {};
  const text = message ?? state.state_message;
  return {
    code: String(code ?? state.result_state ?? state.life_cycle_state),
    ...(type === undefined ? {} : { type: String(type) }),
    ...(text === undefined || text === "" ? {} : { message: String(text) }),
  };
}

/** A repair of a run, from `repair_history`. */
export interface RepairTold {
  readonly id: string;
  readonly start_time?: string;
  readonly end_time?: string;
  readonly phase: Phase;
}

/** The repairs of a run, the oldest first, without the original run. */
export function repairsOf({ repair_history: history }: Fields): RepairTold[] {
  const repairs = Array.isArray(history) ? history.filter(isObject) : [];
  return repairs.filter(({ type, id }) => type !== "ORIGINAL" && id !== undefined).map((repair) => {
    const [start, end] = [timeOf(repair.start_time), timeOf(repair.end_time)];
    return {
      id: String(repair.id),
      ...(start === undefined ? {} : { start_time: start }),
      ...(end === undefined ? {} : { end_time: end }),
      phase: phaseOf(repair),
    };
  });
}

/** Databricks' reason why a run is queued. */
export function queueReason({ status }: Fields): string | undefined {
  const details = isObject(status) && isObject(status.queue_details) ? status.queue_details : undefined;
  return details?.code === undefined ? undefined : String(details.code);
}

/** A time (ms since the epoch) as RFC 3339; `undefined` for none. */
export function timeOf(value: unknown): string | undefined {
  const time = Number(value ?? 0);
  return time > 0 && time <= 8.64e15 ? new Date(time).toISOString() : undefined;
}

/** A task of a run, as status shows it. */
export interface TaskTold {
  readonly key: string;
  readonly run_id?: string;
  readonly phase: Phase;
  readonly code?: string;
  readonly url?: string;
  readonly error?: string;
}

/** Phases, the most urgent one first. */
const urgency: readonly Phase[] = ["Failed", "Cancelled", "Running", "Queued", "Pending", "Skipped", "Succeeded"];

/**
 * The tasks of a run: failed ones first, and among them the earliest failure. `tasks` holds every attempt; only the
 * latest attempt of a retried task is returned.
 *
 * @param errors The errors of tasks, by the ids of their runs.
 */
export function tasksOf({ tasks }: Fields, errors: Readonly<Record<string, string>> = {}): TaskTold[] {
  const latest = new Map<string, Fields>();
  for (const task of Array.isArray(tasks) ? tasks.filter(isObject) : []) {
    const known = latest.get(String(task.task_key));
    if (Number(known?.attempt_number ?? -1) <= Number(task.attempt_number ?? 0)) {
      latest.set(String(task.task_key), task);
    }
  }
  const ended = (task: Fields) => Number(task.end_time || Infinity);
  const rank = (task: Fields) => urgency.indexOf(phaseOf(task));
  const sorted = [...latest.values()].sort((a, b) => {
    const byRank = rank(a) - rank(b);
    return byRank !== 0 ? byRank : ended(a) === ended(b) ? 0 : ended(a) - ended(b);
  });
  return sorted.map((task) => taskOf(task, errors));
}

function taskOf(task: Fields, errors: Readonly<Record<string, string>>): TaskTold {
  const id = task.run_id === undefined ? undefined : String(task.run_id);
  const code = terminationOf(task)?.code;
  const error = errors[id ?? ""];
  return {
    key: String(task.task_key),
    ...(id === undefined ? {} : { run_id: id }),
    phase: phaseOf(task),
    ...(code === undefined || code === "SUCCESS" ? {} : { code }),
    ...(typeof task.run_page_url === "string" ? { url: task.run_page_url } : {}),
    ...(error === undefined ? {} : { error }),
  };
}
