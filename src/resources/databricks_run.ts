/**
 * DatabricksRun: one run of a job, or of tasks without a job (Jobs API 2.2: run-now, runs/submit), or one update of a
 * pipeline (Pipelines API 2.0).
 *
 * An object is one run, just as a Kubernetes Job is one run of its pods: to run again, create another object. The
 * idempotency token is derived from the object's UID, so that a start whose answer was lost can be repeated without
 * starting another run. Updates take no token: see `shared/pipeline_updates.ts`.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { CONFIDENTIAL } from "../databricks/answers/jobs.ts";
import { int64 } from "../databricks/primitives.ts";
import { reference } from "../databricks/references.ts";
import { absentRun, stateOf } from "../databricks/answers/runs.ts";
import { JobsSubmit, RunNowRequest } from "../databricks/types.ts";
import {
  type Act,
  type Attempt,
  CLOCK_SKEW_MS,
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Problem,
  type SpecIssue,
  type Subject,
  type Workspace,
} from "../resource.ts";
import { isMadeByUs } from "./shared/made_by_us.ts";
import {
  activeUpdates,
  findUpdates,
  isOurUpdate,
  isUpdate,
  isUpdateListed,
  latestUpdate,
  observeUpdate,
  PipelineUpdate,
  startUpdate,
  stopUpdate,
  updateEndpoints,
  updateProblem,
  updateUrl,
} from "./shared/pipeline_updates.ts";
import { observeRun, Output, runEndpoints } from "./shared/run_output.ts";
import { history, labels } from "./shared/run_history.ts";
import { isBegunWith } from "./shared/run_parameters.ts";
import { renewal, Repair, repairEndpoint, Retry } from "./shared/run_repair.ts";
import {
  begunAt,
  hindered,
  hold,
  isEnded,
  lost,
  type ObservedRun,
  refused,
  statusFields,
  tell,
} from "./shared/run_telling.ts";

/**
 * It is not documented how long Databricks keeps a token: after this time (ms) it is not trusted to give the same run.
 */
const TOKEN_MS = 30 * 60_000;
/** How long (ms) a deletion waits for a cancelled run. */
const END_MS = 10 * 60_000;
/** The API allows "less than 25". */
const PAGE = 24;

const { job_id: _job, idempotency_token: _token, ...runNowFields } = RunNowRequest.shape;
const { idempotency_token: _submitToken, ...submitFields } = JobsSubmit.shape;
const Submit = z.looseObject(submitFields).meta({ typeName: "jobs.RunSubmit" });

const Spec = z.looseObject({
  job_ref: reference("job_id", "DatabricksJob", { isNumber: true }),
  job_id: int64.describe("The job to run, by its id in Databricks").optional(),
  submit: Submit.describe("Tasks to run once, without a job").optional(),
  pipeline_ref: reference("pipeline_id", "DatabricksPipeline"),
  pipeline_id: z.string().describe("The pipeline to update, by its id in Databricks").optional(),
  update: PipelineUpdate.describe("The settings of the update of a pipeline").optional(),
  ...runNowFields,
  suspend: z.boolean().describe("true: the run does not start until this is false; without effect after the start")
    .optional(),
  cancel: z.boolean().describe("true: cancel the run; a run that has not started never starts").optional(),
  active_deadline_seconds: int64.describe("The run is cancelled and counts as failed this many seconds after its start")
    .optional(),
  ttl_seconds_after_finished: int64.describe(
    "The object is deleted this many seconds after the end of the run; the run stays",
  )
    .optional(),
  repair: Repair.describe("Run the failed tasks again, in the same run").optional(),
  retry: Retry.describe("Repair the run automatically after certain failures").optional(),
  output: Output.describe("The part of the tasks' output to copy into status").optional(),
}).meta({ typeName: "jobs.RunSpec" });

type Spec = z.infer<typeof Spec>;
type Fields = Record<string, unknown>;
/** The manifest's request; `submit` includes the name. */
type Desired = Spec;

const endpoints = {
  ...runEndpoints,
  ...updateEndpoints,
  repair: repairEndpoint,
  list: endpoint("GET /api/{jobs_api_version}/jobs/runs/list", { items: "runs" }),
  getJob: endpoint("GET /api/{jobs_api_version}/jobs/get"),
  // The idempotency token makes them repeatable: the same token gives the same run.
  runNow: endpoint("POST /api/{jobs_api_version}/jobs/run-now", { repeatable: true }),
  submit: endpoint("POST /api/{jobs_api_version}/jobs/runs/submit", { repeatable: true }),
  cancel: endpoint("POST /api/{jobs_api_version}/jobs/runs/cancel", { repeatable: true, errors: [absentRun] }),
};

/** The fields of the manifest that a start sends. */
const STARTED_WITH = ["job_id", "submit", "pipeline_id", "update", ...Object.keys(runNowFields)];

/** The fields that an update of a pipeline does not have. */
const OF_JOBS = [...Object.keys(runNowFields), "repair", "retry"];

/** Maps whose values may be text, numbers or booleans: CRD rules cannot handle them, so the operator compares them. */
const MAPS = ["job_parameters", "notebook_params", "python_named_params", "sql_params"];

/** Mistakes in a pipeline's run that the CRD's rules cannot refuse. */
function mapsOf(spec: Fields): SpecIssue[] {
  return MAPS.filter((field) => spec[field] !== undefined).map((field) => ({
    path: `spec.${field}`,
    message: "an update of a pipeline has no parameters of jobs: its settings are in update",
  }));
}

/** The declaration of kind DatabricksRun. */
export const databricksRun = defineResource<Spec, Desired, ObservedRun>({
  kind: "DatabricksRun",
  plural: "databricksruns",
  singular: "databricksrun",
  shortNames: ["dbrun"],
  noun: "run",
  description: "One run of a job, of tasks without a job, or of a pipeline. It starts once; deleting it cancels it",
  identity: "tag",
  spec: Spec,
  observed: z.custom<ObservedRun>(),
  comparableSchema: z.looseObject({
    job_id: int64.optional(),
    submit: Submit.optional(),
    pipeline_id: z.string().optional(),
    update: PipelineUpdate.optional(),
    ...runNowFields,
  }),
  statusFields,
  desiredPath: "spec",
  passesOn: ["spec.submit", "spec.update", "spec.queue", "spec.pipeline_params"],
  fields: {
    createOnly: STARTED_WITH,
    immutable: STARTED_WITH,
    confidential: CONFIDENTIAL,
  },
  endpoints,
  external: { observe, find, isOurs, create, delete: cancel, isListed, self: currentUser },
  once: {
    tokenMs: TOKEN_MS,
    tokenless: { is: ({ pipeline_id }) => pipeline_id !== undefined, latest: latestUpdate },
    endMs: END_MS,
    isFinal: (run) => isEnded(run),
    isCut: (run) => run.isCut === true,
    active,
    tell,
    isBegunWith,
    hold,
    problem,
    countedWith: ({ job_id }) => job_id === undefined ? undefined : { kind: "DatabricksJob", id: String(job_id) },
    hindered,
    refused,
    lost,
    act,
    renewal,
    labels,
    history,
    actsAt: ({ desired, observed }) => deadlineOf(observed, desired),
    expiresAt,
  },
  printerColumns: [
    { name: "Phase", type: "string", jsonPath: ".status.phase" },
    { name: "Job", type: "string", jsonPath: ".spec.job_ref.name" },
    { name: "Code", type: "string", jsonPath: ".status.termination.code", description: "Databricks' termination code" },
    ...commonColumns,
    { name: "Pipeline", type: "string", jsonPath: ".spec.pipeline_ref.name", priority: 1 },
    { name: "Run ID", type: "string", jsonPath: ".status.run_id", priority: 1 },
    { name: "URL", type: "string", jsonPath: ".status.url", priority: 1 },
  ],
  rules: [
    {
      rule: "[has(self.job_ref), has(self.job_id), has(self.submit), has(self.pipeline_ref), has(self.pipeline_id)]" +
        ".filter(present, present).size() == 1",
      message: "a run is of one thing: give exactly one of job_ref, job_id, submit, pipeline_ref and pipeline_id",
    },
    {
      rule: `!(has(self.pipeline_ref) || has(self.pipeline_id)) || !(${
        OF_JOBS.filter((field) => !MAPS.includes(field)).map((field) => `has(self.${field})`).join(" || ")
      })`,
      message: `an update of a pipeline has none of ${OF_JOBS.join(", ")}: its settings are in update`,
    },
    {
      rule: "!has(self.update) || has(self.pipeline_ref) || has(self.pipeline_id)",
      message: "update is of a pipeline: give pipeline_ref, or leave update out",
    },
    ...[...STARTED_WITH, "job_ref", "pipeline_ref"].filter((field) => !MAPS.includes(field)).map((field) => ({
      rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
      message: `${field} of a run cannot be changed: create another DatabricksRun`,
    })),
  ],
  validate: (spec) => spec.pipeline_id === undefined ? [] : mapsOf(spec as Fields),
  apiVersion: (workspace) => workspace.jobsApiVersion,
  desired,
  comparable: () => ({}),
  specId: () => undefined,
  made: ({ creator_user_name: by, start_time: at }) => ({
    by: typeof by === "string" ? by : undefined,
    at: at === undefined ? undefined : Number(at),
  }),
  state: (run) => tell(run, {}).state,
  show: (run) => ({ ...tell(run, {}).fields }),
  url: (host, id) => isUpdate(id) ? updateUrl(host, id) : `${host}/jobs/runs/${id}`,
  dangers: { costs: "the compute of its tasks, until the run ends" },
  examples: [{
    title: "A notebook, once",
    spec: {
      submit: {
        run_name: "backfill",
        tasks: [{ task_key: "load", notebook_task: { notebook_path: "/Shared/load", base_parameters: { day: "1" } } }],
      },
    },
  }],
});

function desired(spec: Spec, { name }: Subject): Desired {
  const { job_ref: _job, pipeline_ref: _pipeline, ttl_seconds_after_finished: _ttl, submit, ...rest } = spec;
  return submit === undefined ? rest : { ...rest, submit: { run_name: name, ...submit } };
}

function observe(workspace: Workspace, id: string, intent?: Intent<Desired>): Promise<ObservedRun | undefined> {
  const asked = intent === undefined ? undefined : intent.desired.output ?? {};
  return isUpdate(id) ? observeUpdate(workspace, id, asked) : observeRun(workspace, id, asked);
}

/** The runs that a start may have made, the oldest first: the list contains neither tokens nor marks. */
async function find(
  workspace: Workspace,
  { desired }: Intent<Desired>,
  context: FindContext,
): Promise<External<ObservedRun>[]> {
  const { job_id, submit, pipeline_id } = desired;
  const { since } = context;
  if (pipeline_id !== undefined) return await findUpdates(workspace, desired, context);
  // A name without an id: nothing can be found for it, and one-off runs belong to others.
  if (job_id === undefined && submit === undefined) return [];
  const query = {
    ...(job_id === undefined ? { run_type: "SUBMIT_RUN" } : { job_id, run_type: "JOB_RUN" }),
    ...(since === undefined ? {} : { start_time_from: since - CLOCK_SKEW_MS }),
    limit: PAGE,
  };
  const found: ObservedRun[] = [];
  for await (const page of workspace.pages(endpoints.list, query)) found.push(...page as ObservedRun[]);
  return found.filter((run) => submit === undefined || run.run_name === submit?.run_name)
    .sort((a, b) => Number(a.start_time ?? 0) - Number(b.start_time ?? 0))
    .map((run) => ({ id: String(run.run_id), observed: run, partial: true }));
}

/** Runs of jobs, runs without a job, and updates. */
async function* active(workspace: Workspace, ids: readonly string[]) {
  yield* activeUpdates(workspace, ids.filter(isUpdate));
  if (ids.every(isUpdate)) return;
  for await (const page of workspace.pages(endpoints.list, { active_only: true, limit: PAGE })) {
    yield page.map((run) => ({ id: String(run.run_id), state: stateOf(run)?.life_cycle_state ?? "" }));
  }
}

async function isOurs(
  workspace: Workspace,
  external: External<ObservedRun>,
  { intent, attempt }: { readonly intent: Intent<Desired>; readonly attempt: Attempt },
): Promise<boolean> {
  const { observed, id } = external;
  if (isUpdate(id)) return await isOurUpdate(workspace, external, { attempt, asked: intent.desired });
  const { creator_user_name: by, start_time = 0, trigger = "ONE_TIME" } = observed;
  return trigger === "ONE_TIME" && await isMadeByUs(workspace, { by, at: Number(start_time) }, attempt);
}

async function isListed(workspace: Workspace, id: string, intent: Intent<Desired>): Promise<boolean> {
  if (isUpdate(id)) return await isUpdateListed(workspace, id);
  return (await find(workspace, intent, {})).some((run) => run.id === id);
}

async function create(
  workspace: Workspace,
  { desired }: Intent<Desired>,
  options?: { token: string },
): Promise<string> {
  if (desired.pipeline_id !== undefined) return await startUpdate(workspace, desired);
  const { submit, job_id, ...rest } = desired;
  const token = options === undefined ? {} : { idempotency_token: options.token };
  const parameters = Object.fromEntries(Object.entries(rest).filter(([field]) => Object.hasOwn(runNowFields, field)));
  const answer = submit === undefined
    ? await workspace.call(endpoints.runNow, { ...parameters, job_id: BigInt(String(job_id)), ...token })
    : await workspace.call(endpoints.submit, { ...submit, ...token });
  return String(answer.run_id);
}

/** A run is never deleted: its record stays in the job's history. */
async function cancel(workspace: Workspace, id: string): Promise<void> {
  if (isUpdate(id)) return await stopUpdate(workspace, id);
  await workspace.tryCall(endpoints.cancel, { run_id: BigInt(id) });
}

/** run-now on a continuous job either ends its active run first, or is refused: which one is not documented. */
async function problem(workspace: Workspace, desired: Desired): Promise<Problem | undefined> {
  const { job_id, pipeline_id } = desired;
  if (pipeline_id !== undefined) return await updateProblem(workspace, desired);
  if (job_id === undefined) return undefined;
  const job = await workspace.tryCall(endpoints.getJob, { job_id });
  const { continuous } = (job?.settings ?? {}) as { continuous?: { pause_status?: string } };
  if (continuous === undefined || continuous.pause_status === "PAUSED") return undefined;
  const message =
    `job ${job_id} is continuous, so Databricks runs it all the time and no run of it is started: pause ` +
    `it, or delete this object`;
  return { reason: "ContinuousJob", message };
}

/** The deadline of a run (ms since the epoch), if it has one. */
function deadlineOf(run: ObservedRun, { active_deadline_seconds: seconds }: Desired): number | undefined {
  const started = begunAt(run);
  return seconds === undefined || started === 0 || isEnded(run) ? undefined : started + Number(seconds) * 1000;
}

function act({ desired, observed, now }: { desired: Desired; observed: ObservedRun; now: number }): Act | undefined {
  if (isEnded(observed) || stateOf(observed)?.life_cycle_state === "TERMINATING") return undefined;
  const isLate = now >= (deadlineOf(observed, desired) ?? Infinity);
  return desired.cancel === true || isLate ? { what: "cancel", run: cancel } : undefined;
}

function expiresAt({ ttl_seconds_after_finished: ttl }: Fields, { completion_time }: Fields): number | undefined {
  if (ttl === undefined || typeof completion_time !== "string") return undefined;
  return Date.parse(completion_time) + Number(ttl) * 1000;
}
