/**
 * DatabricksVectorSearchEndpoint: compute that serves vector search indexes (Vector Search API 2.0).
 *
 * It costs from its creation to its deletion. An update takes a call for each field. It is unverified whether
 * Databricks deletes an endpoint that has indexes, and the indexes with it, so an endpoint with indexes is not deleted.
 *
 * @module
 */
import * as z from "zod";
import { PostponedError } from "../databricks/errors.ts";
import { currentUser } from "../databricks/current_user.ts";
import { CustomTag, type EndpointInfo, VectorSearchEndpointsCreateEndpoint } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type ExternalState,
  type Intent,
  type Quirk,
  type Resource,
  type Step,
  topFields,
  type Workspace,
} from "../resource.ts";
import { taken } from "./shared/compute_quirks.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { withPermissions } from "./shared/permissions.ts";

const { budget_policy_id, endpoint_type, target_qps } = VectorSearchEndpointsCreateEndpoint.shape;

const Settings = z.looseObject({
  name: z.string().optional(),
  endpoint_type,
  budget_policy_id,
  custom_tags: z.array(CustomTag).optional(),
  target_qps,
}).meta({ typeName: "vectorsearch.ManagedEndpoint" });

const Spec = z.looseObject({ endpoint: Settings.describe("The endpoint, with the fields of the Vector Search API") });

type Settings = z.infer<typeof Settings>;

const busy: Quirk = {
  why: "An endpoint that is provisioned or deleted may refuse other calls",
  code: /^(RESOURCE_CONFLICT|INVALID_STATE)$/,
  means: "busy",
};

const path = "/api/2.0/vector-search/endpoints";

const endpoints = {
  get: endpoint(`GET ${path}/{name}`),
  list: endpoint(`GET ${path}`, { items: "endpoints" }),
  create: endpoint(`POST ${path}`, { errors: [taken] }),
  setScale: endpoint(`PATCH ${path}/{name}`, { errors: [busy] }),
  setBudgetPolicy: endpoint(`PATCH ${path}/{name}/budget-policy`, { errors: [busy] }),
  setTags: endpoint(`PATCH ${path}/{name}/tags`, { errors: [busy] }),
  delete: endpoint(`DELETE ${path}/{name}`, { errors: [busy] }),
};

/** The fields that are left alone unless the manifest names them. */
const FOLLOWED = ["budget_policy_id", "custom_tags", "target_qps"];

const vectorSearch = defineResource<z.infer<typeof Spec>, Settings, EndpointInfo>({
  kind: "DatabricksVectorSearchEndpoint",
  plural: "databricksvectorsearchendpoints",
  singular: "databricksvectorsearchendpoint",
  shortNames: ["dbvector"],
  noun: "vector search endpoint",
  description: "Compute for vector search indexes. It costs until it is deleted, even when idle",
  identity: "natural",
  spec: Spec,
  observed: z.custom<EndpointInfo>(),
  comparableSchema: Settings,
  statusFields: {
    state: z.string().describe("The state: ONLINE, PROVISIONING and others").optional(),
  },
  desiredPath: "spec.endpoint",
  descriptions: {
    "vectorsearch.ManagedEndpoint": {
      budget_policy_id: "The budget policy that its costs are charged to.",
      custom_tags: "Tags, by key; a complete list.",
      endpoint_type: "The type of compute. Cannot be changed.",
      name: "Its name, unique in the workspace; defaults to metadata.name. Cannot be changed.",
      target_qps: "The queries per second that it is scaled for.",
    },
    "vectorsearch.CustomTag": { key: "The tag's name.", value: "The tag's value." },
  },
  fields: {
    immutable: ["name", "endpoint_type"],
    updateOnly: ["custom_tags"],
    keyedBy: { custom_tags: "key" },
    // It is unverified that each answer contains it.
    answers: { target_qps: (asked, answered) => answered === undefined || String(asked) === String(answered) },
    onlyIfAsked: Object.fromEntries(FOLLOWED.map((field) => [field, [field]])),
  },
  endpoints,
  external: {
    observe,
    find: async (workspace, { desired: { name = "" } }) => {
      const observed = await observe(workspace, name);
      return observed === undefined ? [] : [{ id: name, observed }];
    },
    isOurs: isOursBy(madeOf),
    create: async (workspace, { desired: { custom_tags: _later, ...desired } }) =>
      String((await workspace.call(endpoints.create, desired)).name),
    steps,
    delete: remove,
    rows: "whole",
    list,
    self: currentUser,
  },
  printerColumns: [
    { name: "State", type: "string", jsonPath: ".status.state" },
    ...commonColumns,
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => name,
  desired: ({ endpoint }, { name }) => ({ name, ...endpoint }),
  comparable: ({ name, endpoint_type, budget_policy_id, custom_tags, scaling_info }) => ({
    name,
    endpoint_type,
    budget_policy_id,
    custom_tags,
    target_qps: scaling_info?.requested_target_qps,
  }),
  state,
  show: ({ endpoint_status }) => ({ state: endpoint_status?.state }),
  isRunning: ({ endpoint_status }) => SERVING.includes(endpoint_status?.state ?? ""),
  dangers: { costs: "its capacity, all the time until it is deleted" },
  made: madeOf,
  displayName: ({ name = "" }) => name,
  url: (host, name) => `${host}/compute/vector-search/${name}`,
  examples: [{
    title: "An endpoint for the indexes of a team",
    spec: { endpoint: { name: "documents", endpoint_type: "STANDARD" } },
    edited: {
      endpoint: { name: "documents", endpoint_type: "STANDARD", custom_tags: [{ key: "team", value: "sales" }] },
    },
  }, {
    title: "An endpoint whose costs count for a budget policy",
    spec: {
      endpoint: { name: "shop", endpoint_type: "STANDARD", budget_policy_id: "11111111-2222-3333-4444-555555555555" },
    },
    edited: {
      endpoint: { name: "shop", endpoint_type: "STANDARD", budget_policy_id: "11111111-2222-3333-4444-555555555556" },
    },
  }],
});

/** The declaration of kind DatabricksVectorSearchEndpoint. */
export const databricksVectorSearchEndpoint: Resource = withPermissions(vectorSearch, {
  type: "vector-search-endpoints",
  // The permissions of an endpoint go by its id, not by its name (SDK, 0.162.0: vectorsearch.py).
  idOf: async (workspace, name) => (await observe(workspace, name))?.id ?? name,
});

function madeOf({ creator: by, creation_timestamp: at }: EndpointInfo) {
  return { by, at: at === undefined ? undefined : Number(at) };
}

async function observe(workspace: Workspace, name: string): Promise<EndpointInfo | undefined> {
  const observed = await workspace.tryCall(endpoints.get, { name }) as EndpointInfo | undefined;
  return observed?.endpoint_status?.state === "DELETED" ? undefined : observed;
}

async function* list(workspace: Workspace): AsyncIterable<External<EndpointInfo>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as EndpointInfo[]).filter(({ endpoint_status }) => endpoint_status?.state !== "DELETED")
      .map((observed) => ({ id: String(observed.name), observed }));
  }
}

/** The call for each field that can be changed. */
function steps({ desired, changes }: Intent<Settings>): Step[] {
  const changed = topFields(changes);
  const calls = [
    ["target_qps", endpoints.setScale],
    ["budget_policy_id", endpoints.setBudgetPolicy],
    ["custom_tags", endpoints.setTags],
  ] as const;
  return calls.filter(([field]) => changed.includes(field)).map(([field, call]) => ({
    changes: [field],
    run: async (workspace, name) => {
      await workspace.call(call, { name, [field]: desired[field] });
    },
  }));
}

/** @throws {PostponedError} while it has indexes. */
async function remove(workspace: Workspace, name: string): Promise<void> {
  const observed = await observe(workspace, name);
  if (observed === undefined) return;
  const count = Number(observed.num_indexes ?? 0);
  if (count > 0) {
    throw new PostponedError(`it has ${count} ${count === 1 ? "index" : "indexes"}: delete them in Databricks first`);
  }
  await workspace.tryCall(endpoints.delete, { name });
}

/** The states in which its compute exists. */
const SERVING: readonly string[] = ["ONLINE", "YELLOW_STATE"];

function state({ endpoint_status: { state, message } = {} }: EndpointInfo): ExternalState {
  const why = message ? `: ${message}` : "";
  if (state === "PROVISIONING" || state === "STARTING") {
    return { ready: false, reason: "Starting", message: "is being provisioned", lookAgainMs: 15_000 };
  }
  if (state === "STOPPING") return { ready: false, reason: "Stopping", message: "is stopping" };
  if (state === "STOPPED") {
    return { ready: false, reason: "Stopped", message: "is stopped: start it in Databricks, or delete it" };
  }
  if (state === "OFFLINE" || state === "RED_STATE") {
    return { ready: false, reason: "ExternalFailed", message: `is not available${why}` };
  }
  return { ready: true, reason: "Available", message: "can be used" };
}
