/**
 * The defaults that answers may contain at every level of a job's settings.
 *
 * Recorded answers in the issues of terraform-provider-databricks show these fields; which of them a workspace adds
 * depends on its cloud, so they belong to the doubt `serverDefaults`.
 *
 * @module
 */
import { isObject } from "../../src/base/json.ts";
import { clustersOf, type Settings, tasksOf } from "./job_settings.ts";

const AWS = {
  first_on_demand: 1,
  availability: "SPOT_WITH_FALLBACK",
  zone_id: "us-west-2a",
  spot_bid_price_percent: 100,
};
const CLUSTER = { cluster_name: "", enable_elastic_disk: false, data_security_mode: "SINGLE_USER" };
const TASK = { max_retries: 0, min_retry_interval_millis: 0, retry_on_timeout: false };

/** Sets missing fields. */
function fill(target: Settings, defaults: Settings): void {
  for (const [name, value] of Object.entries(defaults)) target[name] ??= value;
}

/** Adds the fields that the request left out, including those of tasks and clusters. */
export function addDefaults(settings: Settings): void {
  const source = settings.git_source === undefined ? "WORKSPACE" : "GIT";
  fill(settings, { name: "Untitled" });
  for (const task of tasksOf(settings)) {
    fill(task, TASK);
    for (const type of ["notebook_task", "spark_python_task"]) if (task[type]) fill(task[type], { source });
    if (task.spark_jar_task) fill(task.spark_jar_task, { jar_uri: "", run_as_repl: true });
  }
  for (const cluster of clustersOf(settings)) {
    fill(cluster, CLUSTER);
    cluster.aws_attributes ??= {};
    fill(cluster.aws_attributes, AWS);
  }
}

/** The server's defaults for jobs and tasks, for answers that leave them out. */
const JOB = { timeout_seconds: 0, max_concurrent_runs: 1, format: "MULTI_TASK" };
const OF_TASK = { run_if: "ALL_SUCCESS", timeout_seconds: 0 };
const EMPTY = ["email_notifications", "webhook_notifications"];

/** Removes fields that have the server's default value, even if the user wrote them. */
export function dropDefaults(settings: Settings): void {
  drop(settings, JOB);
  for (const task of tasksOf(settings)) drop(task, OF_TASK);
}

function drop(target: Settings, defaults: Settings): void {
  for (const [name, value] of Object.entries(defaults)) if (target[name] === value) delete target[name];
  for (const name of EMPTY) {
    if (isObject(target[name]) && Object.keys(target[name]).length === 0) delete target[name];
  }
}
