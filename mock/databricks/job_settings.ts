/**
 * Job settings in the Jobs API: the defaults that it adds and the requests that it refuses.
 *
 * @module
 */
import { isObject, type JsonObject, parseJson, stringifyJson } from "../../src/base/json.ts";
import { JobSettings } from "../../src/databricks/types.ts";
import { defaultDoubts, type Doubts } from "./doubts.ts";
import { invalid, malformed } from "./errors.ts";
import { sift } from "./known_fields.ts";
import { quartzRefusal } from "./quartz.ts";

/** A job's settings, open on purpose: unknown fields are stored, and tests read nested fields without casts. */
// deno-lint-ignore no-explicit-any
export type Settings = Record<string, any>;

/** The API's kinds of task. */
const taskTypes = (
  "ai_runtime alert clean_rooms_notebook condition dashboard dbt dbt_cloud dbt_platform for_each gen_ai_compute " +
  "notebook pipeline power_bi python_operator python_wheel run_job spark_jar spark_python spark_submit sql"
).split(" ").map((name) => `${name}_task`);

/** The arrays of settings that Jobs 2.2 splits into pages. */
export const pagedSettings = ["tasks", "job_clusters", "environments", "parameters"];

/** A deep copy that shares nothing with the original. */
export function copy<T>(value: T): T {
  return parseJson(stringifyJson(value)) as T;
}

/** The tasks of a job, including those that for_each tasks repeat. */
export function tasksOf(settings: Settings): Settings[] {
  const tasks: Settings[] = settings.tasks ?? [];
  return tasks.flatMap((task) => task.for_each_task?.task ? [task, task.for_each_task.task] : [task]);
}

/** The new clusters of a job and of its tasks. */
export function clustersOf(settings: Settings): Settings[] {
  const holders: Settings[] = [...settings.job_clusters ?? [], ...tasksOf(settings)];
  return holders.map(({ new_cluster }) => new_cluster).filter((cluster) => cluster !== undefined);
}

function byTaskKey(left: JsonObject, right: JsonObject): number {
  return String(left.task_key) < String(right.task_key) ? -1 : 1;
}

function completeTask(task: Settings): Settings {
  const complete: Settings = {
    run_if: "ALL_SUCCESS",
    timeout_seconds: 0,
    email_notifications: {},
    webhook_notifications: {},
    ...task,
  };
  if (Array.isArray(task.depends_on)) complete.depends_on = [...task.depends_on].sort(byTaskKey);
  return complete;
}

/** A copy of settings with the server's defaults, and with depends_on in the server's order. */
export function complete(settings: Settings): Settings {
  const complete: Settings = {
    email_notifications: {},
    webhook_notifications: {},
    timeout_seconds: 0,
    max_concurrent_runs: 1,
    format: "MULTI_TASK",
    ...copy(settings),
  };
  if (Array.isArray(complete.tasks)) complete.tasks = complete.tasks.map(completeTask);
  return complete;
}

function checkTask(task: unknown, path: string): asserts task is Settings {
  if (!isObject(task)) throw malformed(`Could not parse request object: ${path} is not an object`);
  const key = task.task_key;
  if (typeof key !== "string" || key === "") throw invalid(`Missing required field: ${path}.task_key`);
  if (!/^[\w-]{1,100}$/.test(key)) throw invalid(`Invalid task key "${key}" at ${path}`);
  if (!taskTypes.some((type) => isObject(task[type]))) {
    throw invalid(`Task ${key} has an unknown or missing task type: one of ${taskTypes.join(", ")} must be set`);
  }
}

function checkDependencies(tasks: Settings[], keys: Set<string>): void {
  for (const task of tasks) {
    for (const { task_key } of task.depends_on ?? []) {
      if (!keys.has(task_key)) throw invalid(`Task ${task.task_key} depends on unknown task ${task_key}`);
    }
  }
  checkCycles(tasks);
}

/** Removes tasks without remaining dependencies, repeatedly; tasks that cannot be removed form a cycle. */
function checkCycles(tasks: Settings[]): void {
  let left = tasks;
  while (left.length > 0) {
    const keys = new Set(left.map(({ task_key }) => task_key));
    const held = left.filter(({ depends_on = [] }) => depends_on.some((one: Settings) => keys.has(one.task_key)));
    if (held.length === left.length) {
      throw invalid(`The task graph contains a cycle: ${left.map(({ task_key }) => task_key).join(", ")}`);
    }
    left = held;
  }
}

function checkClusters(tasks: Settings[], clusters: Settings[]): void {
  const keys = new Set(clusters.map(({ job_cluster_key }) => job_cluster_key));
  for (const task of tasks.flatMap((task) => [task, task.for_each_task?.task ?? {}])) {
    const key = task.job_cluster_key;
    if (key !== undefined && !keys.has(key)) {
      throw invalid(`Job cluster '${key}' is not defined in field 'job_clusters'.`);
    }
  }
}

function checkTasks({ tasks, job_clusters = [] }: Settings): void {
  if (tasks === undefined) return;
  if (!Array.isArray(tasks)) throw malformed("Could not parse request object: Expected 'START_ARRAY' for field tasks");
  if (tasks.length > 1000) throw invalid(`The number of tasks (${tasks.length}) exceeds the limit of 1000`);
  const keys = new Set<string>();
  tasks.forEach((task, index) => {
    checkTask(task, `tasks[${index}]`);
    if (keys.has(task.task_key)) throw invalid(`Duplicate task key: ${task.task_key}`);
    keys.add(task.task_key);
  });
  checkDependencies(tasks, keys);
  checkClusters(tasks, job_clusters);
}

function checkTags(tags: unknown): void {
  if (tags === undefined) return;
  if (!isObject(tags) || !Object.values(tags).every((value) => typeof value === "string")) {
    throw malformed("Could not parse request object: Expected a map of strings for field tags");
  }
  if (Object.keys(tags).length > 25) throw invalid("A job can have at most 25 tags");
}

function checkSchedule(schedule: Settings | undefined, { bothDays }: Doubts): void {
  if (schedule === undefined) return;
  const cron = String(schedule.quartz_cron_expression ?? "").trim();
  const refusal = quartzRefusal(cron, bothDays);
  if (refusal !== undefined) throw invalid(`Invalid quartz cron expression "${cron}": ${refusal}`);
  checkZone(schedule.timezone_id);
}

function checkZone(zone: unknown): void {
  try {
    // Throws for a zone that is not in the IANA database, which Java uses too.
    if (typeof zone === "string") new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw invalid(`Invalid timezone_id: "${zone}"`);
  }
}

function checkTriggers(settings: Settings): void {
  const given = ["schedule", "continuous", "trigger"].filter((name) => settings[name] !== undefined);
  if (given.length > 1) {
    throw invalid(`Only one of schedule, continuous and trigger can be set, not ${given.join(" and ")}`);
  }
}

/** The API reference requires git_provider if git_url is set. */
function checkGitSource(source: Settings | undefined): void {
  if (source !== undefined && !source.git_provider) throw invalid("Missing required field: git_source.git_provider");
}

/** Drops or refuses unknown fields and enum values, if the doubts say so. */
function withoutStrangers(settings: Settings, { unknownFields, unknownEnumValues }: Doubts): Settings {
  if (unknownFields === "kept" && unknownEnumValues === "kept") return settings;
  return sift(JobSettings, settings, {
    field(path) {
      if (unknownFields === "refused") throw malformed(`Could not parse request object: unknown field ${path}`);
      return unknownFields === "dropped";
    },
    value(path, value) {
      if (unknownEnumValues === "refused") throw invalid(`Invalid value for ${path}: "${value}"`);
      return unknownEnumValues === "dropped";
    },
  }) as Settings;
}

/** A copy without null fields: in a request, null and absent are the same. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutNulls(field)]));
}

/**
 * Reads job settings from a request and refuses those that the Jobs API would refuse; a doubt decides about unknown
 * fields.
 *
 * @throws {ApiError} 400 with the reason.
 */
export function readSettings(value: unknown, doubts: Doubts = defaultDoubts()): Settings {
  if (!isObject(value)) throw malformed("Could not parse request object: job settings are not an object");
  const settings = withoutNulls(value) as Settings;
  const { name = "", max_concurrent_runs: most = 1 } = settings;
  if (new TextEncoder().encode(String(name)).length > 4096) throw invalid("The job name exceeds 4096 bytes");
  if (typeof most !== "number" || most < 0 || most > 1000) throw invalid("max_concurrent_runs must be in [0, 1000]");
  checkTags(settings.tags);
  checkTriggers(settings);
  checkSchedule(settings.schedule, doubts);
  checkGitSource(settings.git_source);
  checkTasks(settings);
  return withoutStrangers(settings, doubts);
}
