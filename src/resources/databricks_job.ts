/**
 * DatabricksJob: a job of the Jobs API (2.2 by default), and its newest run.
 *
 * Names of jobs are not unique, so a job carries an ownership tag, by which an interrupted create is found again.
 *
 * @module
 */
import * as z from "zod";
import { jobFields, lacksParameters } from "../databricks/answers/jobs.ts";
import { settingsDoubts, settingsIssues } from "../databricks/checks/job_settings.ts";
import { int64 } from "../databricks/primitives.ts";
import { JobSettings, RunNowRequest } from "../databricks/types.ts";
import { currentUser } from "../databricks/current_user.ts";
import {
  commonColumns,
  defineResource,
  type Endpoint,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Owner,
  type Quirk,
  type Resource,
  type Workspace,
} from "../resource.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { RunsHistory } from "./shared/run_history.ts";
import { withPermissions } from "./shared/permissions.ts";
import { jobRuns } from "./shared/job_runs.ts";
import { hasMark, hasRoomForMark, markAt, markOf, withMark, withoutMark } from "./shared/owner_tags.ts";

/** The maximum number of tags on a job; with 25 tags of the user there is no room for the operator's. */
const MAX_TAGS = 25;
/** The arrays that `jobs/get` truncates at 100 elements and continues on further pages. */
const PAGED = ["tasks", "job_clusters", "environments", "parameters"] as const;

/** The number of elements of each array on one page. */
const PAGE = 100;
/** The remedy if version 2.1 returns only part of a job. */
const SET_22 = 'Jobs API 2.1 does not tell them all, so set jobs_api_version: "2.2" in the ConfigMap';

type Settings = z.infer<typeof JobSettings>;

const Job = z.looseObject({
  job_id: int64.describe("The job's id. Databricks assigns it; a manifest needs none").optional(),
  settings: JobSettings.describe("The settings: tasks, clusters, schedule, notifications").optional(),
  created_time: int64.describe("The time of creation (ms since the epoch). Ignored in a manifest").optional(),
  creator_user_name: z.string().describe("The creator. Ignored in a manifest").optional(),
});

const Run = z.looseObject({
  ...RunNowRequest.shape,
  attempt: int64.describe("A new number runs the job again, also with the same parameters. It is not sent").optional(),
}).meta({ typeName: "jobs.RequestedRunSpec" });

const Spec = z.looseObject({
  job: Job.describe("The job, with the fields of the Jobs API"),
  run: Run.describe("Run the job once with these parameters, and again whenever they or the attempt change").optional(),
  runs_history: RunsHistory.describe("How many of its finished DatabricksRuns to keep; all by default")
    .optional(),
});

const absent: Quirk = {
  why: "The Jobs API says 400 for a job that does not exist",
  status: 400,
  message: /\bjob (with id )?\d+ (does not|doesn't) exist/i,
  means: "absent",
};

const endpoints = {
  get: endpoint("GET /api/{jobs_api_version}/jobs/get", { errors: [absent] }),
  getWhole: endpoint("GET /api/2.2/jobs/get", { errors: [absent] }),
  list: endpoint("GET /api/{jobs_api_version}/jobs/list", { items: "jobs" }),
  create: endpoint("POST /api/{jobs_api_version}/jobs/create"),
  reset: endpoint("POST /api/{jobs_api_version}/jobs/reset", { repeatable: true, errors: [absent] }),
  update: endpoint("POST /api/{jobs_api_version}/jobs/update", { repeatable: true, errors: [absent] }),
  delete: endpoint("POST /api/{jobs_api_version}/jobs/delete", { repeatable: true, errors: [absent] }),
};

type ObservedJob = z.infer<typeof Job>;
type Page = ObservedJob & { next_page_token?: string };

const job = defineResource<z.infer<typeof Spec>, Settings, ObservedJob>({
  kind: "DatabricksJob",
  plural: "databricksjobs",
  singular: "databricksjob",
  shortNames: ["dbj", "dbjob"],
  noun: "job",
  description: "A Databricks job. The manifest is the source of truth; the status shows the newest run",
  identity: "tag",
  runs: jobRuns,
  spec: Spec,
  observed: Job,
  comparableSchema: JobSettings,
  desiredPath: "spec.job.settings",
  passesOn: ["spec.job.settings", "spec.run"],
  fields: jobFields,
  endpoints,
  external: {
    observe,
    find,
    isOurs: isOursBy(({ creator_user_name: by, created_time: at = 0 }) => ({ by, at: Number(at) })),
    create,
    update,
    delete: remove,
    list,
    isListed,
    self: currentUser,
    release,
  },
  printerColumns: [
    {
      name: "Status",
      type: "string",
      jsonPath: ".status.latest_run_state.life_cycle_state",
      description: "State of the newest run",
    },
    {
      name: "Result",
      type: "string",
      jsonPath: ".status.latest_run_state.result_state",
      description: "Result of the newest run",
    },
    ...commonColumns,
    { name: "Job ID", type: "string", jsonPath: ".status.id", priority: 1 },
    { name: "URL", type: "string", jsonPath: ".status.url", priority: 1 },
  ],
  rules: [{
    at: ["job", "settings"],
    rule: "[has(self.schedule), has(self.continuous), has(self.trigger)].filter(present, present).size() <= 1",
    message: "schedule, continuous and trigger exclude each other: keep one",
  }, {
    at: ["job", "settings", "git_source"],
    rule: "[has(self.git_branch), has(self.git_tag), has(self.git_commit)].filter(present, present).size() <= 1",
    message: "git_branch, git_tag and git_commit exclude each other: keep one",
  }],
  apiVersion: (workspace) => workspace.jobsApiVersion,
  desired: (spec, subject) => ({ name: subject.name, ...spec.job.settings }),
  validate: ({ job: { settings } }) => settingsIssues(settings),
  doubts: ({ job: { settings } }) => settings === undefined ? [] : settingsDoubts(settings),
  comparable,
  specId: (spec) => spec.job.job_id?.toString(),
  cut: (job) => job.cut === true ? `it has ${PAGE} tasks or more, or none: ${SET_22}` : undefined,
  keeps: ({ settings }, { jobsApiVersion }) =>
    jobsApiVersion !== "2.1" && settings?.queue?.enabled !== true ? { queue: { enabled: false } } : {},
  managedBy: ({ settings }) =>
    settings?.deployment?.kind === "BUNDLE" || settings?.edit_mode === "UI_LOCKED"
      ? "a Databricks Asset Bundle, as deployment.kind or edit_mode says: unbind it there"
      : undefined,
  ownerUid: ({ settings }, tag) => markOf(settings?.tags, tag),
  mark: ({ settings }, { desired, owner }) =>
    markAt("tags", { asked: desired.tags, held: settings?.tags, owner, most: MAX_TAGS }),
  made: ({ creator_user_name: by, created_time: at }) => ({ by, at: at === undefined ? undefined : Number(at) }),
  toSpec: (job, { tag }) => ({
    job: {
      job_id: job.job_id,
      settings: withoutTag(job.settings ?? {}, { tag }),
      ...(job.created_time === undefined ? {} : { created_time: job.created_time }),
      ...(job.creator_user_name === undefined ? {} : { creator_user_name: job.creator_user_name }),
    },
  }),
  displayName: (job) => job.settings?.name ?? "",
  url: (host, id) => `${host}/jobs/${id}`,
  examples: [
    {
      title: "A notebook from Git on a job cluster, every night",
      spec: {
        job: {
          settings: {
            name: "nightly-report",
            tags: { team: "reporting", cost_center: 4711 },
            schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "Europe/Berlin", pause_status: "UNPAUSED" },
            job_clusters: [{
              job_cluster_key: "small",
              new_cluster: { spark_version: "15.4.x-scala2.12", node_type_id: "m5.large", num_workers: 2 },
            }],
            git_source: { git_url: "https://github.com/example/reports", git_provider: "gitHub", git_branch: "main" },
            tasks: [
              {
                task_key: "load",
                job_cluster_key: "small",
                notebook_task: { notebook_path: "jobs/load", source: "GIT" },
              },
              {
                task_key: "report",
                job_cluster_key: "small",
                depends_on: [{ task_key: "load" }],
                notebook_task: { notebook_path: "jobs/report", source: "GIT" },
              },
            ],
          },
        },
      },
      edited: {
        job: {
          settings: {
            name: "nightly-report",
            max_concurrent_runs: 2,
            tasks: [{ task_key: "report", notebook_task: { notebook_path: "jobs/report" } }],
          },
        },
      },
    },
    {
      title: "A job that takes its name from metadata.name",
      spec: {
        job: { settings: { tasks: [{ task_key: "only", spark_python_task: { python_file: "dbfs:/main.py" } }] } },
      },
      edited: {
        job: { settings: { tasks: [{ task_key: "only", spark_python_task: { python_file: "dbfs:/other.py" } }] } },
      },
    },
  ],
});

/** The declaration of kind DatabricksJob. */
export const databricksJob: Resource = withPermissions(job, { type: "jobs" });

async function observe(workspace: Workspace, id: string): Promise<ObservedJob | undefined> {
  const job = await readPages(workspace, endpoints.get, id);
  if (job === undefined || !mayBeCut(workspace, job)) return job;
  // If 2.2 is not served, the incomplete job is marked as such.
  return await readPages(workspace, endpoints.getWhole, id).catch(() => ({ ...job, cut: true }));
}

async function readPages(workspace: Workspace, get: Endpoint, id: string): Promise<ObservedJob | undefined> {
  const job = await workspace.tryCall(get, { job_id: id }) as Page | undefined;
  const seen = new Set<string>();
  for (let token = job?.next_page_token; job !== undefined && token && !seen.has(token);) {
    seen.add(token);
    const page = await workspace.tryCall(get, { job_id: id, page_token: token }) as Page | undefined;
    if (page === undefined) return undefined;
    for (const name of PAGED) appendTo(job.settings ?? {}, name, page.settings?.[name]);
    token = page.next_page_token;
  }
  return job;
}

/** 2.1 has no pages: for a job with more than 100 tasks it returns only the first ones, or none at all. */
function mayBeCut({ jobsApiVersion }: Workspace, job: ObservedJob): boolean {
  const { tasks = [] } = job.settings ?? {};
  return jobsApiVersion === "2.1" && (tasks.length === 0 || tasks.length >= PAGE);
}

function appendTo(settings: Settings, name: (typeof PAGED)[number], more: unknown[] | undefined): void {
  if (more !== undefined) (settings as Record<string, unknown>)[name] = [...(settings[name] ?? []), ...more];
}

async function* list(workspace: Workspace): AsyncIterable<External<ObservedJob>[]> {
  for await (const page of workspace.pages(endpoints.list, { limit: 100, expand_tasks: true })) {
    yield (page as ObservedJob[]).map((job) => {
      const external = toExternal(job);
      return mayBeCut(workspace, job) ? { ...external, partial: true } : external;
    });
  }
}

async function isListed(workspace: Workspace, id: string, { desired }: Intent<Settings>): Promise<boolean> {
  for await (const page of workspace.pages(endpoints.list, { limit: 100, name: desired.name })) {
    if (page.some((job) => String(job.job_id) === id)) return true;
  }
  return false;
}

function toExternal(job: ObservedJob): External<ObservedJob> {
  return {
    id: String(job.job_id),
    observed: job,
    partial: job.has_more === true,
    lacks: lacksParameters(job.settings),
  };
}

async function find(
  workspace: Workspace,
  intent: Intent<Settings>,
  context: FindContext,
): Promise<External<ObservedJob>[]> {
  const { owner, desired } = intent;
  const names = new Set([context.name, desired.name].filter((name) => name !== undefined));
  // By id, since two names that differ only in case find the same jobs.
  const found = new Map<string, ObservedJob>();
  for (const name of names) {
    for await (const page of workspace.pages(endpoints.list, { limit: 100, name })) {
      for (const job of page as ObservedJob[]) found.set(String(job.job_id), job);
    }
  }
  const jobs = [...found.values()].sort((a, b) =>
    Number(a.created_time ?? 0) - Number(b.created_time ?? 0) || Number(BigInt(a.job_id ?? 0) - BigInt(b.job_id ?? 0))
  );
  // The list matches names case-insensitively.
  const isNamed = ({ settings }: ObservedJob) =>
    markOf(settings?.tags, owner.tag) === undefined && names.has(settings?.name ?? "");
  const uids = [owner.uid, ...context.formerUids ?? []];
  const marked = jobs.filter(({ settings }) => hasMark(settings?.tags, ...uids));
  if (marked.length > 0) return marked.map((job) => ({ ...toExternal(job), marked: true }));
  // If there was no room for a tag, a job is identified by more than its name: see `isOurs`.
  if (context.unmarked !== true && hasRoomForMark(desired.tags, owner, MAX_TAGS)) return [];
  return jobs.filter(isNamed).map(toExternal);
}

async function create(workspace: Workspace, intent: Intent<Settings>): Promise<string> {
  return String((await workspace.call(endpoints.create, withTag(intent))).job_id);
}

// A full replace: a setting that the manifest lacks is removed from the job. Only `run_as` keeps its value if it is
// omitted.
async function update(workspace: Workspace, id: string, intent: Intent<Settings>): Promise<void> {
  await workspace.call(endpoints.reset, { job_id: BigInt(id), new_settings: withTag(intent) });
}

async function remove(workspace: Workspace, id: string): Promise<void> {
  await workspace.tryCall(endpoints.delete, { job_id: BigInt(id) });
}

async function release(workspace: Workspace, id: string, owner: Owner): Promise<boolean> {
  const job = await observe(workspace, id);
  if (job?.settings === undefined || !hasMark(job.settings.tags, owner.uid)) return job !== undefined;
  const tags = withoutMark(job.settings.tags, owner);
  const change = tags === undefined ? { fields_to_remove: ["tags"] } : { new_settings: { tags } };
  return await workspace.tryCall(endpoints.update, { job_id: BigInt(id), ...change }) !== undefined;
}

function withTag({ desired, owner }: Intent<Settings>): Settings {
  const tags = withMark(desired.tags, owner, MAX_TAGS);
  return tags === undefined ? desired : { ...desired, tags };
}

/** The same settings if they have no ownership tag, like most jobs of a workspace. */
function withoutTag(settings: Settings, owner: Pick<Owner, "tag"> & Partial<Owner>): Settings {
  const kept = withoutMark(settings.tags, owner);
  if (Object.keys(kept ?? {}).length === Object.keys(settings.tags ?? {}).length) return settings;
  const { tags: _ours, ...rest } = settings;
  return kept === undefined ? rest : { ...rest, tags: kept };
}

// Also by the tag's value, so that another `ownership_tag` in the settings does not make every job drift.
function comparable(job: ObservedJob, owner: Owner): Record<string, unknown> {
  const settings = withoutTag(job.settings ?? {}, owner);
  const { run_as_user_name: runner } = job;
  return settings.run_as !== undefined || typeof runner !== "string"
    ? settings
    : { ...settings, run_as: { user_name: runner } };
}
