/**
 * DatabricksQuery: a query of Databricks SQL that people and jobs run (Queries API 2.0).
 *
 * Databricks warns against ten lists at a time ("could result in throttling, service degradation, or a temporary ban";
 * docstring of the SDK, 0.162.0: sql.py), so each object reads its own query, and lists are read one after the other. A
 * deleted query goes to the trash.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { CreateQueryRequestQuery, type Query } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  type External,
  type FindContext,
  type Intent,
  type Resource,
  type Workspace,
} from "../resource.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { withPermissions } from "./shared/permissions.ts";
import { fileKey, folderMissing, madeByOwner, maskWithoutFolder, nameTaken } from "./shared/workspace_objects.ts";
import { isWorkspacePath, withoutWorkspace } from "./shared/workspace_paths.ts";

const Settings = z.looseObject({
  ...CreateQueryRequestQuery.shape,
  parent_path: z.string(),
  query_text: z.string(),
}).meta({ typeName: "sql.ManagedQuery" });

const Spec = z.looseObject({ query: Settings.describe("The query, with the fields of the Queries API") });

type Settings = z.infer<typeof Settings>;

const FIELD = "spec.query.parent_path";
const path = "/api/2.0/sql/queries";

const endpoints = {
  get: endpoint(`GET ${path}/{id}`),
  list: endpoint(`GET ${path}`, { items: "results" }),
  create: endpoint(`POST ${path}`, { wrap: "query", errors: [nameTaken, folderMissing(FIELD)] }),
  update: endpoint(`PATCH ${path}/{id}`, { wrap: "query", beside: ["update_mask"], errors: [nameTaken] }),
  delete: endpoint(`DELETE ${path}/{id}`),
};

/** The fields that Databricks fills in if a manifest omits them. */
const FILLED = ["apply_auto_limit", "catalog", "run_as_mode", "schema", "warehouse_id"];

const query = defineResource<z.infer<typeof Spec>, Settings, Query>({
  kind: "DatabricksQuery",
  plural: "databricksqueries",
  singular: "databricksquery",
  shortNames: ["dbquery"],
  noun: "query",
  description: "A Databricks SQL query for people and jobs",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Query>(),
  comparableSchema: Settings,
  statusFields: { query_owner: z.string().describe("The user who owns it in Databricks").optional() },
  desiredPath: "spec.query",
  nameField: "display_name",
  descriptions: {
    "sql.ManagedQuery": {
      apply_auto_limit: "Show at most 1,000 rows.",
      catalog: "The default catalog of its tables.",
      description: "The purpose of the query.",
      display_name: "Its name, unique in its folder; defaults to metadata.name.",
      parameters: "Its parameters, by name.",
      parent_path: "Its folder: /Shared/reports. It must exist, and cannot be changed.",
      query_text: "The SQL text.",
      run_as_mode: "The identity that it runs with.",
      schema: "The default schema of its tables.",
      tags: "Tags.",
      warehouse_id: "The warehouse that runs it.",
    },
    "sql.QueryParameter": {
      date_range_value: "A range of dates.",
      date_value: "A date.",
      enum_value: "One or more values of a list.",
      name: "Its name in the SQL: :name.",
      numeric_value: "A number.",
      query_backed_value: "One or more rows of another query.",
      text_value: "A text.",
      title: "Its display name.",
    },
    "sql.DateRangeValue": {
      date_range_value: "Two dates.",
      dynamic_date_range_value: "A range relative to today.",
      precision: "The precision.",
      start_day_of_week: "The first day of the week: 0 is Sunday.",
    },
    "sql.DateRange": { start: "The first day.", end: "The last day." },
    "sql.DateValue": {
      date_value: "The date.",
      dynamic_date_value: "A date relative to today.",
      precision: "The precision.",
    },
    "sql.EnumValue": {
      enum_options: "The values, one per line.",
      multi_values_options: "The format of several values in the SQL; one value by default.",
      values: "The chosen values.",
    },
    "sql.MultiValuesOptions": {
      prefix: "The character before each value.",
      separator: "The separator.",
      suffix: "The character after each value.",
    },
    "sql.NumericValue": { value: "The number." },
    "sql.QueryBackedValue": {
      multi_values_options: "The format of several values in the SQL; one value by default.",
      query_id: "The query whose rows are the values.",
      values: "The chosen values.",
    },
    "sql.TextValue": { value: "The text." },
  },
  fields: {
    immutable: ["parent_path"],
    keyedBy: { parameters: "name" },
    unordered: ["tags"],
    spelling: { parent_path: withoutWorkspace },
    onlyIfAsked: Object.fromEntries(FILLED.map((field) => [field, [field]])),
  },
  endpoints,
  external: {
    observe,
    find,
    isOurs: isOursBy(madeByOwner),
    isListed: async (workspace, id) => (await rows(workspace)).some((row) => row.id === id),
    create: async (workspace, { desired }) => String((await workspace.call(endpoints.create, desired)).id),
    update: async (workspace, id, { desired: { parent_path: _fixed, ...settings }, changes }) => {
      await workspace.call(endpoints.update, { ...settings, id, update_mask: maskWithoutFolder(changes) });
    },
    delete: async (workspace, id) => {
      if (await observe(workspace, id) === undefined) return;
      await workspace.tryCall(endpoints.delete, { id });
    },
    self: currentUser,
  },
  printerColumns: [
    { name: "Folder", type: "string", jsonPath: ".spec.query.parent_path" },
    ...commonColumns,
    { name: "Query ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ parent_path = "", display_name = "" }) => fileKey(parent_path, display_name),
  desired: ({ query }, { name }) => ({ display_name: name, ...query }),
  validate: ({ query: { parent_path } }) => isWorkspacePath(FIELD, parent_path),
  comparable: (query) => query,
  made: madeByOwner,
  show: ({ owner_user_name }) => ({ query_owner: owner_user_name }),
  displayName: ({ display_name = "" }) => display_name,
  url: (host, id) => `${host}/sql/editor/${id}`,
  examples: [{
    title: "Orders of a day",
    spec: {
      query: {
        display_name: "Orders of a day",
        parent_path: "/Shared",
        query_text: "SELECT * FROM main.sales.orders WHERE day = :day",
        parameters: [{ name: "day", date_value: { dynamic_date_value: "YESTERDAY" } }],
        tags: ["sales"],
      },
    },
    edited: {
      query: {
        display_name: "Orders",
        parent_path: "/Shared",
        query_text: "SELECT * FROM main.sales.orders",
        description: "All of them",
        tags: ["sales", "daily"],
      },
    },
  }],
});

/** The declaration of kind DatabricksQuery. */
export const databricksQuery: Resource = withPermissions(query, { type: "queries" });

/** A query in the trash may still be returned. */
async function observe(workspace: Workspace, id: string): Promise<Query | undefined> {
  const query = await workspace.tryCall(endpoints.get, { id }) as Query | undefined;
  return query?.lifecycle_state === "TRASHED" ? undefined : query;
}

/** The last list that was started, by the workspace's host: each pass has its own client. */
const lastLists = new Map<string, Promise<unknown>>();

/** The rows of the list; one list of a workspace is read at a time. */
function rows(workspace: Workspace): Promise<Query[]> {
  const read = async () => {
    const found: Query[] = [];
    for await (const page of workspace.pages(endpoints.list, { page_size: 100 })) found.push(...page as Query[]);
    return found.filter(({ lifecycle_state }) => lifecycle_state !== "TRASHED");
  };
  const result = (lastLists.get(workspace.host) ?? Promise.resolve()).then(read, read);
  lastLists.set(workspace.host, result);
  const forget = () => {
    if (lastLists.get(workspace.host) === result) lastLists.delete(workspace.host);
  };
  result.then(forget, forget);
  return result;
}

/** A row does not say in which folder a query is. */
async function find(
  workspace: Workspace,
  { desired }: Intent<Settings>,
  { name = desired.display_name }: FindContext,
): Promise<External<Query>[]> {
  const names = [desired.display_name, name];
  const found: External<Query>[] = [];
  for (const { id, display_name } of await rows(workspace)) {
    if (id === undefined || !names.includes(display_name)) continue;
    const observed = await observe(workspace, id);
    if (observed === undefined) continue;
    const { parent_path } = observed;
    if (parent_path !== undefined && withoutWorkspace(parent_path) !== withoutWorkspace(desired.parent_path)) continue;
    found.push({ id, observed });
  }
  return found;
}
