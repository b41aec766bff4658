/**
 * DatabricksAlert: a query that runs on a schedule, and notifies people when its result meets a condition (Alerts API
 * 2.0, "v2"). A deleted alert goes to the trash.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { AlertV2, type AlertV2 as Observed, AlertV2Evaluation } from "../databricks/types.ts";
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

// Fields that only answers have, and one that run_as replaces.
const {
  create_time: _created,
  effective_run_as: _runsAs,
  id: _id,
  lifecycle_state: _lifecycle,
  owner_user_name: _owner,
  run_as_user_name: _replaced,
  update_time: _updated,
  ...input
} = AlertV2.shape;
const { last_evaluated_at: _evaluated, state: _state, ...evaluation } = AlertV2Evaluation.shape;

const Evaluation = z.looseObject(evaluation).meta({ typeName: "sql.ManagedEvaluation" });

const Settings = z.looseObject({
  ...input,
  display_name: z.string().optional(),
  evaluation: Evaluation,
  parent_path: z.string(),
}).meta({ typeName: "sql.ManagedAlert" });

const Spec = z.looseObject({ alert: Settings.describe("The alert, with the fields of the Alerts API") });

type Settings = z.infer<typeof Settings>;

const FIELD = "spec.alert.parent_path";
const path = "/api/2.0/alerts";
/** Rows per page. */
const PAGE = 100;

const endpoints = {
  get: endpoint(`GET ${path}/{id}`),
  list: endpoint(`GET ${path}`, { items: "alerts" }),
  create: endpoint(`POST ${path}`, { errors: [nameTaken, folderMissing(FIELD)] }),
  update: endpoint(`PATCH ${path}/{id}`, { query: ["update_mask"], errors: [nameTaken] }),
  delete: endpoint(`DELETE ${path}/{id}`),
};

const alert = defineResource<z.infer<typeof Spec>, Settings, Observed>({
  kind: "DatabricksAlert",
  plural: "databricksalerts",
  singular: "databricksalert",
  shortNames: ["dbalert"],
  noun: "alert",
  description: "A query that runs on a schedule and notifies people when its result meets a condition",
  identity: "natural",
  spec: Spec,
  observed: z.custom<Observed>(),
  comparableSchema: Settings,
  desiredPath: "spec.alert",
  nameField: "display_name",
  descriptions: {
    "sql.ManagedAlert": {
      custom_description: "The body of its messages, instead of the default.",
      custom_summary: "The subject of its messages, instead of the default.",
      custom_template_format: "The format of subject and body.",
      display_name: "Its name, unique in its folder; defaults to metadata.name.",
      evaluation: "The condition and the recipients.",
      parameters: "Parameters of its query, by name.",
      parent_path: "Its folder: /Shared/alerts. It must exist, and cannot be changed.",
      query_text: "The SQL text.",
      run_as: "The identity that it runs with; defaults to the operator's.",
      schedule: "The schedule; each run uses its warehouse.",
      warehouse_id: "The warehouse that runs it. Each run starts it, and costs.",
    },
    "sql.ManagedEvaluation": {
      comparison_operator: "The comparison of the column with the threshold.",
      empty_result_state: "Its state when the result is empty.",
      notification: "The recipients.",
      source: "The column to compare.",
      threshold: "The threshold.",
    },
    "sql.AlertV2OperandColumn": {
      aggregation: "The aggregation of the column's values; the first row's value by default.",
      display: "The column's display name.",
      name: "The column's name.",
    },
    "sql.AlertV2Operand": { column: "A column.", value: "A value." },
    "sql.AlertV2OperandValue": {
      bool_value: "true or false.",
      double_value: "A number.",
      string_value: "A text.",
    },
    "sql.AlertV2Notification": {
      notify_on_ok: "Also notify when it is OK again.",
      retrigger_seconds: "Seconds before it notifies again; 0 notifies once.",
      subscriptions: "The recipients.",
    },
    "sql.AlertV2Subscription": {
      destination_id: "A notification destination.",
      user_email: "A user, by e-mail.",
    },
    "sql.AlertV2RunAs": {
      service_principal_name: "A service principal, by its application id.",
      user_name: "A user, by e-mail; only the operator's own user.",
    },
    "sql.AlertStatementParameter": {
      name: "Its name in the SQL: :name.",
      type: "Its type; defaults to STRING.",
      value: "Its value; defaults to NULL.",
    },
    "sql.CronSchedule": {
      pause_status: "UNPAUSED by default.",
      quartz_cron_schedule: "The times, as a Quartz cron expression.",
      timezone_id: "The time zone: Europe/Berlin.",
    },
  },
  fields: {
    immutable: ["parent_path"],
    keyedBy: { parameters: "name" },
    unordered: ["evaluation.notification.subscriptions"],
    spelling: { parent_path: withoutWorkspace },
    answers: {
      "schedule.pause_status": (asked, answered) => (asked ?? "UNPAUSED") === (answered ?? "UNPAUSED"),
    },
    onlyIfAsked: { custom_template_format: ["custom_template_format"], run_as: ["run_as"] },
  },
  endpoints,
  external: {
    observe,
    find,
    isOurs: isOursBy(madeByOwner),
    create: async (workspace, { desired }) => String((await workspace.call(endpoints.create, desired)).id),
    update: async (workspace, id, { desired: { parent_path: _fixed, ...settings }, changes }) => {
      await workspace.call(endpoints.update, { ...settings, id, update_mask: maskWithoutFolder(changes) });
    },
    delete: async (workspace, id) => {
      if (await observe(workspace, id) === undefined) return;
      await workspace.tryCall(endpoints.delete, { id });
    },
    list,
    self: currentUser,
  },
  printerColumns: [
    { name: "Schedule", type: "string", jsonPath: ".spec.alert.schedule.quartz_cron_schedule" },
    ...commonColumns,
    { name: "Alert ID", type: "string", jsonPath: ".status.id", priority: 1 },
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ parent_path = "", display_name = "" }) => fileKey(parent_path, display_name),
  desired: ({ alert }, { name }) => ({ display_name: name, ...alert }),
  validate: ({ alert: { parent_path } }) => isWorkspacePath(FIELD, parent_path),
  comparable: ({ evaluation, ...alert }) => {
    const { last_evaluated_at: _moves, state: _result, ...condition } = evaluation;
    return { ...alert, evaluation: condition };
  },
  stamp: ({ update_time }) => update_time,
  dangers: { costs: "its warehouse, which each evaluation starts" },
  made: madeByOwner,
  displayName: ({ display_name }) => display_name,
  url: (host, id) => `${host}/sql/alerts-v2/${id}`,
  examples: [{
    title: "No orders for a day",
    spec: { alert: example("0 0 6 * * ?", "on-call@example.com") },
    edited: { alert: { ...example("0 30 6 * * ?", "data@example.com"), custom_summary: "No orders" } },
  }],
});

/** The declaration of kind DatabricksAlert. */
export const databricksAlert: Resource = withPermissions(alert, { type: "alertsv2" });

function example(schedule: string, user_email: string) {
  return {
    display_name: "No orders",
    parent_path: "/Shared",
    warehouse_id: "0123456789abcdef",
    query_text: "SELECT count(*) AS orders FROM main.sales.orders WHERE day = current_date() - 1",
    evaluation: {
      source: { name: "orders" },
      comparison_operator: "LESS_THAN",
      threshold: { value: { double_value: 1 } },
      notification: { subscriptions: [{ user_email }] },
    },
    schedule: { quartz_cron_schedule: schedule, timezone_id: "UTC", pause_status: "UNPAUSED" },
  };
}

/** An alert in the trash may still be returned. */
async function observe(workspace: Workspace, id: string): Promise<Observed | undefined> {
  const alert = await workspace.tryCall(endpoints.get, { id }) as Observed | undefined;
  return alert?.lifecycle_state === "DELETED" ? undefined : alert;
}

async function* list(workspace: Workspace): AsyncIterable<External<Observed>[]> {
  for await (const page of workspace.pages(endpoints.list, { page_size: PAGE })) {
    yield (page as Observed[]).filter(({ lifecycle_state }) => lifecycle_state !== "DELETED")
      .map((observed) => ({ id: String(observed.id), observed }));
  }
}

async function find(
  workspace: Workspace,
  { desired }: Intent<Settings>,
  { name = desired.display_name }: FindContext,
): Promise<External<Observed>[]> {
  const keys = [desired.display_name, name].map((one) => fileKey(desired.parent_path, one ?? ""));
  const found: External<Observed>[] = [];
  for await (const page of list(workspace)) {
    for (const { id, observed } of page) {
      // If rows omit the folder, only a get returns it.
      const { parent_path = (await observe(workspace, id))?.parent_path ?? desired.parent_path, display_name } =
        observed;
      if (keys.includes(fileKey(parent_path, display_name))) found.push({ id, observed });
    }
  }
  return found;
}
