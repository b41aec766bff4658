/**
 * Reports a run: its status, its conditions, and the Event at its end.
 *
 * @module
 */
import * as z from "zod";
import { int64 } from "../../databricks/primitives.ts";
import {
  isOver,
  phaseOf,
  queueReason,
  repairsOf,
  stateOf,
  tasksOf,
  type TaskTold,
  terminationOf,
  timeOf,
} from "../../databricks/answers/runs.ts";
import type { ExternalState, OnceEnd, OnceNews, OwnCondition, Told } from "../../resource.ts";

/** The largest number of tasks in the status. */
const MAX_TASKS = 100;
/** The longest first line of an error in a message (characters). */
const MAX_LINE = 300;

type Fields = Record<string, unknown>;

/** The output of a task, limited in size. */
export interface Output {
  readonly key: string;
  readonly text: string;
  readonly truncated?: boolean;
}

/**
 * A run as returned by runs/get, with the errors of failed tasks, by the ids of their runs, and the output of tasks.
 * `isCut`: some of that could not be read, and may be readable later.
 */
export type ObservedRun = Fields & { errors?: Record<string, string>; output?: Output[]; isCut?: boolean };

/** The part of the manifest that the report depends on. */
interface Asked {
  readonly suspend?: boolean | undefined;
  readonly cancel?: boolean | undefined;
  readonly active_deadline_seconds?: number | bigint | undefined;
}

const text = (description: string) => z.string().describe(description).optional();
const time = (description: string) => z.string().meta({ format: "date-time", description }).optional();
const duration = (description: string) => int64.describe(description).optional();

const Repair = z.object({
  id: text("Its id"),
  start_time: time("The start time"),
  end_time: time("The end time"),
  phase: text("The phase, as for the whole run"),
});

const TaskOutput = z.object({
  key: text("The task's key"),
  text: text("The result or printed output"),
  truncated: z.boolean().describe("True if the output is cut").optional(),
});

const Task = z.object({
  key: text("The task's key"),
  run_id: text("The id of the task's own run"),
  phase: text("The phase, as for the whole run"),
  code: text("Databricks' termination code"),
  url: text("Its page in the web application"),
  error: text("The beginning of its error"),
});

/** The fields of a run's status. */
export const statusFields = {
  phase: text(
    "One word: Pending, Queued, Running, Repairing, Cancelling, Succeeded, Failed, Cancelled, Skipped or Unknown",
  ),
  run_id: text("The run's id"),
  job_id: text("The id of its job"),
  pipeline_id: text("The id of its pipeline, if it is an update"),
  url: text("Its page in the web application"),
  start_time: time("The start time"),
  completion_time: time("The end time"),
  queue_duration_ms: duration("The time in the queue"),
  setup_duration_ms: duration("The time until its compute was ready"),
  execution_duration_ms: duration("The execution time"),
  run_duration_ms: duration("The total duration"),
  queue_reason: text("Databricks' reason for queueing it"),
  termination: z.object({
    code: text("Databricks' termination code"),
    type: text("The type of its end: SUCCESS, CLIENT_ERROR, INTERNAL_ERROR or CLOUD_FAILURE"),
    message: text("Databricks' message"),
  }).describe("The result").optional(),
  tasks: z.array(Task).describe("Its tasks, the failed ones first; at most 100").optional(),
  tasks_total: int64.describe("The number of tasks").optional(),
  repairs: z.array(Repair).describe("Its repairs, the oldest first").optional(),
  output: z.array(TaskOutput).describe("The results and printed output of its tasks, if spec.output requests them")
    .optional(),
};

/** True if a run and its latest repair have ended: the run's own state may still be that from before the repair. */
export function isEnded(run: ObservedRun): boolean {
  const state = stateOf(run);
  const latest = repairsOf(run).at(-1);
  return state !== undefined && isOver(state) && !["Pending", "Queued", "Running"].includes(latest?.phase ?? "");
}

/** Returns the start of a run or of its latest repair (ms since the epoch); 0 if it is unknown. */
export function begunAt(run: ObservedRun): number {
  const latest = repairsOf(run).at(-1)?.start_time;
  return Math.max(Number(run.start_time ?? 0), latest === undefined ? 0 : Date.parse(latest));
}

/** The state of a run in one word, or its outcome with regard to the manifest. */
type Standing =
  | "Pending"
  | "Queued"
  | "Running"
  | "Repairing"
  | "Cancelling"
  | "Succeeded"
  | "Failed"
  | "Cancelled"
  | "Skipped";

function standingOf(run: ObservedRun, { cancel }: Asked): Standing {
  if (isEnded(run)) return phaseOf(run);
  const isEnding = stateOf(run)?.life_cycle_state === "TERMINATING";
  if (cancel === true || isEnding) return "Cancelling";
  return repairsOf(run).length > 0 ? "Repairing" : phaseOf(run);
}

/** True if a run was cancelled because of its deadline. */
function isTooLate(run: ObservedRun, { active_deadline_seconds: seconds, cancel }: Asked): boolean {
  if (seconds === undefined || cancel === true || phaseOf(run) !== "Cancelled") return false;
  return Number(run.end_time ?? 0) - begunAt(run) >= Number(seconds) * 1000;
}

/** The report on a run. */
export function tell(run: ObservedRun, desired: Asked): Told {
  const isLate = isTooLate(run, desired);
  const standing = isLate ? "Failed" : standingOf(run, desired);
  const tasks = tasksOf(run, run.errors);
  const fields = fieldsOf(run, { standing, tasks });
  const isFinal = isEnded(run);
  const said = isFinal ? endOf(run, { standing, tasks, isLate }) : "";
  const news = newsOf(standing, `Run ${run.run_id} ${said}`, run);
  return {
    state: stateFor(standing, { said, isLate, run }),
    fields,
    conditions: conditionsFor(standing),
    isFinal,
    ...(isFinal && news !== undefined ? { news } : {}),
    ...(isFinal ? { end: endFor(run, standing) } : {}),
  };
}

/** The end of a run, for metrics. */
function endFor(run: ObservedRun, standing: Standing): OnceEnd {
  const results = { Succeeded: "succeeded", Cancelled: "cancelled", Skipped: "skipped" } as const;
  return {
    result: results[standing as keyof typeof results] ?? "failed",
    startedAt: begunAt(run),
    endedAt: Number(run.end_time ?? 0),
  };
}

function fieldsOf(run: ObservedRun, { standing, tasks }: { standing: Standing; tasks: readonly TaskTold[] }): Fields {
  const isFinal = isEnded(run);
  const number = (value: unknown) => isFinal && Number(value) > 0 ? Number(value) : undefined;
  return {
    phase: standing,
    run_id: String(run.run_id),
    job_id: run.job_id === undefined ? undefined : String(run.job_id),
    pipeline_id: run.pipeline_id === undefined ? undefined : String(run.pipeline_id),
    url: typeof run.run_page_url === "string" ? run.run_page_url : undefined,
    start_time: timeOf(run.start_time),
    // A run without an end time ended no earlier than it began.
    completion_time: isFinal ? timeOf(run.end_time) ?? timeOf(run.start_time) : undefined,
    queue_duration_ms: number(run.queue_duration),
    setup_duration_ms: number(run.setup_duration),
    execution_duration_ms: number(run.execution_duration),
    run_duration_ms: number(run.run_duration),
    queue_reason: isFinal ? undefined : queueReason(run),
    termination: terminationOf(run),
    tasks: tasks.length === 0 ? undefined : tasks.slice(0, MAX_TASKS),
    tasks_total: tasks.length === 0 ? undefined : tasks.length,
    repairs: repairsOf(run).length === 0 ? undefined : repairsOf(run),
    output: run.output === undefined || run.output.length === 0 ? undefined : run.output,
  };
}

/** Returns the status of a run whose repair has begun and does not show yet. */
export function repairing(status: Readonly<Fields>): Told {
  const { run_id, job_id, url, start_time, tasks, tasks_total, repairs } = status;
  const message = `Run ${run_id} is being repaired`;
  return {
    state: { ready: false, reason: "Repairing", message },
    fields: { phase: "Repairing", run_id, job_id, url, start_time, tasks, tasks_total, repairs },
    conditions: conditionsFor("Repairing"),
    isFinal: false,
  };
}

/** The end of a run, as a predicate: `failed: task "load": RUN_EXECUTION_ERROR: ValueError: no data`. */
function endOf(
  run: ObservedRun,
  { standing, tasks, isLate }: { standing: Standing; tasks: readonly TaskTold[]; isLate: boolean },
): string {
  const { code, message } = terminationOf(run) ?? { code: "" };
  if (standing === "Succeeded") return code === "SUCCESS" ? "succeeded" : `succeeded: ${code}`;
  if (isLate) return "failed: it was cancelled after spec.active_deadline_seconds";
  const first = tasks.find(({ phase }) => phase === "Failed");
  const line = (first?.error ?? message ?? "").trim().split("\n")[0]?.slice(0, MAX_LINE);
  const task = standing === "Failed" && first !== undefined ? [`task "${first.key}"`, first.code ?? code] : [code];
  const verb = { Failed: "failed", Cancelled: "was cancelled", Skipped: "was skipped" }[standing as "Failed"] ??
    "ended";
  return [verb, ...task, line].filter((part) => part !== undefined && part !== "").join(": ");
}

function newsOf(standing: Standing, message: string, { run_page_url: url }: ObservedRun): OnceNews | undefined {
  const told = typeof url === "string" ? `${message} (${url})` : message;
  if (standing === "Succeeded") return { type: "Normal", reason: "RunSucceeded", message: told };
  if (standing === "Failed") return { type: "Warning", reason: "RunFailed", message: told };
  if (standing === "Cancelled") return { type: "Normal", reason: "RunCancelled", message: told };
  return standing === "Skipped" ? { type: "Warning", reason: "RunSkipped", message: told } : undefined;
}

function stateFor(
  standing: Standing,
  { said, isLate, run }: { said: string; isLate: boolean; run: ObservedRun },
): ExternalState {
  if (standing === "Succeeded") return { ready: true, reason: "RunSucceeded", message: `Run ${run.run_id} ${said}` };
  const failed = { Failed: "RunFailed", Cancelled: "RunCancelled", Skipped: "RunSkipped" } as const;
  if (standing === "Failed" || standing === "Cancelled" || standing === "Skipped") {
    const reason = isLate ? "DeadlineExceeded" : failed[standing];
    return { ready: false, failed: true, reason, message: `Run ${run.run_id} ${said}` };
  }
  const why = queueReason(run);
  const doing = {
    Pending: "waits for its compute",
    Queued: why === undefined ? "is queued" : `is queued: ${why}`,
    Running: "runs",
    Repairing: "is being repaired",
    Cancelling: "is being cancelled",
  }[standing];
  return { ready: false, reason: standing, message: `Run ${run.run_id} ${doing}` };
}

/** Conditions like those of Tekton (Succeeded) and of a Kubernetes Job (Complete, Failed). */
function conditionsFor(standing: Standing): OwnCondition[] {
  const isComplete = standing === "Succeeded";
  const isFailed = ["Failed", "Cancelled", "Skipped"].includes(standing);
  return [
    { type: "Succeeded", status: isComplete ? "True" : isFailed ? "False" : "Unknown" },
    { type: "Complete", status: isComplete ? "True" : "False" },
    { type: "Failed", status: isFailed ? "True" : "False" },
  ];
}

/** A run that is not started: for good, or until the manifest changes. */
export function hold({ suspend, cancel }: Asked): Told | undefined {
  if (cancel === true) {
    return {
      state: { ready: false, failed: true, reason: "RunCancelled", message: "It was cancelled before it was started" },
      fields: { phase: "Cancelled" },
      conditions: conditionsFor("Cancelled"),
      isFinal: true,
    };
  }
  if (suspend !== true) return undefined;
  const message = "spec.suspend is true, so the run is not started: set it to false";
  return {
    state: { ready: false, reason: "Suspended", message },
    fields: { phase: "Pending" },
    conditions: conditionsFor("Pending"),
    isFinal: false,
  };
}

/** A run that cannot be started or followed for now: its fields stay. */
export function hindered(status: Readonly<Fields>): Pick<Told, "fields" | "conditions"> {
  const standing = status.id === undefined ? "Pending" : status.phase ?? "Pending";
  const { phase: _phase, ...fields } = Object.fromEntries(
    Object.keys(statusFields).map((field) => [field, status[field]]),
  );
  return { fields: { ...fields, phase: standing }, conditions: conditionsFor("Pending") };
}

/** A run that Databricks refuses to start. */
export function refused(why: string, at: string): Told {
  const message = `${why}; create another DatabricksRun to try again`;
  return {
    state: { ready: false, failed: true, reason: "RunRefused", message },
    fields: { phase: "Failed", completion_time: at },
    conditions: conditionsFor("Failed"),
    isFinal: true,
    news: { type: "Warning", reason: "RunRefused", message },
  };
}

/** A run that is in no history any more, and whose end was not seen. */
export function lost(status: Readonly<Fields>): Told {
  const { tasks, tasks_total, run_id, job_id, pipeline_id, url, start_time } = status;
  const message = `Run ${status.id} is no longer in Databricks' history, so its end is not known: create another ` +
    `DatabricksRun to run again`;
  return {
    state: { ready: false, failed: true, reason: "HistoryExpired", message },
    fields: { phase: "Unknown", tasks, tasks_total, run_id, job_id, pipeline_id, url, start_time },
    conditions: [
      { type: "Succeeded", status: "Unknown" },
      { type: "Complete", status: "False" },
      { type: "Failed", status: "True" },
    ],
    isFinal: true,
    news: { type: "Warning", reason: "RunFailed", message },
  };
}
