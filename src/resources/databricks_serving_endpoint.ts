/**
 * DatabricksServingEndpoint: models that are served at an address (Serving Endpoints API 2.0). It takes up to half an
 * hour to start, and costs while it runs; `scale_to_zero_enabled` makes it stop while there are no requests.
 *
 * An update of the configuration is a deployment of its own. A failed one is not repeated until the manifest changes,
 * for each attempt costs.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { anything } from "../databricks/primitives.ts";
import {
  EmailNotifications,
  EndpointTag,
  type ServingEndpoint,
  type ServingEndpointDetailed,
  ServingEndpointsCreate,
} from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type ExternalState,
  type Intent,
  type Quirk,
  type Resource,
  topFields,
  type Workspace,
} from "../resource.ts";
import { taken } from "./shared/compute_quirks.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { withPermissions } from "./shared/permissions.ts";
import { Config, holdsAll, inputOf, isConfig, legacyIssues, NOT_SHOWN, plainSecrets } from "./shared/serving_config.ts";

const { budget_policy_id, description, route_optimized } = ServingEndpointsCreate.shape;

const Settings = z.looseObject({
  name: z.string().optional(),
  config: Config,
  ai_gateway: z.record(z.string(), anything).optional(),
  budget_policy_id,
  description,
  email_notifications: EmailNotifications.optional(),
  route_optimized,
  tags: z.array(EndpointTag).optional(),
  telemetry_config: z.record(z.string(), anything).optional(),
}).meta({ typeName: "serving.ManagedEndpoint" });

const Spec = z.looseObject({
  endpoint: Settings.describe("The endpoint, with the fields of the Serving Endpoints API"),
});

type Settings = z.infer<typeof Settings>;
type Observed = ServingEndpointDetailed;

const busy: Quirk = {
  why: "An endpoint takes no update while one is in progress (docstring of the SDK, 0.162.0: serving.py)",
  code: /^(RESOURCE_CONFLICT|INVALID_STATE)$/,
  means: "busy",
};

const path = "/api/2.0/serving-endpoints";

const endpoints = {
  get: endpoint(`GET ${path}/{name}`),
  list: endpoint(`GET ${path}`, { items: "endpoints" }),
  create: endpoint(`POST ${path}`, { errors: [taken] }),
  setConfig: endpoint(`PUT ${path}/{name}/config`, { errors: [busy] }),
  setTags: endpoint(`PATCH ${path}/{name}/tags`),
  setGateway: endpoint(`PUT ${path}/{name}/ai-gateway`, { errors: [busy] }),
  setNotifications: endpoint(`PATCH ${path}/{name}/notifications`),
  setTelemetry: endpoint(`PATCH ${path}/{name}/telemetry-config`),
  delete: endpoint(`DELETE ${path}/{name}`),
};

/** The fields that are left alone if a manifest does not name them. */
const FOLLOWED = ["ai_gateway", "description", "email_notifications", "route_optimized", "tags", "telemetry_config"];

const serving = defineResource<z.infer<typeof Spec>, Settings, Observed>({
  kind: "DatabricksServingEndpoint",
  plural: "databricksservingendpoints",
  singular: "databricksservingendpoint",
  shortNames: ["dbserving"],
  noun: "serving endpoint",
  description:
    "An endpoint that serves models. It costs while it runs, unless scale_to_zero_enabled stops it when idle",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Settings,
  statusFields: {
    state: z.string().describe("READY or NOT_READY").optional(),
    config_update: z.string().describe("The state of the last update: NOT_UPDATING, IN_PROGRESS and others").optional(),
    endpoint_url: z.string().describe("The address of a route-optimized endpoint").optional(),
  },
  desiredPath: "spec.endpoint",
  descriptions: {
    "serving.ManagedEndpoint": {
      ai_gateway: "Limits, guardrails, usage and payload tables, in the AI Gateway's format.",
      budget_policy_id: "The budget policy. Only a create sets it.",
      config: "Its served models and functions.",
      description: "Its purpose. Cannot be changed.",
      email_notifications: "The recipients of notifications about updates.",
      name: "Its name, unique in the workspace; defaults to metadata.name. Cannot be changed.",
      route_optimized: "Whether it is route-optimized, with its own address. Cannot be changed.",
      tags: "Tags, shown on the bill.",
      telemetry_config: "The destination of logs, metrics and traces, in the API's format.",
    },
    "serving.ManagedConfig": {
      served_entities: "The models and functions that it serves.",
      traffic_config: "How requests are divided among entities; by default all go to the only one.",
    },
    "serving.ManagedTraffic": { routes: "The share of each entity." },
    "serving.ManagedRoute": {
      served_entity_name: "The entity, by its name.",
      traffic_percentage: "The share of the requests, in percent.",
    },
    "serving.ManagedEntity": {
      burst_scaling_enabled: "Whether it may exceed the provisioned capacity; true by default.",
      entity_name: "The model or function: main.models.churn.",
      entity_version: "The version of the model.",
      environment_vars: "Environment variables; secrets as {{secrets/scope/key}}.",
      external_model: "An external model, in the API's format; secrets as {{secrets/scope/key}}.",
      instance_profile_arn: "The AWS instance profile that it uses.",
      max_provisioned_concurrency: "The maximum number of concurrent requests; not with workload_size.",
      max_provisioned_throughput: "The maximum number of tokens per second.",
      min_provisioned_concurrency: "The minimum number of concurrent requests; not with workload_size.",
      min_provisioned_throughput: "The minimum number of tokens per second.",
      name: "Its name in this endpoint.",
      provisioned_model_units: "Model units.",
      scale_to_zero_enabled: "true: it stops when idle. Required, except for external models.",
      workload_size: "Small, Medium or Large.",
      workload_type: "The type of compute; CPU by default.",
    },
    "serving.EndpointTag": { key: "The tag's name.", value: "The tag's value." },
    "serving.EmailNotifications": {
      on_update_failure: "Addresses to notify when an update fails.",
      on_update_success: "Addresses to notify when an update succeeds.",
    },
  },
  fields: {
    immutable: ["name", "description", "route_optimized"],
    createOnly: ["budget_policy_id"],
    keyedBy: { tags: "key", "config.served_entities": "name", "config.traffic_config.routes": "served_entity_name" },
    unordered: ["email_notifications.on_update_failure", "email_notifications.on_update_success"],
    answers: { config: isConfig, ai_gateway: holdsAll, telemetry_config: holdsAll },
    onlyIfAsked: Object.fromEntries(FOLLOWED.map((field) => [field, [field]])),
    confidential: ["environment_vars", "external_model"],
  },
  endpoints,
  external: {
    observe,
    find: async (workspace, { desired: { name = "" } }) => {
      const observed = await observe(workspace, name);
      return observed === undefined ? [] : [{ id: name, observed }];
    },
    isOurs: isOursBy(({ creator: by, creation_timestamp: at }) => ({
      by,
      ...(at === undefined ? {} : { at: Number(at) }),
    })),
    create: async (workspace, { desired }) => String((await workspace.call(endpoints.create, desired)).name),
    update,
    delete: async (workspace, name) => {
      await workspace.tryCall(endpoints.delete, { name });
    },
    list,
    self: currentUser,
  },
  printerColumns: [
    { name: "State", type: "string", jsonPath: ".status.state" },
    { name: "Update", type: "string", jsonPath: ".status.config_update", priority: 0 },
    ...commonColumns,
  ],
  rules: [{
    at: ["endpoint", "config"],
    rule: "self.served_entities.all(e, !has(e.entity_name) || has(e.scale_to_zero_enabled))",
    message:
      "scale_to_zero_enabled is missing: true stops the entity while nobody asks, false keeps it running, which costs",
  }],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => name,
  desired: ({ endpoint }, { name }) => ({ name, ...endpoint }),
  validate: ({ endpoint: { config } }) => [...legacyIssues(config), ...plainSecrets(config, "spec.endpoint.config")],
  comparable: ({ config, pending_config, ...rest }) => {
    const isFailed = /FAILED|CANCELED/.test(rest.state?.config_update ?? "");
    const shown = pending_config ?? (isFailed ? NOT_SHOWN : config);
    return {
      ...rest,
      ...(shown === undefined ? {} : {
        config: {
          served_entities: shown.served_entities?.map(inputOf),
          ...(shown.traffic_config === undefined ? {} : { traffic_config: shown.traffic_config }),
        },
      }),
    };
  },
  state,
  stamp: ({ last_updated_timestamp }) => last_updated_timestamp?.toString(),
  show: ({ state, endpoint_url }) => ({ state: state?.ready, config_update: state?.config_update, endpoint_url }),
  isRunning: ({ state }, { config }) => state?.ready === "READY" && isAlwaysOn(config),
  dangers: { costs: "its served entities while they run: scale_to_zero_enabled says whether they stop by themselves" },
  made: ({ creator: by, creation_timestamp: at }) => ({ by, at: at === undefined ? undefined : Number(at) }),
  displayName: ({ name = "" }) => name,
  url: (host, name) => `${host}/ml/endpoints/${name}`,
  examples: [{
    title: "A model that stops when idle",
    spec: { endpoint: { ...churn("3", "Small"), tags: [{ key: "team", value: "marketing" }] } },
    edited: {
      endpoint: {
        ...churn("4", "Medium"),
        tags: [{ key: "stage", value: "trial" }],
        email_notifications: { on_update_failure: ["data@example.com"] },
        ai_gateway: { usage_tracking_config: { enabled: true } },
        telemetry_config: { table_names: { logs_table: "main.logs.churn" } },
      },
    },
  }, {
    title: "An external model, with its key in a secret scope",
    spec: { endpoint: chat("gpt-4o", 100) },
    edited: { endpoint: chat("gpt-4o-mini", 50) },
  }],
});

/** The declaration of kind DatabricksServingEndpoint. Its permissions go by an id that only a get tells. */
export const databricksServingEndpoint: Resource = withPermissions(serving, {
  type: "serving-endpoints",
  idOf: async (workspace, name) => (await observe(workspace, name))?.id ?? name,
});

function churn(entity_version: string, workload_size: string) {
  return {
    name: "churn",
    config: {
      served_entities: [{
        name: "current",
        entity_name: "main.models.churn",
        entity_version,
        workload_size,
        scale_to_zero_enabled: true,
      }],
    },
  };
}

function chat(model: string, calls: number) {
  const openai_config = { openai_api_key: "{{secrets/ai/openai}}" };
  const external_model = { provider: "openai", name: model, task: "llm/v1/chat", openai_config };
  return {
    name: "chat",
    config: { served_entities: [{ name: "gpt", external_model }] },
    ai_gateway: { rate_limits: [{ calls, renewal_period: "minute" }] },
  };
}

function observe(workspace: Workspace, name: string): Promise<Observed | undefined> {
  return workspace.tryCall(endpoints.get, { name }) as Promise<Observed | undefined>;
}

/** A row is a summary. */
async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as ServingEndpoint[]).map((row) => ({
      id: String(row.name),
      observed: row as Observed,
      partial: true,
    }));
  }
}

/** The configuration comes last: its update takes long, and no other call is accepted meanwhile. */
async function update(workspace: Workspace, name: string, { desired, changes }: Intent<Settings>): Promise<void> {
  const { ai_gateway, config, email_notifications, tags, telemetry_config } = desired;
  const fields = new Set(topFields(changes));
  if (fields.has("tags")) await setTags(workspace, name, tags ?? []);
  if (fields.has("email_notifications")) {
    await workspace.call(endpoints.setNotifications, { name, email_notifications });
  }
  if (fields.has("telemetry_config")) await workspace.call(endpoints.setTelemetry, { name, telemetry_config });
  if (fields.has("ai_gateway")) await workspace.call(endpoints.setGateway, { ...ai_gateway, name });
  if (fields.has("config")) await workspace.call(endpoints.setConfig, { ...config, name });
}

async function setTags(workspace: Workspace, name: string, tags: readonly EndpointTag[]): Promise<void> {
  const held = (await observe(workspace, name))?.tags ?? [];
  const delete_tags = held.map(({ key }) => key).filter((key) => tags.every((tag) => tag.key !== key));
  await workspace.call(endpoints.setTags, { name, add_tags: tags, delete_tags });
}

/** Ready with the requested configuration, and not during an update. */
function state({ state, config, pending_config }: Observed): ExternalState {
  const { ready, config_update } = state ?? {};
  if (config_update === "IN_PROGRESS") {
    return ready === "READY"
      ? {
        ready: false,
        reason: "Updating",
        message: "is being updated and still serves its former models",
        lookAgainMs: 15_000,
      }
      : { ready: false, reason: "Starting", message: "is starting" };
  }
  if (config_update === "UPDATE_FAILED" || config_update === "UPDATE_CANCELED") {
    const entities = [...pending_config?.served_entities ?? [], ...config?.served_entities ?? []];
    const why = entities.map(({ state }) => state?.deployment_state_message).find((text) =>
      text !== undefined && text !== ""
    );
    const how = config_update === "UPDATE_FAILED" ? "failed" : "was canceled";
    return {
      ready: false,
      failed: true,
      reason: "ExternalFailed",
      message: `has an update that ${how}${why ? `: ${why}` : ""}. It is made again when spec.endpoint.config changes`,
    };
  }
  if (ready === "NOT_READY") return { ready: false, reason: "Starting", message: "is not ready" };
  return { ready: true, reason: "Available", message: "serves" };
}

/**
 * True if an entity runs on compute that does not stop without requests: no list shows whether an entity that can stop
 * has done so.
 */
function isAlwaysOn(config: Settings["config"]): boolean {
  const entities = config?.served_entities ?? [];
  return entities.some((entity) => entity.external_model === undefined && entity.scale_to_zero_enabled === false);
}
