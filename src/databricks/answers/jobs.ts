/**
 * Rules for comparing job settings with answers: different spellings of equal values. Each rule names its source; other
 * spellings are learned from the differences that remain after a write.
 *
 * @module
 */
import { clusterAnswersAt } from "./clusters.ts";
import type { JobSettings } from "../types.ts";

/** The paths of task settings: `tasks`, and the task that a for_each task repeats. */
const TASKS = ["tasks", "tasks.for_each_task.task"];
/** The paths of new clusters' settings. */
const CLUSTERS = ["job_clusters.new_cluster", ...TASKS.map((task) => `${task}.new_cluster`)];
/** The lists of `jobs.WebhookNotifications` (databricks-sdk 0.162.0). */
const HOOKS = [
  "on_start",
  "on_success",
  "on_failure",
  "on_duration_warning_threshold_exceeded",
  "on_streaming_backlog_exceeded",
  "on_maintenance_start",
  "on_maintenance_complete",
];

/** The same rule for several paths. */
function at<Rule>(places: readonly string[], field: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(places.map((place) => [`${place}.${field}`, rule]));
}

/** Fields of jobs and runs that may hold credentials. */
export const CONFIDENTIAL = [
  "parameters",
  "base_parameters",
  "named_parameters",
  "job_parameters",
  "environment_variables",
  "spark_env_vars",
  "spark_conf",
  "basic_auth",
  "commands",
  "inputs",
];

/** Rules about the fields of job settings. */
export const jobFields = {
  keyedBy: {
    "tasks": "task_key",
    ...at(TASKS, "depends_on", "task_key"),
    "job_clusters": "job_cluster_key",
    "environments": "environment_key",
    "parameters": "name",
    // Answered in any order (terraform-provider-databricks, jobs: sortWebhookNotifications).
    ...Object.assign(
      {},
      ...["", "tasks.", "tasks.for_each_task.task."].map((place) =>
        Object.fromEntries(HOOKS.map((hook) => [`${place}webhook_notifications.${hook}`, "id"]))
      ),
    ),
  },
  // A set in terraform-provider-databricks ("library" is a slice_set of the task and of the cluster).
  unordered: TASKS.map((task) => `${task}.libraries`),
  spelling: {
    // The reference writes gitHub; requests with GITHUB and github are accepted.
    "git_source.git_provider": (name: string) => name.toLowerCase(),
  },
  answers: {
    // Jobs API 2.1 and later keep every job as MULTI_TASK (the field's description in the SDK).
    "format": (asked: unknown, answered: unknown) =>
      answered === undefined || (asked === "SINGLE_TASK" && answered === "MULTI_TASK"),
    // Defaults, which an answer may leave out.
    "max_concurrent_runs": isLeftOut(1),
    ...at(["schedule", "trigger", "continuous"], "pause_status", isLeftOut("UNPAUSED")),
    ...at(TASKS, "run_if", isLeftOut("ALL_SUCCESS")),
    ...at(TASKS, "notebook_task.source", isLeftOut("WORKSPACE", "GIT")),
    ...at(TASKS, "spark_python_task.source", isLeftOut("WORKSPACE", "GIT")),
    // `run_as` is write-only; an answer may contain it as `run_as_user_name`.
    "run_as": isSameIdentity,
    ...clusterAnswersAt(CLUSTERS),
    // Deprecated in favour of environment_version, which answers contain instead (`compute.Environment`).
    "environments.spec.client": (_asked: unknown, answered: unknown) => answered === undefined,
    "environments.spec.environment_version": (_asked: unknown, answered: unknown) => answered === undefined,
  },
  // jobs/reset.
  replaces: true,
  defaults: {
    email_notifications: {},
    webhook_notifications: {},
    notification_settings: {},
    max_concurrent_runs: 1,
    timeout_seconds: 0,
    format: "MULTI_TASK",
    // Jobs that API 2.2 creates are queued by default ("Updating from Jobs API 2.1 to 2.2").
    queue: { enabled: true },
    edit_mode: "EDITABLE",
    performance_target: "PERFORMANCE_OPTIMIZED",
  },
  onlyIfAsked: { run_as: ["run_as"] },
  confidential: CONFIDENTIAL,
};

/** A rule: the answer may omit one of these values, which are the API's defaults. */
function isLeftOut(...defaults: readonly unknown[]) {
  return (asked: unknown, answered: unknown) => answered === undefined && defaults.includes(asked);
}

function isSameIdentity(asked: unknown, answered: unknown): boolean {
  if (answered === undefined) return true;
  const nameOf = (identity: unknown) => {
    const { service_principal_name, user_name } = Object(identity) as Record<string, unknown>;
    return service_principal_name ?? user_name;
  };
  const [wanted, held] = [nameOf(asked), nameOf(answered)];
  return wanted === undefined || String(wanted).toLowerCase() === String(held).toLowerCase();
}

/** The list is reported to omit parameters (databricks/cli#1803), even if a task refers to one. */
export function lacksParameters(settings: JobSettings | undefined): boolean {
  return settings !== undefined && settings.parameters === undefined && refersToParameter(settings);
}

function refersToParameter(value: unknown): boolean {
  if (typeof value === "string") return /\{\{\s*job\.parameters\./.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(refersToParameter);
}
