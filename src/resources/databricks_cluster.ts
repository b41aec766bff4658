/**
 * DatabricksCluster: all-purpose compute (Clusters API 2.1). It starts when it is created, costs while it runs, and
 * terminates by itself after `autotermination_minutes`.
 *
 * Its running state is left alone, unless `lifecycle.started` is set. An edit restarts a running cluster, so a change
 * that needs no restart causes none: another size is a resize, and tags wait until the cluster is terminated.
 *
 * @module
 */
import * as z from "zod";
import { clusterAnswers } from "../databricks/answers/clusters.ts";
import { currentUser } from "../databricks/current_user.ts";
import { PostponedError } from "../databricks/errors.ts";
import { type ClusterDetails, ClustersCreate } from "../databricks/types.ts";
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
  topField,
  type Workspace,
} from "../resource.ts";
import { busy } from "./shared/compute_quirks.ts";
import { lifecycleRules, lifecycleSchema, lifecycleSteps } from "./shared/lifecycle.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { hasMark, hasRoomForMark, markOf, withMark, withoutMark } from "./shared/owner_tags.ts";
import { withPermissions } from "./shared/permissions.ts";

// A clone copies the settings of another cluster at one time: that is not a desired state.
const { clone_from: _clone, ...settings } = ClustersCreate.shape;

const Cluster = z.looseObject({
  ...settings,
  lifecycle: lifecycleSchema("terminated").optional(),
}).meta({ typeName: "compute.Cluster" });

const Spec = z.looseObject({ cluster: Cluster.describe("The cluster, with the fields of the Clusters API") });

type Cluster = z.infer<typeof Cluster>;
type Observed = ClusterDetails;

/** The maximum number of custom tags (docstring of the SDK, 0.162.0: compute.py). */
const MAX_TAGS = 45;
/** The fields that a resize can change. */
const SIZE = ["num_workers", "autoscale"];
/** A cluster in one of these states runs, or is about to. */
const STARTED = ["PENDING", "RUNNING", "RESTARTING", "RESIZING"];

const absent: readonly Quirk[] = [{
  why: "clusters/get says 400 (databricks-sdk-py 0.162.0: errors/overrides.py)",
  code: /^INVALID_PARAMETER_VALUE$/,
  message: /Cluster .* does not exist/i,
  means: "absent",
}, {
  why: "A cluster that was terminated long ago and is not pinned is gone (terraform-provider-databricks#1177)",
  message: /terminated or unpinned more than \d+ days ago/i,
  means: "absent",
}];

const post = (name: string, ...errors: readonly Quirk[]) =>
  endpoint(`POST /api/2.1/clusters/${name}`, { repeatable: true, errors: [...absent, ...errors] });

const endpoints = {
  get: endpoint("GET /api/2.1/clusters/get", { errors: absent }),
  list: endpoint("GET /api/2.1/clusters/list", { items: "clusters" }),
  create: endpoint("POST /api/2.1/clusters/create"),
  edit: post("edit", busy),
  resize: post("resize", busy),
  start: post("start", busy),
  terminate: post("delete", busy),
  delete: post("permanent-delete", busy),
};

const cluster = defineResource<z.infer<typeof Spec>, Cluster, Observed>({
  kind: "DatabricksCluster",
  plural: "databricksclusters",
  singular: "databrickscluster",
  shortNames: ["dbcluster"],
  noun: "cluster",
  description: "All-purpose compute. It costs while it runs, and terminates by itself after autotermination_minutes",
  identity: "tag",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Cluster,
  statusFields: {
    state: z.string().describe("The state in Databricks: RUNNING, TERMINATED and others").optional(),
  },
  desiredPath: "spec.cluster",
  keepsBack: ["spec.cluster.lifecycle"],
  fields: {
    replaces: true,
    updateOnly: ["lifecycle"],
    answers: clusterAnswers,
    // By default, the user of a single-user cluster is its creator (databricks/cli#4418).
    onlyIfAsked: { single_user_name: ["single_user_name"], lifecycle: ["lifecycle"] },
    defaults: { enable_elastic_disk: false },
    confidential: ["spark_env_vars", "spark_conf", "basic_auth"],
  },
  endpoints,
  external: {
    observe: (workspace, id) => workspace.tryCall(endpoints.get, { cluster_id: id }) as Promise<Observed | undefined>,
    find,
    isOurs: isOursBy(({ creator_user_name: by, start_time: at = 0 }) => ({ by, at: Number(at) })),
    create: async (workspace, { desired, owner }) =>
      String((await workspace.call(endpoints.create, sent(desired, owner))).cluster_id),
    steps: (intent) =>
      lifecycleSteps(intent, {
        edit: (workspace, id, edits) => change(workspace, id, { intent, edits }),
        turn: turnTo,
      }),
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { cluster_id: id });
    },
    list,
    self: currentUser,
  },
  printerColumns: [
    { name: "Node type", type: "string", jsonPath: ".spec.cluster.node_type_id" },
    { name: "State", type: "string", jsonPath: ".status.state" },
    ...commonColumns,
    { name: "Cluster ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  rules: [
    ...lifecycleRules({
      at: "cluster",
      field: "autotermination_minutes",
      when: "without use the cluster terminates",
    }),
    {
      at: ["cluster"],
      rule: "!has(self.num_workers) || !has(self.autoscale)",
      message: "num_workers and autoscale exclude each other: keep one",
    },
  ],
  apiVersion: () => "2.1",
  desired: (spec, { name }) => ({ cluster_name: name, ...spec.cluster }),
  comparable: ({ custom_tags, ...cluster }, owner) => {
    const tags = withoutMark(custom_tags, owner);
    return {
      ...cluster,
      ...(tags === undefined ? {} : { custom_tags: tags }),
      ...(cluster.state === undefined ? {} : { lifecycle: { started: STARTED.includes(cluster.state) } }),
    };
  },
  nameField: "cluster_name",
  ownerUid: ({ custom_tags }, tag) => markOf(custom_tags, tag),
  state,
  show: ({ state }) => ({ state }),
  isRunning: ({ state }) => ["RUNNING", "RESIZING", "RESTARTING"].includes(state ?? ""),
  dangers: { costs: "its instances while it runs: autotermination_minutes says when it terminates by itself" },
  made: ({ creator_user_name: by, start_time: at }) => ({ by, at: at === undefined ? undefined : Number(at) }),
  displayName: ({ cluster_name = "" }) => cluster_name,
  url: (host, id) => `${host}/compute/clusters/${id}`,
  examples: [{
    title: "A small cluster that terminates after 20 minutes",
    spec: {
      cluster: {
        cluster_name: "notebooks",
        spark_version: "15.4.x-scala2.12",
        node_type_id: "m5.large",
        num_workers: 1,
        autotermination_minutes: 20,
        data_security_mode: "DATA_SECURITY_MODE_STANDARD",
        custom_tags: { team: "reporting" },
      },
    },
    edited: {
      cluster: {
        cluster_name: "notebooks",
        spark_version: "16.4.x-scala2.12",
        node_type_id: "m5.large",
        autoscale: { min_workers: 1, max_workers: 4 },
        autotermination_minutes: 30,
        data_security_mode: "DATA_SECURITY_MODE_STANDARD",
      },
    },
  }, {
    title: "A cluster that is kept terminated",
    spec: {
      cluster: {
        spark_version: "15.4.x-scala2.12",
        node_type_id: "m5.large",
        num_workers: 2,
        autotermination_minutes: 15,
        lifecycle: { started: false },
      },
    },
    edited: {
      cluster: {
        spark_version: "15.4.x-scala2.12",
        node_type_id: "m5.large",
        num_workers: 2,
        autotermination_minutes: 0,
        lifecycle: { started: true },
      },
    },
  }],
});

/** The declaration of kind DatabricksCluster. */
export const databricksCluster: Resource = withPermissions(cluster, { type: "clusters" });

/** Clusters of jobs and pipelines belong to those: only clusters that users and API calls created are listed. */
async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list, { page_size: 100 })) {
    yield (page as Observed[]).filter(({ cluster_source: source }) =>
      source === undefined || ["UI", "API"].includes(source)
    )
      .map((cluster) => ({ id: String(cluster.cluster_id), observed: cluster }));
  }
}

async function find(
  workspace: Workspace,
  { desired, owner }: Intent<Cluster>,
  { formerUids = [], unmarked, name }: FindContext,
): Promise<External<Observed>[]> {
  const uids = [owner.uid, ...formerUids];
  const names = [desired.cluster_name, name];
  const marked: External<Observed>[] = [];
  const named: External<Observed>[] = [];
  for await (const page of list(workspace)) {
    for (const one of page) {
      const { custom_tags, cluster_name } = one.observed;
      if (hasMark(custom_tags, ...uids)) marked.push({ ...one, marked: true });
      else if (markOf(custom_tags, owner.tag) === undefined && names.includes(cluster_name)) named.push(one);
    }
  }
  if (marked.length > 0) return marked;
  // If there was no room for a tag, a cluster is identified by more than its name: see `isOurs`.
  return unmarked === true || !hasRoomForMark(desired.custom_tags, owner, MAX_TAGS) ? named : [];
}

/** The settings that a create and an edit accept. */
function sent({ lifecycle: _later, ...settings }: Cluster, owner: Owner): Record<string, unknown> {
  const custom_tags = withMark(settings.custom_tags, owner, MAX_TAGS);
  return custom_tags === undefined ? settings : { ...settings, custom_tags };
}

/** Makes the cheapest change: an edit restarts a running cluster. */
async function change(
  workspace: Workspace,
  id: string,
  { intent: { desired, owner }, edits }: { readonly intent: Intent<Cluster>; readonly edits: readonly string[] },
): Promise<void> {
  const fields = edits.map(topField);
  const isSize = fields.every((field) => SIZE.includes(field));
  const isTags = fields.every((field) => field === "custom_tags");
  const isRunning = isSize || isTags
    ? (await workspace.call(endpoints.get, { cluster_id: id })).state === "RUNNING"
    : false;
  if (isTags && isRunning) {
    throw new PostponedError("it runs, and an edit would restart it: its tags are set when it is terminated");
  }
  if (isSize && isRunning) {
    const { num_workers, autoscale } = desired;
    await workspace.call(endpoints.resize, { cluster_id: id, ...(autoscale ? { autoscale } : { num_workers }) });
    return;
  }
  await workspace.call(endpoints.edit, { ...sent(desired, owner), cluster_id: id });
}

/** Starts or terminates the cluster, unless it is in that state already: a start is refused while it runs. */
async function turnTo(workspace: Workspace, id: string, isWanted: boolean): Promise<void> {
  const { state } = await workspace.call(endpoints.get, { cluster_id: id });
  if (STARTED.includes(String(state)) === isWanted) return;
  await workspace.call(isWanted ? endpoints.start : endpoints.terminate, { cluster_id: id });
}

/** The termination types of clusters that ended abnormally. */
const FAILURES: readonly (string | undefined)[] = ["CLIENT_ERROR", "SERVICE_FAULT", "CLOUD_FAILURE"];

/** A terminated cluster is ready: it starts when it is used. */
function state({ state, state_message, termination_reason: reason }: Observed): ExternalState {
  const isFailed = state === "ERROR" || (state === "TERMINATED" && FAILURES.includes(reason?.type));
  if (isFailed) {
    const why = [reason?.code, state_message].filter(Boolean).join(": ");
    return { ready: false, failed: true, reason: "ExternalFailed", message: `failed${why ? `: ${why}` : ""}` };
  }
  if (state === "PENDING") return { ready: false, reason: "Starting", message: "is starting" };
  if (state === "RESTARTING") return { ready: false, reason: "Updating", message: "is restarting" };
  if (state === "TERMINATING") return { ready: false, reason: "Stopping", message: "is being terminated" };
  return { ready: true, reason: "Available", message: "can be used" };
}
