/**
 * DatabricksSQLWarehouse: compute for SQL (SQL Warehouses API 2.0). It starts when it is created, costs while it runs,
 * stops by itself after `auto_stop_mins`, and starts by itself when it is used.
 *
 * Its running state is left alone, unless `lifecycle.started` is set.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { type GetWarehouseResponse, WarehousesCreate } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type ExternalState,
  type Intent,
  type Resource,
  type Workspace,
} from "../resource.ts";
import { busy, taken } from "./shared/compute_quirks.ts";
import { lifecycleRules, lifecycleSchema, lifecycleSteps } from "./shared/lifecycle.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { withPermissions } from "./shared/permissions.ts";

const { creator_name: _output, ...settings } = WarehousesCreate.shape;

const Warehouse = z.looseObject({
  ...settings,
  lifecycle: lifecycleSchema("stopped").optional(),
}).meta({ typeName: "sql.Warehouse" });

const Spec = z.looseObject({
  warehouse: Warehouse.describe("The warehouse, with the fields of the SQL Warehouses API"),
});

type Warehouse = z.infer<typeof Warehouse>;
type Observed = GetWarehouseResponse;

const endpoints = {
  get: endpoint("GET /api/2.0/sql/warehouses/{id}"),
  list: endpoint("GET /api/2.0/sql/warehouses", { items: "warehouses" }),
  create: endpoint("POST /api/2.0/sql/warehouses", { errors: [taken] }),
  edit: endpoint("POST /api/2.0/sql/warehouses/{id}/edit", { repeatable: true, errors: [busy, taken] }),
  start: endpoint("POST /api/2.0/sql/warehouses/{id}/start", { repeatable: true, errors: [busy] }),
  stop: endpoint("POST /api/2.0/sql/warehouses/{id}/stop", { repeatable: true, errors: [busy] }),
  delete: endpoint("DELETE /api/2.0/sql/warehouses/{id}", { errors: [busy] }),
};

/**
 * The defaults in the SDK's docstrings (0.162.0, sql.py). An edit sends them, since it is not documented whether it
 * resets omitted fields.
 */
const DEFAULTS = {
  enable_photon: true,
  max_num_clusters: 1,
  min_num_clusters: 1,
  spot_instance_policy: "COST_OPTIMIZED",
  tags: { custom_tags: [] },
};

/** Fields whose defaults depend on the workspace: they are compared only if a manifest names them. */
const OF_THE_WORKSPACE = [
  "channel",
  "cluster_size",
  "customer_version_label",
  "enable_serverless_compute",
  "instance_profile_arn",
  "lifecycle",
  "max_dbu",
  "reyden_cluster_size_multiplier",
  "statement_timeout",
  "warehouse_type",
];

const lower = (text: string) => text.toLowerCase();

const warehouse = defineResource<z.infer<typeof Spec>, Warehouse, Observed>({
  kind: "DatabricksSQLWarehouse",
  plural: "databrickssqlwarehouses",
  singular: "databrickssqlwarehouse",
  shortNames: ["dbwarehouse"],
  noun: "SQL warehouse",
  description: "Compute for SQL. It costs while it runs, and stops by itself after auto_stop_mins",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Warehouse,
  statusFields: {
    state: z.string().describe("The state: RUNNING, STOPPED and others").optional(),
    jdbc_url: z.string().describe("The address for JDBC clients").optional(),
    http_path: z.string().describe("The HTTP path for ODBC and SQL clients").optional(),
  },
  desiredPath: "spec.warehouse",
  keepsBack: ["spec.warehouse.lifecycle"],
  descriptions: {
    "sql.Warehouse": {
      lifecycle: "Whether the warehouse runs. If absent, this is left alone.",
      auto_stop_mins: "Idle minutes before it stops; 0 for never. Required.",
      channel: "The channel of Databricks SQL versions.",
      cluster_size: "The size of each cluster, from 2X-Small to 5X-Large.",
      customer_version_label: "A label of the version, set by Databricks.",
      enable_photon: "Use the Photon engine; true by default.",
      enable_serverless_compute: "Run on serverless compute; needs warehouse_type PRO.",
      instance_profile_arn: "The AWS instance profile of its clusters. Deprecated by Databricks.",
      max_dbu: "The maximum number of DBUs.",
      max_num_clusters: "The maximum number of clusters under load; 1 by default.",
      min_num_clusters: "The minimum number of clusters while it runs; 1 by default.",
      name: "The warehouse's name, unique in the workspace; defaults to metadata.name.",
      reyden_cluster_size_multiplier: "A factor of the cluster size, for warehouses of type REYDEN.",
      spot_instance_policy: "Whether spot instances are used.",
      statement_timeout: "The time limit of a statement, in seconds.",
      tags: "Tags of its compute, shown on the cloud provider's bill.",
      warehouse_type: "CLASSIC or PRO; the workspace sets the default.",
    },
    "sql.Channel": {
      dbsql_version: "The version, for channel CHANNEL_NAME_CUSTOM.",
      name: "The channel's name.",
    },
    "sql.EndpointTags": { custom_tags: "The tags; fewer than 45." },
    "sql.EndpointTagPair": { key: "The tag's name.", value: "The tag's value." },
  },
  fields: {
    replaces: true,
    updateOnly: ["lifecycle"],
    keyedBy: { "tags.custom_tags": "key" },
    spelling: { cluster_size: lower, warehouse_type: lower, spot_instance_policy: lower },
    onlyIfAsked: Object.fromEntries(OF_THE_WORKSPACE.map((field) => [field, [field]])),
    defaults: DEFAULTS,
  },
  endpoints,
  external: {
    observe,
    find,
    isOurs: isOursBy(({ creator_name: by }) => ({ by })),
    create: async (workspace, { desired: { lifecycle: _later, ...desired } }) =>
      String((await workspace.call(endpoints.create, desired)).id),
    steps: (intent) =>
      lifecycleSteps(intent, {
        edit: async (workspace, id) => {
          const { lifecycle: _later, ...settings } = intent.desired;
          await workspace.call(endpoints.edit, { ...DEFAULTS, ...settings, id });
        },
        turn: async (workspace, id, isStarted) => {
          await workspace.call(isStarted ? endpoints.start : endpoints.stop, { id });
        },
      }),
    delete: async (workspace, id) => {
      await workspace.tryCall(endpoints.delete, { id });
    },
    list,
    self: currentUser,
  },
  printerColumns: [
    { name: "Size", type: "string", jsonPath: ".spec.warehouse.cluster_size" },
    { name: "State", type: "string", jsonPath: ".status.state" },
    ...commonColumns,
    { name: "Warehouse ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  rules: lifecycleRules({ at: "warehouse", field: "auto_stop_mins", when: "without a query the warehouse stops" }),
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => name,
  desired: (spec, { name }) => ({ name, ...spec.warehouse }),
  comparable: (warehouse) => {
    const isStarted = warehouse.state === "RUNNING" || warehouse.state === "STARTING";
    return { ...warehouse, ...(warehouse.state === undefined ? {} : { lifecycle: { started: isStarted } }) };
  },
  state,
  show: ({ state, jdbc_url, odbc_params }) => ({ state, jdbc_url, http_path: odbc_params?.path }),
  isRunning: ({ state }) => state === "RUNNING",
  dangers: {
    costs: "its clusters while it runs: auto_stop_mins says when it stops by itself",
    costlyFields: [
      "cluster_size",
      "min_num_clusters",
      "max_num_clusters",
      "auto_stop_mins",
      "warehouse_type",
      "enable_serverless_compute",
      "enable_photon",
      "spot_instance_policy",
      "lifecycle",
    ],
  },
  made: ({ creator_name: by }) => ({ by }),
  displayName: ({ name = "" }) => name,
  url: (host, id) => `${host}/sql/warehouses/${id}`,
  examples: [{
    title: "A small warehouse that stops after ten minutes",
    spec: {
      warehouse: {
        name: "reports",
        cluster_size: "2X-Small",
        warehouse_type: "PRO",
        auto_stop_mins: 10,
        tags: { custom_tags: [{ key: "team", value: "reporting" }] },
      },
    },
    edited: { warehouse: { name: "reports", cluster_size: "X-Small", auto_stop_mins: 20, max_num_clusters: 2 } },
  }, {
    title: "A warehouse that is kept stopped",
    spec: { warehouse: { name: "spare", cluster_size: "Small", auto_stop_mins: 10, lifecycle: { started: false } } },
    edited: { warehouse: { name: "spare", cluster_size: "Small", auto_stop_mins: 0, lifecycle: { started: true } } },
  }],
});

/** The declaration of kind DatabricksSQLWarehouse. */
export const databricksSQLWarehouse: Resource = withPermissions(warehouse, { type: "warehouses" });

/** Databricks may still return a deleted warehouse. */
async function observe(workspace: Workspace, id: string): Promise<Observed | undefined> {
  const warehouse = await workspace.tryCall(endpoints.get, { id }) as Observed | undefined;
  return warehouse?.state === "DELETED" ? undefined : warehouse;
}

async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as Observed[]).filter(({ state }) => state !== "DELETED")
      .map((warehouse) => ({ id: String(warehouse.id), observed: warehouse }));
  }
}

async function find(workspace: Workspace, { desired }: Intent<Warehouse>): Promise<External<Observed>[]> {
  const found: External<Observed>[] = [];
  for await (const page of list(workspace)) {
    found.push(...page.filter(({ observed }) => observed.name === desired.name));
  }
  return found;
}

/** A stopped warehouse is ready: it starts when it is used. */
function state({ state, health }: Observed): ExternalState {
  const why = health?.summary ?? health?.message ?? health?.details;
  if (health?.status === "FAILED" && state !== "STARTING") {
    return { ready: false, failed: true, reason: "ExternalFailed", message: `failed${why ? `: ${why}` : ""}` };
  }
  if (state === "STARTING") return { ready: false, reason: "Starting", message: "is starting" };
  if (state === "DELETING") return { ready: false, reason: "Deleting", message: "is being deleted in Databricks" };
  return { ready: true, reason: "Available", message: "can be used" };
}
