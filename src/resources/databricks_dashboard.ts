/**
 * DatabricksDashboard: an AI/BI dashboard (Lakeview API 2.0), its draft and its published version.
 *
 * Databricks formats the content in its own way, with additional fields, so it is compared as JSON: it has to contain
 * the requested content. A deleted dashboard goes to the trash, and is still returned.
 *
 * @module
 */
import * as z from "zod";
import { Dashboard, LakeviewPublish, type ObjectInfo, type PublishedDashboard } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Resource,
  type SpecIssue,
  topFields,
  type Workspace,
} from "../resource.ts";
import { holdsJson, parsed } from "./shared/json_text.ts";
import { withPermissions } from "./shared/permissions.ts";
import { cameDuring, fileKey, folderMissing, nameTaken, timeOf } from "./shared/workspace_objects.ts";
import { isWorkspacePath, withoutWorkspace } from "./shared/workspace_paths.ts";

const { display_name, serialized_dashboard, warehouse_id, warehouse_ref } = Dashboard.shape;
const { dashboard_id: _path, ...publication } = LakeviewPublish.shape;

const Publication = z.looseObject(publication).meta({ typeName: "dashboards.Publication" });

const Settings = z.looseObject({
  display_name,
  parent_path: z.string(),
  serialized_dashboard,
  warehouse_id,
  warehouse_ref,
  dataset_catalog: z.string().optional(),
  dataset_schema: z.string().optional(),
  publish: Publication.optional(),
}).meta({ typeName: "dashboards.ManagedDashboard" });

const Spec = z.looseObject({ dashboard: Settings.describe("The dashboard, with the fields of the Lakeview API") });

type Settings = z.infer<typeof Settings>;
/** A dashboard, with its published version if a manifest asks for that: `null` for none. */
type Observed = Dashboard & { published?: PublishedDashboard | null };

const FIELD = "spec.dashboard.parent_path";
const path = "/api/2.0/lakeview/dashboards";
const query = ["dataset_catalog", "dataset_schema"];

const endpoints = {
  get: endpoint(`GET ${path}/{dashboard_id}`),
  getPublished: endpoint(`GET ${path}/{dashboard_id}/published`),
  status: endpoint("GET /api/2.0/workspace/get-status"),
  list: endpoint(`GET ${path}`, { items: "dashboards" }),
  create: endpoint(`POST ${path}`, { query, errors: [nameTaken, folderMissing(FIELD)] }),
  update: endpoint(`PATCH ${path}/{dashboard_id}`, { query, errors: [nameTaken] }),
  publish: endpoint(`POST ${path}/{dashboard_id}/published`, { repeatable: true }),
  delete: endpoint(`DELETE ${path}/{dashboard_id}`),
};

const dashboard = defineResource<z.infer<typeof Spec>, Settings, Observed>({
  kind: "DatabricksDashboard",
  plural: "databricksdashboards",
  singular: "databricksdashboard",
  shortNames: ["dbdash"],
  noun: "dashboard",
  description: "An AI/BI dashboard: its draft and its published version",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Settings,
  statusFields: {
    path: z.string().describe("The path of its file in the workspace").optional(),
  },
  desiredPath: "spec.dashboard",
  keepsBack: ["spec.dashboard.publish"],
  nameField: "display_name",
  descriptions: {
    "dashboards.ManagedDashboard": {
      dataset_catalog: "The default catalog of its datasets. Never read back.",
      dataset_schema: "The default schema of its datasets. Never read back.",
      display_name: "Its name, unique in its folder; defaults to metadata.name.",
      parent_path: "Its folder: /Shared/reports. It must exist, and cannot be changed.",
      publish: "Publish it, and again after each change. If absent, people publish it.",
      serialized_dashboard: "Its content, as JSON text: the content of an export (.lvdash.json).",
      warehouse_id: "The warehouse that runs its queries.",
    },
    "dashboards.Publication": {
      embed_credentials: "true: readers see data with the operator's rights; false, the default: with their own.",
      warehouse_id: "The warehouse of the published version; defaults to the draft's.",
    },
  },
  fields: {
    immutable: ["parent_path"],
    updateOnly: ["publish"],
    unread: ["dataset_catalog", "dataset_schema"],
    spelling: { parent_path: withoutWorkspace },
    answers: { serialized_dashboard: holdsJson },
    onlyIfAsked: {
      serialized_dashboard: ["serialized_dashboard"],
      warehouse_id: ["warehouse_id"],
      publish: ["publish"],
    },
    irremovable: ["serialized_dashboard", "warehouse_id"],
  },
  endpoints,
  external: {
    observe,
    find,
    // A dashboard that appeared during the create, in its place and with its content, is the operator's or equivalent.
    isOurs: (_workspace, { observed }, { intent: { desired }, attempt }) =>
      Promise.resolve(
        cameDuring(timeOf(observed.create_time), attempt) &&
          (desired.serialized_dashboard === undefined ||
            holdsJson(desired.serialized_dashboard, observed.serialized_dashboard)),
      ),
    create: async (workspace, { desired: { publish: _later, ...settings } }) =>
      String((await workspace.call(endpoints.create, settings)).dashboard_id),
    update,
    delete: async (workspace, id) => {
      if (await observe(workspace, id) === undefined) return;
      await workspace.tryCall(endpoints.delete, { dashboard_id: id });
    },
    list,
  },
  printerColumns: [
    { name: "Path", type: "string", jsonPath: ".status.path" },
    ...commonColumns,
    { name: "Dashboard ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ parent_path = "", display_name = "" }) => fileKey(parent_path, display_name),
  desired: ({ dashboard: { publish, ...settings } }, { name }) => ({
    display_name: name,
    ...settings,
    // By default, readers do not see data that only the operator may see.
    ...(publish === undefined ? {} : { publish: { embed_credentials: false, ...publish } }),
  }),
  validate: ({ dashboard: { parent_path, serialized_dashboard } }) => [
    ...isWorkspacePath(FIELD, parent_path),
    ...contentIssues(serialized_dashboard),
  ],
  comparable: ({ display_name, parent_path, serialized_dashboard, warehouse_id, update_time, published }) => ({
    display_name,
    parent_path,
    serialized_dashboard,
    warehouse_id,
    ...(published === undefined ? {} : publicationOf(published, update_time)),
  }),
  stamp: ({ update_time }) => update_time,
  show: ({ path }) => ({ path }),
  displayName: ({ display_name = "" }) => display_name,
  url: (host, id) => `${host}/sql/dashboardsv3/${id}`,
  examples: [{
    title: "A dashboard of one page, published",
    spec: {
      dashboard: {
        display_name: "Orders",
        parent_path: "/Shared",
        serialized_dashboard: '{"pages":[{"name":"orders","displayName":"Orders"}]}',
        publish: { embed_credentials: false },
      },
    },
    edited: {
      dashboard: {
        display_name: "Orders of the week",
        parent_path: "/Shared",
        serialized_dashboard: '{"pages":[{"name":"orders","displayName":"Orders of the week"}]}',
        publish: { embed_credentials: true },
      },
    },
  }],
});

/** The declaration of kind DatabricksDashboard. */
export const databricksDashboard: Resource = withPermissions(dashboard, { type: "dashboards" });

function contentIssues(text: string | undefined): SpecIssue[] {
  if (text === undefined || parsed(text) !== undefined) return [];
  return [{
    path: "spec.dashboard.serialized_dashboard",
    message: "must be an object as JSON text: give the content of an export (.lvdash.json)",
  }];
}

/**
 * The published version of the current draft. `null` rather than an omitted field if nothing is published: `false`
 * would equal that, and nobody would publish.
 */
function publicationOf(published: PublishedDashboard | null, updateTime: string | undefined): Record<string, unknown> {
  if (published === null) return { publish: { embed_credentials: null } };
  // An outdated publication is omitted, since publishing may count as a change of the draft.
  if (!isCurrent(published, updateTime)) return {};
  return { publish: { embed_credentials: published.embed_credentials ?? false, warehouse_id: published.warehouse_id } };
}

/** True for a publication of the current draft (databricks/cli compares the same times). */
function isCurrent({ revision_create_time }: PublishedDashboard, updateTime: string | undefined): boolean {
  const [revision, update] = [timeOf(revision_create_time), timeOf(updateTime)];
  return revision === undefined || update === undefined || revision >= update;
}

/** A dashboard in the trash is still returned. The published version is read if a manifest asks for it. */
async function observe(workspace: Workspace, id: string, intent?: Intent<Settings>): Promise<Observed | undefined> {
  const draft = await workspace.tryCall(endpoints.get, { dashboard_id: id }) as Dashboard | undefined;
  if (draft === undefined || draft.lifecycle_state === "TRASHED") return undefined;
  if (intent?.desired.publish === undefined) return draft;
  const published = await workspace.tryCall(endpoints.getPublished, { dashboard_id: id });
  return { ...draft, published: published === undefined ? null : published as PublishedDashboard };
}

/** A list does not contain paths; the workspace knows which dashboard is at a path. */
async function find(
  workspace: Workspace,
  intent: Intent<Settings>,
  { name }: FindContext,
): Promise<External<Observed>[]> {
  const { desired: { parent_path, display_name } } = intent;
  const found: External<Observed>[] = [];
  for (const one of new Set([display_name, name])) {
    if (one === undefined) continue;
    const path = `${fileKey(parent_path, one)}.lvdash.json`;
    const file = await workspace.tryCall(endpoints.status, { path }) as ObjectInfo | undefined;
    if (file?.resource_id === undefined) continue;
    const observed = await observe(workspace, file.resource_id, intent);
    if (observed !== undefined) found.push({ id: file.resource_id, observed });
  }
  return found;
}

/**
 * The published version is a copy: it is published again after each edit. Both are one update, since a read does not
 * always show whether the copy is of the current draft: if publishing fails, both are repeated.
 */
async function update(workspace: Workspace, id: string, { desired, changes }: Intent<Settings>): Promise<void> {
  const { publish, parent_path: _fixed, ...settings } = desired;
  const edits = topFields(changes).filter((field) => field !== "publish");
  if (edits.length > 0) await workspace.call(endpoints.update, { ...settings, dashboard_id: id });
  if (publish !== undefined) await workspace.call(endpoints.publish, { ...publish, dashboard_id: id });
}

/** A row contains no content. */
async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as Dashboard[]).filter((row) => row.lifecycle_state !== "TRASHED")
      .map((row) => ({ id: String(row.dashboard_id), observed: row, partial: true }));
  }
}
