/**
 * The kinds whose resources have a name and some fields. Each entry defines the manifests, the edits in the webapp, and
 * the expected final state.
 *
 * @module
 */
import { isActive } from "../../mock/databricks/run.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { Variant } from "./slots.ts";

type Fields = Record<string, unknown>;

/** A kind in schedules. */
export interface SimpleKind {
  /** The spec of a manifest. */
  spec(letter: string, variant: Variant): Fields;
  /** The ids of all resources, made by people or operators, that must belong to somebody. */
  ids(workspace: MockWorkspace): string[];
  /** Returns a resource in Databricks; `undefined` if there is none. */
  get(workspace: MockWorkspace, id: string): Fields | undefined;
  /** Changes a field that manifests set. */
  edit(workspace: MockWorkspace, id: string, number: number): void;
  remove(workspace: MockWorkspace, id: string): void;
  /** Makes the resource of a spec; throws if the name is taken. */
  make(workspace: MockWorkspace, spec: Fields): string;
  /** The part of a spec that must equal the resource's fields. */
  asked(spec: Fields): Fields;
  /** True if an object is final at some time, so that no manifest or edit changes it. */
  readonly isOnce?: true;
}

/** A securable of Unity Catalog, with a comment. */
function securable(type: "catalog" | "schema" | "volume", inside: Fields): SimpleKind {
  const prefix = Object.values(inside).filter((name) => name !== "MANAGED").map((name) => `${name}.`).join("");
  return {
    spec: (letter, { number }) => ({ [type]: { ...inside, name: `played_${letter}`, comment: `comment ${number}` } }),
    // The others came with the metastore.
    ids: ({ kinds }) => kinds.catalog.names(type).filter((name) => /^played_\w+$/.test(name.slice(prefix.length))),
    get: ({ kinds }, id) => kinds.catalog.get(id, type),
    edit: ({ kinds }, id, number) => kinds.catalog.edit(id, { comment: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds.catalog.remove(id),
    make: ({ kinds }, spec) => kinds.catalog.add(type, spec[type] as Fields),
    asked: (spec) => spec[type] as Fields,
  };
}

/** A file in a folder. */
function filed(
  field: string,
  of: "dashboards" | "queries" | "alerts",
  settings: (variant: Variant) => Fields,
): SimpleKind {
  const [edited = ""] = Object.keys(settings({ number: 1, more: false }));
  return {
    spec: (letter, variant) => ({
      [field]: { display_name: `${field}-${letter}`, parent_path: "/Shared", ...settings(variant) },
    }),
    ids: ({ kinds }) => kinds[of].all().map(({ id, dashboard_id }) => String(id ?? dashboard_id)),
    get: ({ kinds }, id) => kinds[of].get(id),
    edit: ({ kinds }, id, number) => kinds[of].edit(id, { [edited]: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds[of].remove(id),
    make: ({ kinds }, spec) => kinds[of].add(spec[field] as Fields),
    // Databricks fills in omitted fields, and formats content in its own way.
    asked: (spec) => {
      const { display_name, parent_path, [edited]: one } = spec[field] as Fields;
      return { display_name, parent_path, [edited]: one };
    },
  };
}

/** The kinds, by name. */
export const simpleKinds: Readonly<Record<string, SimpleKind>> = {
  DatabricksClusterPolicy: {
    spec: (letter, { number, more }) => ({
      policy: {
        name: `policy-${letter}`,
        definition: '{"num_workers":{"type":"range","maxValue":4}}',
        description: `description ${number}`,
        ...more && { max_clusters_per_user: 2 },
      },
    }),
    ids: ({ kinds }) => kinds.policies.all().map(({ policy_id }) => String(policy_id)),
    get: ({ kinds }, id) => kinds.policies.get(id),
    edit: ({ kinds }, id, number) => kinds.policies.edit(id, { description: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds.policies.remove(id),
    make: ({ kinds }, spec) => kinds.policies.add(spec.policy as Fields),
    // Databricks may use other white space in the definition's text.
    asked: ({ policy }) => {
      const { definition: _text, max_clusters_per_user, ...rest } = policy as Fields;
      return { ...rest, max_clusters_per_user };
    },
  },
  DatabricksSQLWarehouse: {
    spec: (letter, { number, more }) => ({
      warehouse: {
        name: `warehouse-${letter}`,
        cluster_size: "Small",
        auto_stop_mins: 10 + number,
        ...more && { max_num_clusters: 2 },
      },
    }),
    ids: ({ kinds }) => kinds.warehouses.all().map(({ id }) => String(id)),
    get: ({ kinds }, id) => kinds.warehouses.get(id),
    edit: ({ kinds }, id, number) => kinds.warehouses.edit(id, { auto_stop_mins: 100 + number }),
    remove: ({ kinds }, id) => kinds.warehouses.remove(id),
    make: ({ kinds }, spec) => kinds.warehouses.add(spec.warehouse as Fields),
    asked: ({ warehouse }) => warehouse as Fields,
  },
  DatabricksCatalog: securable("catalog", {}),
  DatabricksSchema: securable("schema", { catalog_name: "main" }),
  DatabricksVolume: securable("volume", { catalog_name: "main", schema_name: "default", volume_type: "MANAGED" }),
  DatabricksUnityCatalogConnection: {
    spec: (letter, { number, more }) => ({
      uc_connection: {
        name: `played_${letter}`,
        connection_type: "POSTGRESQL",
        options: { host: `host-${number}.example.com`, ...more && { port: "5432" } },
      },
    }),
    ids: ({ kinds }) => kinds.catalog.names("connection"),
    get: ({ kinds }, id) => kinds.catalog.get(id, "connection"),
    edit: ({ kinds }, id, number) => kinds.catalog.edit(id, { options: { host: `by-hand-${number}` } }),
    remove: ({ kinds }, id) => kinds.catalog.remove(id),
    make: ({ kinds }, spec) => kinds.catalog.add("connection", spec.uc_connection as Fields),
    // Omitted options may stay, and Databricks adds some.
    asked: ({ uc_connection: connection }) => {
      const { options: _some, ...rest } = connection as Fields;
      return rest;
    },
  },
  DatabricksExperiment: {
    spec: (letter, { number, more }) => ({
      experiment: {
        name: `/Shared/played-${letter}`,
        tags: [{ key: "number", value: String(number) }, ...more ? [{ key: "more", value: "yes" }] : []],
      },
    }),
    ids: ({ kinds }) => kinds.experiments.all().map(({ experiment_id }) => String(experiment_id)),
    get: ({ kinds }, id) => kinds.experiments.get(id),
    edit: ({ kinds }, id, number) => kinds.experiments.setTag(id, { key: "number", value: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds.experiments.remove(id),
    make: ({ kinds }, spec) => kinds.experiments.add(spec.experiment as Fields, "somebody@example.com"),
    // Omitted tags stay, and MLflow adds some.
    asked: ({ experiment }) => ({ name: (experiment as Fields).name }),
  },
  DatabricksNotificationDestination: {
    spec: (letter, { number, more }) => ({
      destination: {
        display_name: `destination-${letter}`,
        config: { email: { addresses: [`${number}@example.com`, ...more ? ["more@example.com"] : []] } },
      },
    }),
    ids: ({ kinds }) => kinds.destinations.all().map(({ id }) => String(id)),
    get: ({ kinds }, id) => kinds.destinations.get(id),
    edit: ({ kinds }, id, number) => kinds.destinations.edit(id, { display_name: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds.destinations.remove(id),
    make: ({ kinds }, spec) => kinds.destinations.add(spec.destination as Fields),
    asked: ({ destination }) => destination as Fields,
  },
  DatabricksDirectory: {
    spec: (letter) => ({ directory: { path: `/Shared/played/${letter}` } }),
    ids: ({ files, repos }) =>
      repos.holds("/Shared/played") ? files.list("/Shared/played").map(({ path }) => path) : [],
    get: ({ files, repos }, id) => repos.holds(id) ? { ...files.status(id) } : undefined,
    // A folder has nothing but a path.
    edit: () => {},
    remove: ({ files }, id) => files.remove(id),
    make: ({ repos }, { directory }) => {
      const path = String((directory as Fields).path);
      if (repos.holds(path)) throw new Error(`${path} is there`);
      repos.addFolder(path);
      return path;
    },
    asked: ({ directory }) => directory as Fields,
  },
  DatabricksWorkspaceFile: {
    spec: (letter, { number, more }) => ({
      file: {
        path: `/Shared/played-${letter}.sql`,
        format: "RAW",
        content: `SELECT ${number}${more ? ", 1" : ""}`,
      },
    }),
    ids: ({ files }) =>
      files.list("/Shared").map(({ path }) => path).filter((path) => path.startsWith("/Shared/played-")),
    get: ({ files }, id) => files.find(id),
    edit: ({ files }, path, number) =>
      files.put({ path, content: new TextEncoder().encode(`by hand ${number}`), isNotebook: false, overwrite: true }),
    remove: ({ files }, id) => files.remove(id),
    make: ({ files }, { file }) => {
      const { path, content } = file as { path: string; content: string };
      files.put({ path, content: new TextEncoder().encode(content), isNotebook: false });
      return path;
    },
    asked: ({ file }) => {
      const { path, content } = file as { path: string; content: string };
      return { path, content };
    },
  },
  DatabricksDashboard: filed("dashboard", "dashboards", ({ number, more }) => ({
    warehouse_id: String(number),
    ...more && { serialized_dashboard: '{"pages":[]}' },
  })),
  DatabricksQuery: filed("query", "queries", ({ number, more }) => ({
    query_text: `SELECT ${number}`,
    ...more && { description: "more" },
  })),
  DatabricksAlert: filed("alert", "alerts", ({ number, more }) => ({
    warehouse_id: "1",
    query_text: `SELECT ${number}`,
    evaluation: { source: { name: "n" }, comparison_operator: "IS_NULL" },
    schedule: { quartz_cron_schedule: "0 0 6 * * ?", timezone_id: "UTC" },
    ...more && { custom_summary: "more" },
  })),
  DatabricksServingEndpoint: {
    spec: (letter, { number, more }) => ({
      endpoint: {
        name: `endpoint-${letter}`,
        config: {
          served_entities: [
            { name: "a", entity_name: "main.a.a", entity_version: String(number), scale_to_zero_enabled: true },
          ],
        },
        ...more && { tags: [{ key: "more", value: "yes" }] },
      },
    }),
    ids: ({ kinds }) => kinds.serving.all().map(({ name }) => String(name)),
    get: ({ kinds }, id) => kinds.serving.get(id),
    edit: ({ kinds }, id, number) => {
      const entity = { name: "a", entity_name: "main.a.a", entity_version: `by hand ${number}` };
      kinds.serving.deploy(id, { served_entities: [{ ...entity, scale_to_zero_enabled: true }] });
    },
    remove: ({ kinds }, id) => kinds.serving.remove(id),
    make: ({ kinds }, spec) => kinds.serving.add(spec.endpoint as Fields),
    // Answers add fields to each entity.
    asked: ({ endpoint }) => ({ name: (endpoint as Fields).name }),
  },
  DatabricksVectorSearchEndpoint: {
    spec: (letter, { number }) => ({
      endpoint: { name: `vector-${letter}`, endpoint_type: "STANDARD", budget_policy_id: `policy-${number}` },
    }),
    ids: ({ kinds }) => kinds.vectorSearch.all().map(({ name }) => String(name)),
    get: ({ kinds }, id) => kinds.vectorSearch.get(id),
    edit: ({ kinds }, id, number) => kinds.vectorSearch.edit(id, { budget_policy_id: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds.vectorSearch.remove(id),
    make: ({ kinds }, spec) => kinds.vectorSearch.add(spec.endpoint as Fields),
    asked: ({ endpoint }) => endpoint as Fields,
  },
  DatabricksApp: {
    spec: (letter, { number, more }) => ({
      app: { name: `app-${letter}`, description: `description ${number}`, ...more && { compute_size: "LARGE" } },
    }),
    ids: ({ kinds }) => kinds.apps.all().map(({ name }) => String(name)),
    get: ({ kinds }, id) => kinds.apps.get(id),
    edit: ({ kinds }, id, number) => kinds.apps.edit(id, { description: `by hand ${number}` }),
    remove: ({ kinds }, id) => kinds.apps.remove(id),
    make: ({ kinds }, spec) => kinds.apps.add(spec.app as Fields, { noCompute: true }),
    asked: ({ app }) => app as Fields,
  },
  DatabricksRun: {
    isOnce: true,
    spec: (letter) => ({
      submit: {
        run_name: `run-${letter}`,
        tasks: [{ task_key: "main", notebook_task: { notebook_path: "/Shared/once" } }],
      },
    }),
    // Runs that have ended do not count.
    ids: ({ runs }) =>
      runs.list().filter((one) => one.run_type === "SUBMIT_RUN" && isActive(one)).map((one) => one.run_id),
    get: ({ runs }, id) => runs.get(id) as Fields | undefined,
    edit: ({ runs }, id) => runs.cancel(id),
    remove: ({ runs }, id) => void runs.remove(id),
    make: ({ runs }, spec) => runs.submit(spec.submit as Fields, { creator: "somebody@example.com" }).run_id,
    asked: () => ({}),
  },
};
