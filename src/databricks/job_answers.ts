/**
 * Rules for comparing job settings with answers: different spellings of equal values. Each rule names its source; other
 * spellings are learned from the differences that remain after a write.
 *
 * @module
 */
import type { JobSettings } from "./types.ts";

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

/** The same rule at several places. */
function at<Rule>(places: readonly string[], field: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(places.map((place) => [`${place}.${field}`, rule]));
}

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
    // The reference writes gitHub, requests with GITHUB and github are taken.
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
    // `run_as` is write-only; `run_as_user_name` tells it, where it is told.
    "run_as": isSameIdentity,
    // "This field won't be persisted" (the SDK about the same field of a pipeline's cluster).
    ...at(CLUSTERS, "apply_policy_default_values", (_asked: unknown, answered: unknown) => answered === undefined),
    // `compute.DataSecurityMode` describes the DATA_SECURITY_MODE_ names as aliases.
    ...at(CLUSTERS, "data_security_mode", isSameMode),
    // "auto" asks Databricks to choose (zone_id in `compute.AwsAttributes` and `compute.GcpAttributes`).
    ...at(CLUSTERS, "aws_attributes.zone_id", isChosen),
    ...at(CLUSTERS, "gcp_attributes.zone_id", isChosen),
    // "auto:latest-lts" and the like come from policies (the reference of cluster policies).
    ...at(CLUSTERS, "spark_version", isChosen),
    // A password is masked or left out.
    ...at(CLUSTERS, "docker_image.basic_auth.password", isMasked),
    // Deprecated for environment_version, which takes its place in answers (`compute.Environment`).
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
    // Jobs made by 2.2 are queued unless they say otherwise ("Updating from Jobs API 2.1 to 2.2").
    queue: { enabled: true },
    edit_mode: "EDITABLE",
    performance_target: "PERFORMANCE_OPTIMIZED",
  },
  onlyIfAsked: { run_as: ["run_as"] },
  confidential: [
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
  ],
};

/** A rule: the answer may leave out one of these values, which the API has by default. */
function isLeftOut(...defaults: readonly unknown[]) {
  return (asked: unknown, answered: unknown) => answered === undefined && defaults.includes(asked);
}

/** Names and their aliases, and those that either of several may answer. */
const modes: ReadonlyMap<string, readonly string[]> = new Map([
  ["DATA_SECURITY_MODE_STANDARD", ["USER_ISOLATION"]],
  ["USER_ISOLATION", ["DATA_SECURITY_MODE_STANDARD"]],
  ["DATA_SECURITY_MODE_DEDICATED", ["SINGLE_USER"]],
  ["SINGLE_USER", ["DATA_SECURITY_MODE_DEDICATED"]],
  [
    "DATA_SECURITY_MODE_AUTO",
    ["SINGLE_USER", "USER_ISOLATION", "DATA_SECURITY_MODE_DEDICATED", "DATA_SECURITY_MODE_STANDARD"],
  ],
]);

function isSameMode(asked: unknown, answered: unknown): boolean {
  return modes.get(String(asked))?.includes(String(answered)) === true;
}

function isChosen(asked: unknown, answered: unknown): boolean {
  return /^auto(:|$)/.test(String(asked)) && typeof answered === "string" && answered !== "";
}

function isMasked(_asked: unknown, answered: unknown): boolean {
  return answered === undefined || /^\*+$|redacted/i.test(String(answered));
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

/** The list is reported to leave parameters out (databricks/cli#1803), also where a task refers to one. */
export function lacksParameters(settings: JobSettings | undefined): boolean {
  return settings !== undefined && settings.parameters === undefined && refersToParameter(settings);
}

function refersToParameter(value: unknown): boolean {
  if (typeof value === "string") return /\{\{\s*job\.parameters\./.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(refersToParameter);
}
