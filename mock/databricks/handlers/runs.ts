/**
 * `/api/2.1/jobs/runs` and `/api/2.2/jobs/runs`, and run-now.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Auth } from "../auth.ts";
import type { Doubts } from "../doubts.ts";
import { invalid } from "../errors.ts";
import { readId } from "../ids.ts";
import { readSettings, type Settings } from "../job_settings.ts";
import { ARRAY_LIMIT, paginate, readOffset, sliceArrays, writeOffset } from "../paging.ts";
import type { Permissions } from "../permissions.ts";
import { isActive, type Run, type RunState, statusOf, taskRunIds } from "../run.ts";
import type { Runs } from "../runs.ts";
import { type Answer, endpoint, type Query } from "./endpoint.ts";
import type { JobsVersion } from "./jobs.ts";

/** Options of the runs' handlers. */
export interface RunsContext {
  doubts: Doubts;
  runs: Runs;
  permissions: Permissions;
  auth: Auth;
}

const pagedRun = ["tasks", "job_clusters", "job_parameters", "repair_history"];

function jobParameters({ settings, overrides }: Run): Settings[] {
  const given = overrides.job_parameters ?? {};
  const declared: Settings[] = settings.parameters ?? [];
  return declared.map((parameter) => ({ ...parameter, value: given[parameter.name] ?? parameter.default }));
}

/** The parameters of older kinds of tasks, which a run shows unchanged. */
const OVERRIDING = [
  ...["dbt_commands", "jar_params", "notebook_params", "pipeline_params"],
  ...["python_named_params", "python_params", "spark_submit_params", "sql_params"],
];

function overridingParameters({ overrides }: Run): Settings {
  const given = OVERRIDING.flatMap((name) => overrides[name] === undefined ? [] : [[name, overrides[name]]]);
  return given.length === 0 ? {} : { overriding_parameters: Object.fromEntries(given) };
}

/** Options for formatting runs. */
export interface Look {
  /** The origin that the request was sent to. */
  origin: string;
  version: JobsVersion;
  doubts: Doubts;
}

/** Formats a run's state: 2.2 has `status` beside the deprecated `state`. */
function standing(state: RunState, { version, doubts }: Look): Settings {
  if (version === "2.1" || doubts.runState === "state only") return { state };
  const status = statusOf(state);
  return doubts.runState === "both" ? { state, status } : { status };
}

/** A run in the API's format, without its arrays. */
export function answerRun(run: Run, look: Look): Settings {
  const { run_id, job_id, run_name, run_type, creator_user_name, state, start_time, end_time } = run;
  const id = BigInt(run_id);
  // number_in_job is deprecated: Databricks sets it to the run's id.
  const ids = { job_id: BigInt(job_id), run_id: id, number_in_job: id, original_attempt_run_id: id };
  const run_duration = end_time === 0 ? 0 : end_time - start_time;
  const run_page_url = `${look.origin}/#job/${job_id}/run/${run_id}`;
  const rest = { run_name, run_type, run_page_url, creator_user_name, trigger: "ONE_TIME", attempt_number: 0 };
  return {
    ...{ ...ids, ...rest, ...standing(state, look), start_time, end_time, run_duration },
    ...overridingParameters(run),
  };
}

/** The original run and its repairs. */
function historyOf(run: Run, look: Look): Settings[] {
  const { original, repairs, state, start_time, end_time } = run;
  const ends = { state, end_time };
  const latest = repairs.at(-1);
  const first = { type: "ORIGINAL", ...(original ?? { start_time, ...ends }) };
  const items: Settings[] = [first, ...repairs.map((repair) => repair === latest ? { ...repair, ...ends } : repair)];
  return items.map(({ state, ...item }, attempt) => ({
    ...item,
    ...standing(state, look),
    task_run_ids: taskRunIds({ ...run, repairs: repairs.slice(0, attempt) }),
  }));
}

/** The non-empty arrays of a run; the history only on request. */
function arrays(run: Run, { history = false, ...look }: Look & { history?: boolean }): Settings {
  const { state, start_time, end_time, settings } = run;
  const ids = taskRunIds(run);
  const tasks = (settings.tasks ?? []).map((task: Settings, index: number) => ({
    ...task,
    run_id: ids[index],
    ...standing(state, look),
    start_time,
    end_time,
    attempt_number: run.repairs.length,
  }));
  const all = { tasks, job_clusters: settings.job_clusters ?? [], job_parameters: jobParameters(run) };
  const repair_history = history ? historyOf(run, look) : [];
  return Object.fromEntries(Object.entries({ ...all, repair_history }).filter(([, array]) => array.length > 0));
}

function getRun({ runs, permissions, doubts }: RunsContext, version: JobsVersion): Answer {
  return ({ query, request }) => {
    const look = { origin: new URL(request.url).origin, version, doubts };
    const run = runs.shown(runs.require(readId(query.text("run_id"), "run_id")));
    permissions.checkVisible(run.job_id);
    const offset = version === "2.1" ? 0 : readOffset(query.text("page_token"));
    const shown = arrays(run, { ...look, history: query.flag("include_history") });
    const { cut, more } = sliceArrays({ ...answerRun(run, look), ...shown }, pagedRun, offset);
    if (version === "2.1" || !more) return cut;
    return { ...cut, has_more: true, next_page_token: writeOffset(offset + ARRAY_LIMIT) };
  };
}

function readLimit(query: Query, { runsListLimit }: Doubts): number {
  const limit = query.integer("limit") ?? 20;
  const most = runsListLimit === "yes" ? 25 : 24;
  if (limit < 0 || limit > most) throw invalid(`limit must be between 1 and ${most}, not ${limit}`);
  return limit === 0 ? most : limit; // 0 asks for the maximum.
}

function readFilter(query: Query): (run: Run) => boolean {
  const [active, completed] = [query.flag("active_only"), query.flag("completed_only")];
  if (active && completed) throw invalid("active_only and completed_only cannot both be true");
  const from = query.integer("start_time_from") ?? -Infinity;
  const to = query.integer("start_time_to") ?? Infinity;
  const job = query.text("job_id");
  const type = query.text("run_type");
  return (run) =>
    (job === undefined || run.job_id === job) && (type === undefined || run.run_type === type) &&
    run.start_time >= from && run.start_time <= to && (isActive(run) ? !completed : !active);
}

function listRuns({ runs, permissions, doubts }: RunsContext, version: JobsVersion): Answer {
  return ({ query, request }) => {
    const look = { origin: new URL(request.url).origin, version, doubts };
    const job = query.text("job_id");
    if (job !== undefined) permissions.checkVisible(readId(job, "job_id"));
    const page = {
      limit: readLimit(query, doubts),
      token: query.text("page_token"),
      offset: query.integer("offset"),
      doubts,
    };
    const fits = readFilter(query);
    const found = runs.listed().filter((run) => fits(run) && permissions.seesJob(run.job_id));
    const { items, next, previous } = paginate(found, page, (run) => run.run_id);
    const expand = query.flag("expand_tasks");
    const answer: Settings = { has_more: next !== undefined };
    if (items.length > 0 || doubts.emptyLists !== "left out") {
      answer.runs = items.map((run) => listed(run, { ...look, expand }));
    }
    if (next) answer.next_page_token = next;
    if (previous) answer.prev_page_token = previous;
    return answer;
  };
}

function listed(run: Run, { expand, ...look }: Look & { expand: boolean }): Settings {
  if (!expand) return answerRun(run, look);
  const { cut, more } = sliceArrays({ ...answerRun(run, look), ...arrays(run, look) }, pagedRun, 0);
  return more && look.version === "2.2" ? { ...cut, has_more: true } : cut;
}

/** Starts runs, and returns the same run for the same idempotency token. */
function once(start: (call: Settings, creator: string) => Run, { auth, runs }: RunsContext): Answer {
  return ({ body, request }) => {
    const { idempotency_token: token, ...rest } = body;
    if (String(token ?? "").length > 64) throw invalid("idempotency_token must have at most 64 characters");
    const known = token ? runs.byToken(token) : undefined;
    if (known && !runs.get(known.run_id)) throw invalid(`The run of idempotency_token ${token} was deleted`);
    const run = known ?? start(rest, auth.user(request));
    if (token) runs.remember(token, run);
    return { run_id: BigInt(run.run_id), number_in_job: BigInt(run.run_id) };
  };
}

function runNow(context: RunsContext): Answer {
  return once(({ job_id, ...overrides }, creator) => {
    const job = context.permissions.visible(readId(job_id, "job_id"));
    if (context.doubts.unknownJobParameter === "refused") checkParameters(overrides, job.settings);
    return context.runs.runNow(job.job_id, { creator, overrides });
  }, context);
}

function checkParameters({ job_parameters = {} }: Settings, { parameters = [] }: Settings): void {
  const declared = parameters.map(({ name }: Settings) => name);
  const unknown = Object.keys(job_parameters).filter((name) => !declared.includes(name));
  if (unknown.length > 0) throw invalid(`Job parameters [${unknown.join(", ")}] are not defined in the job`);
}

function submit(context: RunsContext): Answer {
  return once(({ run_name, ...settings }, creator) => {
    const read = readSettings(settings, context.doubts);
    return context.runs.submit({ ...read, ...run_name === undefined ? {} : { run_name } }, { creator });
  }, context);
}

function repair({ runs }: RunsContext): Answer {
  return ({ body }) => {
    const { run_id, rerun_all_failed_tasks, rerun_tasks, rerun_dependent_tasks: _, latest_repair_id, ...rest } = body;
    if (Boolean(rerun_all_failed_tasks) === Boolean(rerun_tasks?.length)) {
      throw invalid("Exactly one of rerun_all_failed_tasks and rerun_tasks must be set");
    }
    const latest = latest_repair_id === undefined ? undefined : readId(latest_repair_id, "latest_repair_id");
    return { repair_id: BigInt(runs.repair(readId(run_id, "run_id"), latest, rest)) };
  };
}

/** The handlers of one version of the runs' endpoints. */
export function runsHandlers(context: RunsContext, version: JobsVersion): HttpHandler[] {
  const path = `/api/${version}/jobs`;
  const cancel: Answer = ({ body }) => context.runs.cancel(readId(body.run_id, "run_id"));
  return [
    endpoint("get", `${path}/runs/list`, listRuns(context, version)),
    endpoint("get", `${path}/runs/get`, getRun(context, version)),
    endpoint("post", `${path}/run-now`, runNow(context)),
    endpoint("post", `${path}/runs/submit`, submit(context)),
    endpoint("post", `${path}/runs/cancel`, cancel),
    endpoint("post", `${path}/runs/repair`, repair(context)),
  ];
}
