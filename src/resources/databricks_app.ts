/**
 * DatabricksApp: a web app that runs in the workspace (Apps API 2.0), and the code that is deployed in it.
 *
 * It costs while its compute runs, and does not stop by itself. So it is made without compute, and runs only where
 * `lifecycle.started` says so or a person starts it. Code is deployed where the manifest names it: when that changed, and when
 * other code is found running. A deployment that failed is not made again until the manifest changes.
 *
 * @module
 */
import * as z from "zod";
import { currentUser } from "../databricks/current_user.ts";
import { App, AppResource, AppResourceUcSecurable } from "../databricks/types.ts";
import { commonColumns, defineResource, type Resource } from "../resource.ts";
import {
  appSteps,
  createApp,
  deleteApp,
  endpoints,
  FIXED,
  getApp,
  INSTANCES,
  isGoing,
  lifecycleOf,
  listApps,
  madeBy,
  observeApp,
  stampOf,
  UPDATED,
} from "./shared/app_calls.ts";
import {
  Deployment,
  deploymentIssues,
  deploymentOf,
  deploymentRules,
  isDeployment,
  runs,
} from "./shared/app_deployments.ts";
import { appState, type ObservedApp, showApp, statusFields } from "./shared/app_state.ts";
import { lifecycleSchema } from "./shared/lifecycle.ts";
import { isOursBy } from "./shared/made_by_us.ts";
import { withPermissions } from "./shared/permissions.ts";

const {
  budget_policy_id,
  compute_max_instances,
  compute_min_instances,
  compute_size,
  description,
  git_repository,
  space,
  telemetry_export_destinations,
  usage_policy_id,
  user_api_scopes,
} = App.shape;

// Databricks fills in the kind (databricks/cli: acceptance/bundle/resources/apps/uc-securable-drift).
const { securable_kind: _output, ...securable } = AppResourceUcSecurable.shape;

const NeededResource = z.looseObject({
  ...AppResource.shape,
  uc_securable: z.looseObject(securable).meta({ typeName: "apps.ManagedSecurable" }).optional(),
}).meta({ typeName: "apps.ManagedResource" });

/** Resources at most: the CRD's rules look at each. */
const MAX_RESOURCES = 50;

const Settings = z.looseObject({
  name: z.string().optional(),
  budget_policy_id,
  compute_max_instances,
  compute_min_instances,
  compute_size,
  deployment: Deployment.optional(),
  description,
  git_repository,
  lifecycle: lifecycleSchema("stopped").optional(),
  resources: z.array(NeededResource).max(MAX_RESOURCES).optional(),
  space,
  telemetry_export_destinations,
  usage_policy_id,
  user_api_scopes,
}).meta({ typeName: "apps.ManagedApp" });

const Spec = z.looseObject({ app: Settings.describe("The app, with the fields of the Apps API") });

type Settings = z.infer<typeof Settings>;

/** What a resource can be. */
const THINGS = Object.keys(AppResource.shape).filter((field) => field !== "name" && field !== "description");

/** The fields that are left alone unless the manifest names them. */
const FOLLOWED = [...UPDATED, "deployment", "lifecycle", "space"];

const lower = (text: string) => text.toLowerCase();
const isUntold = (_asked: unknown, answered: unknown) => answered === undefined;
const isCount = (asked: unknown, answered: unknown) => String(asked) === String(answered);

const app = defineResource<z.infer<typeof Spec>, Settings, ObservedApp>({
  kind: "DatabricksApp",
  plural: "databricksapps",
  singular: "databricksapp",
  shortNames: ["dbapp"],
  noun: "app",
  description: "A web app with its code. It costs while it runs, and never stops by itself",
  identity: "natural",
  spec: Spec,
  observed: z.custom<ObservedApp>(),
  comparableSchema: Settings,
  statusFields,
  desiredPath: "spec.app",
  keepsBack: ["spec.app.deployment", "spec.app.lifecycle"],
  fields: {
    immutable: FIXED,
    updateOnly: ["deployment", "lifecycle"],
    // What is new in it is deployed, though no answer tells all of it.
    unread: ["deployment"],
    keyedBy: { resources: "name", "deployment.env_vars": "name" },
    unordered: ["user_api_scopes"],
    spelling: { compute_size: lower, "git_repository.provider": lower },
    answers: {
      deployment: isDeployment,
      lifecycle: (_asked, answered) => answered === null,
      "git_repository.caller_credential_id": isUntold,
      // Nobody could verify that each answer contains them.
      budget_policy_id: isUntold,
      usage_policy_id: isUntold,
      compute_max_instances: isCount,
      compute_min_instances: isCount,
    },
    onlyIfAsked: Object.fromEntries(FOLLOWED.map((field) => [field, [field]])),
    confidential: ["value"],
  },
  endpoints,
  external: {
    observe: observeApp,
    find: async (workspace, { desired: { name = "" } }) => {
      const observed = await getApp(workspace, name);
      return observed === undefined || isGoing(observed) ? [] : [{ id: name, observed }];
    },
    isOurs: isOursBy(madeBy),
    create: createApp,
    steps: appSteps,
    delete: deleteApp,
    list: listApps,
    self: currentUser,
  },
  printerColumns: [
    { name: "State", type: "string", jsonPath: ".status.state" },
    { name: "App", type: "string", jsonPath: ".status.app_state" },
    ...commonColumns,
    { name: "URL", type: "string", jsonPath: ".status.url", priority: 1 },
  ],
  rules: [
    {
      at: ["app"],
      rule: "!has(self.name) || self.name.matches('^[a-z0-9-]{2,30}$')",
      message: "name has 2 to 30 lower-case letters, digits and hyphens",
    },
    {
      at: ["app"],
      rule: "has(self.compute_min_instances) == has(self.compute_max_instances)",
      message: "compute_min_instances and compute_max_instances are set together",
    },
    {
      at: ["app", "resources"],
      rule: `self.all(r, [${THINGS.map((thing) => `has(r.${thing})`).join(", ")}].filter(x, x).size() <= 1)`,
      message: "each of resources is one thing: give another one a name of its own",
    },
    ...deploymentRules,
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ name = "" }) => name,
  desired: ({ app }, { name }) => ({ name, ...app }),
  validate: ({ app: { deployment } }) => deploymentIssues(deployment),
  comparable: (app) => ({ ...app, ...app.coming, ...lifecycleOf(app), ...deploymentOf(app) }),
  stamp: stampOf,
  state: appState,
  show: showApp,
  isRunning: runs,
  dangers: {
    costs: "its compute while it runs: it never stops by itself, and lifecycle.started: false stops it",
    costlyFields: [...INSTANCES, "compute_size", "lifecycle"],
  },
  made: madeBy,
  displayName: ({ name }) => name,
  url: (host, name) => `${host}/apps/${name}`,
  examples: [{
    title: "An app that runs, with its code and its resources",
    needs: { calls: [folder("/Workspace/Shared/orders/v1"), folder("/Workspace/Shared/orders/v2")] },
    spec: {
      app: {
        name: "orders",
        description: "Orders of the day",
        resources: [{ name: "warehouse", sql_warehouse: { id: "a1b2c3d4e5f60708", permission: "CAN_USE" } }],
        deployment: {
          source_code_path: "/Workspace/Shared/orders/v1",
          env_vars: [{ name: "WAREHOUSE_ID", value_from: "warehouse" }],
        },
        lifecycle: { started: true },
      },
    },
    edited: {
      app: {
        name: "orders",
        description: "Orders of the day and the week",
        compute_size: "LARGE",
        resources: [
          { name: "warehouse", sql_warehouse: { id: "a1b2c3d4e5f60708", permission: "CAN_MANAGE" } },
          { name: "key", secret: { scope: "shop", key: "api", permission: "READ" } },
        ],
        user_api_scopes: ["sql"],
        deployment: { source_code_path: "/Workspace/Shared/orders/v2", command: ["python", "app.py"] },
        lifecycle: { started: true },
      },
    },
  }, {
    title: "An app that is kept stopped, with code from a repository",
    spec: {
      app: {
        name: "trial",
        git_repository: { url: "https://github.com/example/trial", provider: "gitHub" },
        deployment: { git_source: { tag: "v1.0.0" } },
        lifecycle: { started: false },
      },
    },
    edited: {
      app: {
        name: "trial",
        git_repository: { url: "https://github.com/example/trial", provider: "gitHub" },
        deployment: { git_source: { tag: "v1.1.0" } },
        lifecycle: { started: true },
      },
    },
  }],
});

/** The declaration of kind DatabricksApp. */
export const databricksApp: Resource = withPermissions(app, { type: "apps" });

function folder(path: string) {
  return { line: "POST /api/2.0/workspace/mkdirs", body: { path } };
}
