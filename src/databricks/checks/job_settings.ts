/**
 * Checks job settings beyond their schema, before they are sent: Databricks' own refusal often names neither the field
 * nor the remedy.
 *
 * @module
 */
import { cycleOf } from "../../base/cycle.ts";
import type { SpecIssue } from "../../resource.ts";
import { quartzProblem } from "./quartz.ts";
import { timeZoneProblem } from "./time_zone.ts";
import type { JobSettings } from "../types.ts";

/** The path of the settings in a manifest. */
const ROOT = "spec.job.settings";
/** The most tasks of a cycle that a message names. */
const MAX_SHOWN = 5;

/** Finds errors in job settings. */
export function settingsIssues(settings: JobSettings | undefined): SpecIssue[] {
  if (settings === undefined) return [{ path: ROOT, message: "is missing: say what the job does" }];
  return [
    ...checkPermissions(settings),
    ...checkTasks(settings),
    ...checkReferences(settings),
    ...checkCycles(settings),
    ...checkSchedules(settings, true),
  ];
}

/** Finds possible errors in job settings: dialects of cron differ, and none was checked against Databricks. */
export function settingsDoubts(settings: JobSettings): SpecIssue[] {
  return checkSchedules(settings, false);
}

/**
 * Returns the reason not to request a run: run-now cancels the active run of a continuous job and starts another one
 * (the Jobs guide, "Run a job continuously").
 */
export function runProblem({ continuous, triggers = [] }: JobSettings): string | undefined {
  const always = [continuous, ...triggers.filter((trigger) => trigger.continuous !== undefined)];
  if (!always.some((one) => one !== undefined && one.pause_status !== "PAUSED")) return undefined;
  return "spec.run was refused: a continuous job runs by itself, and a run on request would cancel its active run: " +
    "remove spec.run; or set continuous.pause_status to PAUSED, and then change spec.run";
}

/**
 * jobs/create accepts them, jobs/reset does not, and no answer contains them: as a setting they would never be applied.
 */
function checkPermissions({ access_control_list: list }: JobSettings): SpecIssue[] {
  if (list === undefined) return [];
  return [{
    path: "spec.job.settings.access_control_list",
    message: "no update applies permissions as a setting: write them in spec.permissions, as " +
      "{ user_name or group_name or service_principal_name, level }",
  }];
}

function checkTasks(settings: JobSettings): SpecIssue[] {
  const issues: SpecIssue[] = [];
  const seen = new Set<string>();
  for (const [index, task] of (settings.tasks ?? []).entries()) {
    const path = `${ROOT}.tasks[${index}]`;
    if (seen.has(task.task_key)) {
      issues.push({
        path: `${path}.task_key`,
        message: `"${task.task_key}" is used twice: give each task a key of its own`,
      });
    }
    seen.add(task.task_key);
    if (settings.format !== "SINGLE_TASK" && !Object.keys(task).some((name) => name.endsWith("_task"))) {
      issues.push({ path, message: `task "${task.task_key}" does nothing: add its type, for example notebook_task` });
    }
  }
  return issues;
}

/** `environment_key` is not checked: how Databricks treats one that `environments` lacks is not documented. */
function checkReferences({ tasks = [], job_clusters = [] }: JobSettings): SpecIssue[] {
  const keys = new Set(tasks.map(({ task_key }) => task_key));
  const clusters = new Set(job_clusters.map(({ job_cluster_key }) => job_cluster_key));
  const ofCluster = (path: string, key: string | undefined): SpecIssue[] => {
    if (key === undefined || clusters.has(key)) return [];
    return [{ path: `${path}.job_cluster_key`, message: `there is no job cluster "${key}": add it to job_clusters` }];
  };
  return tasks.flatMap((task, index) => {
    const path = `${ROOT}.tasks[${index}]`;
    const missing = (task.depends_on ?? []).flatMap(({ task_key }, at) =>
      keys.has(task_key) ? [] : [{
        path: `${path}.depends_on[${at}].task_key`,
        message: `there is no task "${task_key}": name one of this job`,
      }]
    );
    const repeated = task.for_each_task?.task;
    return [
      ...missing,
      ...ofCluster(path, task.job_cluster_key),
      ...ofCluster(`${path}.for_each_task.task`, repeated?.job_cluster_key),
    ];
  });
}

/** Databricks refuses a graph with a cycle without naming the cycle. */
function checkCycles({ tasks = [] }: JobSettings): SpecIssue[] {
  const edges = new Map(tasks.map((task) => [task.task_key, (task.depends_on ?? []).map(({ task_key }) => task_key)]));
  const cycle = cycleOf(edges);
  if (cycle === undefined) return [];
  const [first = "", second = ""] = [...cycle, ...cycle];
  const index = tasks.findIndex(({ task_key }) => task_key === first);
  const at = tasks[index]?.depends_on?.findIndex(({ task_key }) => task_key === second);
  const path = `${ROOT}.tasks[${index}].depends_on[${at}].task_key`;
  if (cycle.length === 1) return [{ path, message: `task "${first}" depends on itself: remove it` }];
  const shown = [...cycle.slice(0, MAX_SHOWN), ...(cycle.length > MAX_SHOWN ? ["…"] : []), first];
  return [{ path, message: `tasks wait for each other in a circle, ${shown.join(" → ")}: remove one of these` }];
}

function checkSchedules({ schedule, triggers = [] }: JobSettings, isCertain: boolean): SpecIssue[] {
  const places: (readonly [place: string, times: Times | undefined])[] = [
    ["schedule", schedule],
    ...triggers.map(({ schedule }, index) => [`triggers[${index}].schedule`, schedule] as const),
  ];
  return places.flatMap(([place, times]) => {
    const issues = times === undefined ? [] : checkTimes(times).filter((issue) => issue.isCertain === isCertain);
    return issues.map(({ field, message }) => ({ path: `${ROOT}.${place}.${field}`, message }));
  });
}

/** The cron expression and time zone that all forms of schedules share. */
type Times = Pick<NonNullable<JobSettings["schedule"]>, "quartz_cron_expression" | "timezone_id">;

function checkTimes({ quartz_cron_expression: cron, timezone_id: zone }: Times) {
  const [wrongCron, wrongZone] = [quartzProblem(cron), timeZoneProblem(zone)];
  const is = wrongCron?.isCertain === true ? "is not" : "may not be";
  return [
    ...(wrongCron === undefined ? [] : [{
      field: "quartz_cron_expression",
      isCertain: wrongCron.isCertain,
      message: `"${cron}" ${is} a Quartz expression: ${wrongCron.message}`,
    }]),
    ...(wrongZone === undefined
      ? []
      : [{ field: "timezone_id", isCertain: wrongZone.isCertain, message: `"${zone}" ${wrongZone.message}` }]),
  ];
}
