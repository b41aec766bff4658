/**
 * DatabricksExperiment: an experiment of MLflow, which records training runs (MLflow API 2.0).
 *
 * A deletion marks it and its runs as deleted: it can be restored, and may keep its name until then.
 *
 * @module
 */
import * as z from "zod";
import { type Experiment, ExperimentsCreateExperiment, type ExperimentTag } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Owner,
  type Quirk,
  type Resource,
  topFields,
  type Workspace,
} from "../resource.ts";
import { hasMark, hasRoomForMark } from "./shared/owner_tags.ts";
import { withPermissions } from "./shared/permissions.ts";
import { isWorkspacePath, withoutWorkspace } from "./shared/workspace_paths.ts";

const { artifact_location, tags, trace_location } = ExperimentsCreateExperiment.shape;

const Settings = z.looseObject({ name: z.string(), artifact_location, tags, trace_location })
  .meta({ typeName: "ml.ManagedExperiment" });

const Spec = z.looseObject({ experiment: Settings.describe("The experiment, with the fields of the Experiments API") });

type Settings = z.infer<typeof Settings>;

/** The number of tags per request that every store accepts (docstring of the SDK, 0.162.0: ml.py). */
const MAX_TAGS = 20;
/** The maximum number of rows per page (docstring of the SDK, 0.162.0: ml.py). */
const PAGE = 1000;

const parentGone: Quirk = {
  why: "An experiment is in a folder of the workspace",
  code: /DOES_NOT_EXIST$|^NOT_FOUND$/,
  means: "parent",
  remedy: "create the folder, for example with a DatabricksDirectory, or correct spec.experiment.name; the operator " +
    "tries again until it is there",
};

const nameTaken: Quirk = {
  why: "RESOURCE_ALREADY_EXISTS or ALREADY_EXISTS (docstring of the SDK, 0.162.0: ml.py)",
  code: /ALREADY_EXISTS$/,
  means: "taken",
  remedy: "where an experiment that was deleted still has the name, restore it in Databricks and set annotation " +
    "databricks-operator/adopt: true, or choose another spec.experiment.name",
};

const path = "/api/2.0/mlflow/experiments";

const endpoints = {
  get: endpoint(`GET ${path}/get`),
  getByName: endpoint(`GET ${path}/get-by-name`),
  list: endpoint(`GET ${path}/list`, { items: "experiments" }),
  create: endpoint(`POST ${path}/create`, { errors: [nameTaken, parentGone] }),
  update: endpoint(`POST ${path}/update`, { repeatable: true, errors: [nameTaken] }),
  setTag: endpoint(`POST ${path}/set-experiment-tag`, { repeatable: true }),
  delete: endpoint(`POST ${path}/delete`, { repeatable: true }),
};

const experiment = defineResource<z.infer<typeof Spec>, Settings, Experiment>({
  kind: "DatabricksExperiment",
  plural: "databricksexperiments",
  singular: "databricksexperiment",
  shortNames: ["dbexperiment"],
  noun: "experiment",
  description: "An experiment of MLflow. It stays in Databricks when its object is deleted, unless that says otherwise",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Experiment>(),
  comparableSchema: Settings,
  statusFields: {
    artifact_location: z.string().describe("The location of the files of its runs").optional(),
  },
  desiredPath: "spec.experiment",
  descriptions: {
    "ml.ManagedExperiment": {
      artifact_location: "The location of the files of its runs; Databricks chooses the default. Cannot be changed.",
      name: "Its path in the workspace: /Shared/churn. Another path moves it.",
      tags: "Tags to set, by key; others are left alone.",
      trace_location: "The location of its traces. Cannot be changed.",
    },
    "ml.ExperimentTag": { key: "The key of the tag.", value: "The value of the tag." },
    "ml.ExperimentTraceLocation": { uc_trace_location: "A schema of Unity Catalog." },
    "ml.UcTraceLocation": {
      catalog: "The catalog.",
      effective_table_prefix: "The prefix of its tables. Databricks returns it.",
      schema: "The schema.",
      table_prefix: "The prefix of its tables.",
    },
  },
  fields: {
    immutable: ["artifact_location", "trace_location"],
    spelling: { name: withoutWorkspace, artifact_location: (url) => url.replace(/\/+$/, "") },
    answers: { tags: holdsTags },
    onlyIfAsked: { artifact_location: ["artifact_location"], tags: ["tags"], trace_location: ["trace_location"] },
  },
  endpoints,
  external: {
    observe,
    find,
    create: async (workspace, { desired, owner }) => {
      const tags = marked(desired.tags, owner);
      return String((await workspace.call(endpoints.create, { ...desired, tags })).experiment_id);
    },
    steps: (intent) => {
      const changed = topFields(intent.changes);
      const { desired: { name, tags = [] } } = intent;
      return [
        ...(changed.includes("name")
          ? [{
            changes: ["name"],
            run: async (workspace: Workspace, id: string) => {
              await workspace.call(endpoints.update, { experiment_id: id, new_name: name });
            },
          }]
          : []),
        ...(changed.includes("tags")
          ? [{ changes: ["tags"], run: (workspace: Workspace, id: string) => setTags(workspace, id, tags) }]
          : []),
      ];
    },
    delete: async (workspace, id) => {
      if (await observe(workspace, id) === undefined) return;
      await workspace.tryCall(endpoints.delete, { experiment_id: id });
    },
    list,
    release: async (workspace, id, owner) => {
      const experiment = await observe(workspace, id);
      const held = experiment?.tags?.find(({ value }) => value === owner.uid);
      // No call of the SDK removes a tag.
      if (held !== undefined) await setTags(workspace, id, [{ key: held.key, value: "" }]);
      return experiment !== undefined;
    },
  },
  printerColumns: [
    { name: "Experiment", type: "string", jsonPath: ".spec.experiment.name" },
    ...commonColumns,
    { name: "Experiment ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => withoutWorkspace(name),
  desired: ({ experiment }) => experiment,
  validate: ({ experiment: { name, tags = [] } }) => [
    ...isWorkspacePath("spec.experiment.name", name),
    ...tags.flatMap(({ key }, index) =>
      tags.findIndex((other) => other.key === key) === index ? [] : [{
        path: `spec.experiment.tags[${index}].key`,
        message: `"${key}" is used twice: give each tag a key of its own`,
      }]
    ),
  ],
  comparable: ({ name, artifact_location, tags, trace_location }, owner) => ({
    name,
    artifact_location,
    tags: tags?.filter(({ key, value }) => value !== owner.uid && (owner.tag === "" || key !== owner.tag)),
    trace_location,
  }),
  stamp: ({ last_update_time }) => last_update_time?.toString(),
  show: ({ artifact_location }) => ({ artifact_location }),
  dangers: { deletesData: "its runs, their metrics and files" },
  displayName: ({ name = "" }) => name,
  url: (host, id) => `${host}/ml/experiments/${id}`,
  examples: [{
    title: "An experiment of a team",
    spec: { experiment: { name: "/Shared/churn", tags: [{ key: "team", value: "marketing" }] } },
    edited: {
      experiment: {
        name: "/Shared/churn-of-customers",
        tags: [{ key: "team", value: "marketing" }, { key: "stage", value: "trial" }],
      },
    },
  }],
});

/** The declaration of kind DatabricksExperiment. */
export const databricksExperiment: Resource = withPermissions(experiment, { type: "experiments" });

/** An experiment that is marked as deleted is still returned. */
function active(experiment: Experiment | undefined): Experiment | undefined {
  return experiment?.lifecycle_stage === "deleted" ? undefined : experiment;
}

async function observe(workspace: Workspace, id: string): Promise<Experiment | undefined> {
  const answer = await workspace.tryCall(endpoints.get, { experiment_id: id });
  return active(answer?.experiment as Experiment | undefined);
}

async function named(workspace: Workspace, name: string): Promise<Experiment | undefined> {
  const answer = await workspace.tryCall(endpoints.getByName, { experiment_name: name });
  return answer?.experiment as Experiment | undefined;
}

async function find(
  workspace: Workspace,
  { desired, owner }: Intent<Settings>,
  { formerUids = [], name = desired.name }: FindContext,
): Promise<External<Experiment>[]> {
  const found: External<Experiment>[] = [];
  for (const one of new Set([desired.name, name].map(withoutWorkspace))) {
    const observed = active(await named(workspace, one));
    if (observed === undefined) continue;
    const isMarked = hasMark(tagsOf(observed), owner.uid, ...formerUids);
    found.push({ id: String(observed.experiment_id), observed, ...(isMarked ? { marked: true } : {}) });
  }
  return found;
}

async function setTags(workspace: Workspace, id: string, tags: readonly ExperimentTag[]): Promise<void> {
  for (const { key, value = "" } of tags) await workspace.call(endpoints.setTag, { experiment_id: id, key, value });
}

/** The tags of a create; the mark proves ownership if its answer is lost. */
function marked(tags: readonly ExperimentTag[] = [], owner: Owner): ExperimentTag[] {
  const asked = Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value]));
  return hasRoomForMark(asked, owner, MAX_TAGS) ? [...tags, { key: owner.tag, value: owner.uid }] : [...tags];
}

function tagsOf({ tags = [] }: Experiment): Record<string, string> {
  return Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value]));
}

/** True if all requested tags are there: MLflow and people add others. */
function holdsTags(asked: unknown, answered: unknown): boolean {
  if (!Array.isArray(asked)) return false;
  const held = tagsOf({ tags: (answered ?? []) as ExperimentTag[] });
  return Object.entries(tagsOf({ tags: asked as ExperimentTag[] })).every(([key, value]) => held[key] === value);
}

async function* list(workspace: Workspace): AsyncIterable<External<Experiment>[]> {
  for await (const page of workspace.pages(endpoints.list, { max_results: PAGE })) {
    yield (page as Experiment[]).filter((one) => active(one) !== undefined)
      .map((observed) => ({ id: String(observed.experiment_id), observed }));
  }
}
