/**
 * The groups of resources in bundles: the kinds that they become, and where a bundle has other fields than the API.
 *
 * Source: databricks/cli, bundle/config/resources.go and bundle/config/resources/.
 *
 * @module
 */
import { isObject, stringifyJson } from "../../base/json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The names of resources in bundles, with the kinds that they become. */
export const GROUPS: Readonly<Record<string, string>> = {
  alerts: "DatabricksAlert",
  apps: "DatabricksApp",
  catalogs: "DatabricksCatalog",
  cluster_policies: "DatabricksClusterPolicy",
  clusters: "DatabricksCluster",
  dashboards: "DatabricksDashboard",
  experiments: "DatabricksExperiment",
  external_locations: "DatabricksExternalLocation",
  instance_pools: "DatabricksInstancePool",
  jobs: "DatabricksJob",
  model_serving_endpoints: "DatabricksServingEndpoint",
  pipelines: "DatabricksPipeline",
  registered_models: "DatabricksRegisteredModel",
  schemas: "DatabricksSchema",
  secret_scopes: "DatabricksSecretScope",
  sql_warehouses: "DatabricksSQLWarehouse",
  vector_search_endpoints: "DatabricksVectorSearchEndpoint",
  vector_search_indexes: "DatabricksVectorSearchIndex",
  volumes: "DatabricksVolume",
};

/** Why the resources of a group are left out, if it is not that there is no kind for them. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  job_runs: "since a run happens once: for another one, make a DatabricksRun",
  models: "since there is no kind for models of the workspace registry: move them to Unity Catalog (registered_models)",
  secrets: "since a manifest holds no values: put each into a Secret, and name it in a DatabricksSecret",
};

/** The fields that the CLI adds for itself (bundle/config/resources/base.go), and those that have a place of their own. */
const STAMPED = ["id", "url", "modified_status", "permissions", "grants", "lifecycle", "file_path"];
/** The fields that it stamps on jobs and pipelines: a bundle deployed them, and the webapp may not edit them. */
const STAMPED_SETTINGS = ["deployment", "edit_mode", "format"];
/** The groups of which a manifest says whether they run (`lifecycle.started`). */
const STARTED = ["apps", "clusters", "sql_warehouses"];

/** A resource of a bundle, in the form of a manifest. */
export interface SettingsIn {
  /** The fields that the API knows. */
  readonly settings: Fields;
  /** The fields beside them in `spec`. */
  readonly beside: Fields;
  /** What is left to do. */
  readonly note?: string;
}

/**
 * Converts the fields of a resource in a bundle.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { settingsIn } from "./groups.ts";
 *
 * const permissions = [{ group_name: "data", level: "CAN_RUN" }];
 * assert.deepEqual(settingsIn("alerts", { id: "7", display_name: "late", permissions }), {
 *   settings: { display_name: "late" },
 *   beside: { permissions },
 * });
 * ```
 */
export function settingsIn(group: string, fields: Fields): SettingsIn {
  const kept = Object.fromEntries(
    Object.entries(fields).filter(([field]) => !STAMPED.includes(field) && !STAMPED_SETTINGS.includes(field)),
  );
  const settings = { ...kept, ...STARTED.includes(group) && startedOf(fields) };
  const beside = {
    ...Array.isArray(fields.permissions) && { permissions: fields.permissions },
    ...Array.isArray(fields.grants) && { grants: fields.grants },
  };
  return adapters[group]?.({ settings, beside }, fields) ?? { settings, beside };
}

function startedOf({ lifecycle }: Fields): Fields {
  return isObject(lifecycle) && typeof lifecycle.started === "boolean"
    ? { lifecycle: { started: lifecycle.started } }
    : {};
}

const adapters: Readonly<Record<string, (plain: SettingsIn, fields: Fields) => SettingsIn>> = {
  apps: ({ settings, beside }) => {
    const { source_code_path, git_source, config, ...app } = settings;
    const { command, env } = isObject(config) ? config : {};
    const deployment = {
      ...source_code_path !== undefined && { source_code_path },
      ...git_source !== undefined && { git_source },
      ...command !== undefined && { command },
      ...env !== undefined && { env_vars: env },
    };
    const isDeployed = source_code_path !== undefined || git_source !== undefined;
    return { settings: { ...app, ...isDeployed && { deployment } }, beside };
  },
  dashboards: ({ settings, beside }, { file_path, embed_credentials = false }) => {
    const { embed_credentials: _published, serialized_dashboard, ...dashboard } = settings;
    const isText = typeof serialized_dashboard === "string";
    const text = isText || serialized_dashboard === undefined
      ? serialized_dashboard
      : stringifyJson(serialized_dashboard);
    // The CLI publishes each dashboard that it deploys.
    const published = { ...dashboard, publish: { embed_credentials } };
    return text === undefined
      ? { settings: published, beside, note: `put the text of ${file_path ?? "its file"} into serialized_dashboard` }
      : { settings: { ...published, serialized_dashboard: text }, beside };
  },
  // Its own url is where the data is, not a page of the webapp.
  external_locations: ({ settings, beside }, { url }) => ({
    settings: { ...settings, ...url !== undefined && { url } },
    beside,
  }),
  secret_scopes: ({ settings, beside: { permissions, ...beside } }) => {
    if (!Array.isArray(permissions)) return { settings, beside };
    const acls = permissions.filter(isObject).map(({ level, user_name, group_name, service_principal_name }) => ({
      principal: user_name ?? group_name ?? service_principal_name,
      permission: level,
    }));
    const note = "its permissions became acls, which are complete: see in the plan whether entries would go";
    return { settings, beside: { ...beside, acls }, note };
  },
};
