/**
 * DatabricksPipeline: a pipeline that keeps tables up to date (Pipelines API 2.0; Lakeflow Declarative Pipelines).
 *
 * It is identified by its name, and its mark among the tags proves ownership. Its tables stay when it is deleted,
 * unless the manifest says `cascade: true`.
 *
 * @module
 */
import * as z from "zod";
import { clusterAnswersAt } from "../databricks/answers/clusters.ts";
import { currentUser } from "../databricks/current_user.ts";
import { optional } from "../databricks/primitives.ts";
import { reference } from "../databricks/references.ts";
import { type GetPipelineResponse, PipelinesCreate, type PipelineStateInfo } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type ExternalState,
  type FindContext,
  type Intent,
  type Owner,
  type Quirk,
  type Resource,
  type Workspace,
} from "../resource.ts";
import { busy } from "./shared/compute_quirks.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { hasMark, markAt, markOf, withMark, withoutMark } from "./shared/owner_tags.ts";
import { withPermissions } from "./shared/permissions.ts";

const {
  // Fields that only calls or only answers have, and the mark of another tool.
  allow_duplicate_names: _duplicates,
  dry_run: _dryRun,
  id: _id,
  deployment: _deployment,
  ...settings
} = PipelinesCreate.shape;

const connector = {
  connection_name: optional.text,
  connection_ref: reference("connection_name", "DatabricksUnityCatalogConnection"),
};

// Connectors accept different fields, and more with each release: their definitions are passed on unchanged.
const Gateway = z.looseObject(connector).meta({ typeName: "pipelines.ManagedGateway", isOpen: true });
const Ingestion = z.looseObject({
  ...connector,
  ingestion_gateway_id: optional.text,
  ingestion_gateway_ref: reference("ingestion_gateway_id", "DatabricksPipeline"),
}).meta({ typeName: "pipelines.ManagedIngestion", isOpen: true });

const Pipeline = z.looseObject({
  ...settings,
  gateway_definition: Gateway.optional(),
  ingestion_definition: Ingestion.optional(),
}).meta({ typeName: "pipelines.Pipeline" });

const Spec = z.looseObject({
  pipeline: Pipeline.describe("The pipeline, with the fields of the Pipelines API"),
  cascade: z.boolean()
    .describe("Delete its tables with it, if annotation databricks-operator/deletion-policy is delete")
    .optional(),
});

type Pipeline = z.infer<typeof Pipeline>;
type Desired = Pipeline & { cascade?: boolean };
type Observed = GetPipelineResponse;

/** The maximum number of tags (docstring of the SDK, 0.162.0: pipelines.py). */
const MAX_TAGS = 25;

const taken: Quirk = {
  why: "A name that is taken may be a 400 that says so (databricks/cli#5261)",
  message: /already used by another pipeline/i,
  means: "taken",
};

const absent: Quirk = {
  why: "databricks/cli waits for this text after a deletion",
  message: /specified pipeline \S+ was not found/i,
  means: "absent",
};

const endpoints = {
  get: endpoint("GET /api/2.0/pipelines/{pipeline_id}", { errors: [absent] }),
  list: endpoint("GET /api/2.0/pipelines", { items: "statuses" }),
  create: endpoint("POST /api/2.0/pipelines", { errors: [taken] }),
  update: endpoint("PUT /api/2.0/pipelines/{pipeline_id}", { errors: [absent, busy, taken] }),
  delete: endpoint("DELETE /api/2.0/pipelines/{pipeline_id}", { errors: [absent, busy] }),
};

/** The maximum number of rows per page. */
const PAGE = 100;

const lower = (text: string) => text.toLowerCase();

const pipeline = defineResource<z.infer<typeof Spec>, Desired, Observed>({
  kind: "DatabricksPipeline",
  plural: "databrickspipelines",
  singular: "databrickspipeline",
  shortNames: ["dbpipeline"],
  noun: "pipeline",
  description: "A pipeline that keeps tables up to date. Deleting its object leaves it in Databricks",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Pipeline,
  statusFields: {
    state: z.string().describe("The state: IDLE, RUNNING, FAILED and others").optional(),
    latest_update: z.string().describe("The state of the latest update: COMPLETED, FAILED and others").optional(),
  },
  desiredPath: "spec.pipeline",
  passesOn: ["spec.pipeline"],
  fields: {
    replaces: true,
    immutable: ["storage"],
    unread: ["cascade"],
    confidential: ["spark_env_vars", "spark_conf", "configuration"],
    keyedBy: { clusters: "label" },
    unordered: ["libraries", "notifications"],
    answers: clusterAnswersAt(["clusters"]),
    spelling: { catalog: lower, channel: lower, edition: lower, schema: lower, target: lower },
    onlyIfAsked: {
      run_as: ["run_as"],
      root_path: ["root_path"],
      parent_path: ["parent_path"],
      event_log: ["event_log"],
    },
  },
  endpoints,
  external: {
    observe,
    find,
    isOurs: isOursBy(({ creator_user_name: by }) => ({ by })),
    isListed: async (workspace, id, { desired: { name } }) => {
      for await (const page of named(workspace, [name])) if (page.some((row) => row.pipeline_id === id)) return true;
      return false;
    },
    create: async (workspace, { desired, owner }) =>
      String((await workspace.call(endpoints.create, tagged(desired, owner))).pipeline_id),
    update: async (workspace, id, { desired, owner }) => {
      await workspace.call(endpoints.update, { ...tagged(desired, owner), pipeline_id: id });
    },
    delete: async (workspace, id, intent) => {
      const cascade = intent?.desired.cascade === true;
      await workspace.tryCall(endpoints.delete, { pipeline_id: id, cascade });
    },
    list,
    self: currentUser,
    release,
  },
  printerColumns: [
    { name: "State", type: "string", jsonPath: ".status.state" },
    { name: "Update", type: "string", jsonPath: ".status.latest_update", description: "State of its latest update" },
    ...commonColumns,
    { name: "Pipeline ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  rules: [{
    at: ["pipeline"],
    rule: "!has(self.storage) || !has(self.catalog)",
    message: "storage and catalog exclude each other: with Unity Catalog, leave storage out",
  }, {
    at: ["pipeline"],
    rule: "!has(self.schema) || !has(self.target)",
    message: "schema and target exclude each other: keep schema; older pipelines have target",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => name,
  desired: ({ pipeline, cascade }, { name }) => ({
    name,
    ...pipeline,
    ...(cascade === undefined ? {} : { cascade }),
  }),
  validate: ({ pipeline }) => {
    const at = "spec.pipeline.allow_duplicate_names";
    if (pipeline.allow_duplicate_names !== true) return [];
    return [{ path: at, message: "cannot be true, since the operator knows a pipeline by its name: leave it out" }];
  },
  comparable: ({ spec, run_as, parameters }, owner) => {
    const { tags, id: _id, deployment: _deployment, ...settings } = spec ?? {};
    const kept = withoutMark(tags, owner);
    return {
      ...settings,
      ...(run_as === undefined ? {} : { run_as }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(kept === undefined ? {} : { tags: kept }),
    };
  },
  ownerUid: ({ spec }, tag) => markOf(spec?.tags, tag),
  mark: ({ spec }, { desired, owner }) =>
    markAt("tags", { asked: desired.tags, held: spec?.tags, owner, most: MAX_TAGS }),
  managedBy: ({ spec }) =>
    spec?.deployment?.kind === "BUNDLE"
      ? "a Databricks Asset Bundle, as deployment.kind says: unbind it there"
      : undefined,
  state,
  show: ({ state, latest_updates }) => ({ state, latest_update: latest_updates?.[0]?.state }),
  isRunning: ({ state }) => state === "RUNNING",
  dangers: {
    deletesData: "its materialized views and streaming tables, with cascade: true",
    costs: "its compute during an update, and all the time with continuous: true",
  },
  made: ({ creator_user_name: by }) => ({ by }),
  displayName: ({ name = "" }) => name,
  url: (host, id) => `${host}/pipelines/${id}`,
  examples: [{
    title: "A serverless pipeline of Unity Catalog",
    spec: {
      pipeline: {
        name: "orders",
        catalog: "main",
        schema: "sales",
        serverless: true,
        libraries: [{ glob: { include: "/Workspace/Shared/orders/**" } }],
        configuration: { "orders.since": "2026-01-01" },
        tags: { team: "sales" },
        notifications: [{ email_recipients: ["data@example.com"], alerts: ["on-update-failure"] }],
      },
    },
    edited: {
      pipeline: {
        name: "orders",
        catalog: "main",
        schema: "sales",
        serverless: true,
        development: true,
        libraries: [{ notebook: { path: "/Shared/orders" } }, { file: { path: "/Workspace/Shared/more.py" } }],
      },
    },
  }, {
    title: "A pipeline on a cluster, deleted with its tables",
    spec: {
      pipeline: {
        libraries: [{ notebook: { path: "/Shared/scratch" } }],
        clusters: [{ label: "default", autoscale: { min_workers: 1, max_workers: 3, mode: "ENHANCED" } }],
      },
      cascade: true,
    },
    edited: {
      pipeline: {
        libraries: [{ notebook: { path: "/Shared/scratch" } }],
        clusters: [{ label: "default", num_workers: 1 }],
        edition: "core",
      },
      cascade: true,
    },
  }],
});

/** The declaration of kind DatabricksPipeline. */
export const databricksPipeline: Resource = withPermissions(pipeline, { type: "pipelines" });

/** Databricks may still return a deleted pipeline. */
async function observe(workspace: Workspace, id: string): Promise<Observed | undefined> {
  const pipeline = await workspace.tryCall(endpoints.get, { pipeline_id: id }) as Observed | undefined;
  return pipeline?.state === "DELETED" ? undefined : pipeline;
}

/** A row contains only the name and the state. */
async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list, { max_results: PAGE })) {
    yield (page as PipelineStateInfo[]).filter(({ state }) => state !== "DELETED")
      .map((row) => ({ id: String(row.pipeline_id), observed: row as Observed, partial: true }));
  }
}

/** Rows of pipelines with one of the names. */
async function* named(workspace: Workspace, names: readonly (string | undefined)[]) {
  for (const name of new Set(names)) {
    if (name === undefined) continue;
    // It is not documented how to escape a quote in a filter: then all are read.
    const filter = /['"\\]/.test(name) ? {} : { filter: `name LIKE '${name}'` };
    for await (const page of workspace.pages(endpoints.list, { max_results: PAGE, ...filter })) {
      yield (page as PipelineStateInfo[]).filter((row) => row.name === name && row.state !== "DELETED");
    }
  }
}

async function find(
  workspace: Workspace,
  { desired, owner }: Intent<Desired>,
  { formerUids = [], name }: FindContext,
): Promise<External<Observed>[]> {
  const found: External<Observed>[] = [];
  for await (const rows of named(workspace, [desired.name, name])) {
    for (const { pipeline_id } of rows) {
      const id = String(pipeline_id);
      const observed = await observe(workspace, id);
      if (observed === undefined) continue;
      const isMarked = hasMark(observed.spec?.tags, owner.uid, ...formerUids);
      found.push({ id, observed, ...(isMarked ? { marked: true } : {}) });
    }
  }
  return found;
}

function tagged({ cascade: _later, ...desired }: Desired, owner: Owner): Pipeline {
  const tags = withMark(desired.tags, owner, MAX_TAGS);
  return tags === undefined ? desired : { ...desired, tags };
}

async function release(workspace: Workspace, id: string, owner: Owner): Promise<boolean> {
  const pipeline = await observe(workspace, id);
  if (pipeline?.spec === undefined || !hasMark(pipeline.spec.tags, owner.uid)) return pipeline !== undefined;
  const { tags, id: _id, ...settings } = pipeline.spec;
  const { run_as, parameters } = pipeline;
  const kept = { ...settings, run_as, parameters, tags: withoutMark(tags, owner) };
  const said = Object.entries(kept).filter(([, value]) => value !== undefined);
  return await workspace.tryCall(endpoints.update, { ...Object.fromEntries(said), pipeline_id: id }) !== undefined;
}

/** A pipeline whose update failed can be updated again: a failed update is not a state of the pipeline itself. */
function state({ state }: Observed): ExternalState {
  if (state === "DEPLOYING") return { ready: false, reason: "Starting", message: "is being deployed" };
  return { ready: true, reason: "Available", message: "can be used" };
}
