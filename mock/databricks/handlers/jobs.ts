/**
 * `/api/2.1/jobs` and `/api/2.2/jobs`, except runs.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Doubts } from "../doubts.ts";
import { invalid } from "../errors.ts";
import { readId } from "../ids.ts";
import { pagedSettings, readSettings, type Settings } from "../job_settings.ts";
import { spell } from "../job_spelling.ts";
import type { Job, Jobs } from "../jobs.ts";
import { ARRAY_LIMIT, type PageRequest, paginate, readOffset, sliceArrays, writeOffset } from "../paging.ts";
import type { Permissions } from "../permissions.ts";
import type { Auth } from "../auth.ts";
import { type Answer, type Call, endpoint } from "./endpoint.ts";

/** Options of the handlers of the Jobs API. */
export interface JobsContext {
  jobs: Jobs;
  permissions: Permissions;
  auth: Auth;
}

/** The versions of the Jobs API; 2.1 does not page the arrays of a job, and drops everything beyond the first page. */
export const jobsVersions = ["2.2", "2.1"] as const;

/** The arrays that jobs/update merges, with their keys ("previous entries are kept", says the API reference). */
const elementKeys: Record<string, string> = { tasks: "task_key", job_clusters: "job_cluster_key" };

/** One version of the Jobs API. */
export type JobsVersion = typeof jobsVersions[number];

function base(job: Job, settings: Settings): Settings {
  const { job_id, creator_user_name, created_time } = job;
  return { job_id: BigInt(job_id), creator_user_name, created_time, settings };
}

function runAs(job: Job): string {
  const { user_name, service_principal_name } = job.settings.run_as ?? {};
  return user_name ?? service_principal_name ?? job.creator_user_name;
}

/** Formats a job's settings for get and list. */
function shown(job: Job, jobs: Jobs): Settings {
  return spell({ ...jobs.serverFields, ...job.settings }, jobs.doubts, jobs.nextTurn());
}

function getJob({ jobs, permissions }: JobsContext, version: JobsVersion): Answer {
  return ({ query }) => {
    const job = permissions.visible(readId(query.text("job_id"), "job_id"));
    const offset = version === "2.1" ? 0 : readOffset(query.text("page_token"));
    const { cut, more } = sliceArrays(shown(job, jobs), pagedSettings, offset);
    if (more && version === "2.1" && jobs.doubts.largeJobs21 === "no tasks") delete cut.tasks;
    const answer = { ...base(job, cut), run_as_user_name: runAs(job) };
    if (version === "2.1" || !more) return answer;
    return { ...answer, has_more: true, next_page_token: writeOffset(offset + ARRAY_LIMIT) };
  };
}

function listed(job: Job, { jobs, version, expand }: { jobs: Jobs; version: JobsVersion; expand: boolean }): Settings {
  const settings = shown(job, jobs);
  const { listTellsParameters, listTellsRunAs } = jobs.doubts;
  if (listTellsParameters === "no") delete settings.parameters;
  const more = listTellsRunAs === "yes" ? { run_as_user_name: runAs(job) } : {};
  if (!expand) {
    const { tasks: _tasks, job_clusters: _clusters, ...rest } = settings;
    return { ...base(job, rest), ...more };
  }
  const { cut, more: isCut } = sliceArrays(settings, pagedSettings, 0);
  return { ...base(job, cut), ...more, ...(isCut && version === "2.2" && { has_more: true }) };
}

function readPage({ query }: Call): Pick<PageRequest, "limit" | "token" | "offset"> {
  const limit = query.integer("limit") ?? 20;
  const offset = query.integer("offset") ?? 0;
  if (limit < 1 || limit > 100) throw invalid(`limit must be between 1 and 100, not ${limit}`);
  if (offset < 0 || offset > 1000) throw invalid(`offset must be between 0 and 1000, not ${offset}`);
  return { limit, token: query.text("page_token"), offset };
}

function nameFilter(name: string | undefined, { jobNameFilter }: Doubts): (job: Job) => boolean {
  const fold = (text: string) => jobNameFilter === "ignores case" ? text.toLowerCase() : text;
  return ({ settings }) => name === undefined || fold(String(settings.name ?? "")) === fold(name);
}

function listJobs({ jobs, permissions }: JobsContext, version: JobsVersion): Answer {
  return (call) => {
    const fits = nameFilter(call.query.text("name"), jobs.doubts);
    const visible = jobs.listed().filter((job) => permissions.sees(job) && fits(job));
    const page = { ...readPage(call), doubts: jobs.doubts };
    const { items, next, previous } = paginate(visible, page, (job) => job.job_id);
    const expand = call.query.flag("expand_tasks");
    const answer: Settings = { has_more: next !== undefined };
    // As in all of Databricks' answers, an empty list is left out.
    if (items.length > 0 || jobs.doubts.emptyLists !== "left out") {
      answer.jobs = items.map((job) => listed(job, { jobs, version, expand }));
    }
    if (next) answer.next_page_token = next;
    if (previous) answer.prev_page_token = previous;
    return answer;
  };
}

/** Version 2.2 queues jobs unless the request says otherwise ("Updating from Jobs API 2.1 to 2.2"). */
function queued(settings: Settings, version: JobsVersion): Settings {
  return version === "2.2" && settings.queue === undefined ? { ...settings, queue: { enabled: true } } : settings;
}

function createJob({ jobs, auth }: JobsContext, version: JobsVersion): Answer {
  return ({ body, request }) => {
    const { access_control_list: _list, ...given } = body;
    const settings = queued(readSettings(given, jobs.doubts), version);
    return { job_id: BigInt(jobs.add(settings, { creator: auth.user(request) })) };
  };
}

function resetJob({ jobs, permissions }: JobsContext, version: JobsVersion): Answer {
  return ({ body }) => {
    const { job_id } = permissions.visible(readId(body.job_id, "job_id"));
    const settings = queued(readSettings(body.new_settings, jobs.doubts), version);
    // An omitted run_as keeps its value; everything else is replaced.
    jobs.edit(job_id, ({ run_as }) => run_as === undefined ? settings : { run_as, ...settings });
  };
}

function updateJob({ jobs, permissions }: JobsContext): Answer {
  return ({ body }) => {
    const job = permissions.visible(readId(body.job_id, "job_id"));
    const merged = mergeSettings(job.settings, body.new_settings ?? {});
    for (const field of body.fields_to_remove ?? []) removeField(merged, field);
    const settings = readSettings(merged, jobs.doubts);
    jobs.edit(job.job_id, () => settings);
  };
}

/** Replaces top-level fields; in keyed arrays, replaces elements with the same key and keeps the others. */
function mergeSettings(settings: Settings, changes: Settings): Settings {
  const merged: Settings = { ...settings, ...changes };
  for (const [name, key] of Object.entries(elementKeys)) {
    if (!Array.isArray(settings[name]) || !Array.isArray(changes[name])) continue;
    const elements: Settings[] = [...settings[name], ...changes[name]];
    // A Map keeps a key's position when it is set again.
    merged[name] = [...new Map(elements.map((element) => [element[key], element])).values()];
  }
  return merged;
}

/** Removes a top-level field, or an element of a keyed array, such as "tasks/extract". */
function removeField(settings: Settings, field: string): void {
  const [name = "", key] = field.split("/");
  if (key === undefined) delete settings[name];
  else settings[name] = settings[name]?.filter((element: Settings) => element[elementKeys[name] ?? ""] !== key);
}

function deleteJob({ jobs, permissions }: JobsContext): Answer {
  return ({ body }) => {
    jobs.remove(permissions.visible(readId(body.job_id, "job_id")).job_id);
  };
}

/** The handlers of one version of the Jobs API. */
export function jobsHandlers(context: JobsContext, version: JobsVersion): HttpHandler[] {
  const path = `/api/${version}/jobs`;
  return [
    endpoint("get", `${path}/get`, getJob(context, version)),
    endpoint("get", `${path}/list`, listJobs(context, version)),
    endpoint("post", `${path}/create`, createJob(context, version)),
    endpoint("post", `${path}/reset`, resetJob(context, version)),
    endpoint("post", `${path}/update`, updateJob(context)),
    endpoint("post", `${path}/delete`, deleteJob(context)),
  ];
}
