/**
 * The calls about apps, and what they do in which state.
 *
 * @module
 */
import { AlreadyExistsError, PermissionDeniedError, PostponedError } from "../../databricks/errors.ts";
import type { App, AppDeployment } from "../../databricks/types.ts";
import {
  endpoint,
  type External,
  type Intent,
  type Quirk,
  type Step,
  topField,
  topFields,
  type Workspace,
} from "../../resource.ts";
import {
  type Deployment,
  deploymentOf,
  isDeployment,
  isPartlyUntold,
  isUnderWay,
  newestIn,
  newestOf,
  runs,
  sentDeployment,
  timeOf,
  wasDeployed,
} from "./app_deployments.ts";
import type { ObservedApp } from "./app_state.ts";
import { busy, taken } from "./compute_quirks.ts";
import { lifecycleSteps } from "./lifecycle.ts";
import { holdsAll } from "./serving_config.ts";

const unfinished: Quirk = {
  why:
    "The Apps API says 400 while an app starts, stops, is deployed or deleted (databricks/cli: libs/testserver/apps.go)",
  status: 400,
  message: /not terminal with state|not in \w+ state|in progress|wait before trying again/i,
  means: "busy",
};

const resourceMissing: Quirk = {
  why: "An app names jobs, warehouses and other things that it may use",
  code: /^(RESOURCE_DOES_NOT_EXIST|NOT_FOUND)$/,
  means: "parent",
  remedy: "create what spec.app.resources names, or correct spec.app.resources; the operator tries again",
};

const noSource: Quirk = {
  why: "A deployment of missing code would fail, and Databricks does not retry it",
  code: /^(RESOURCE_DOES_NOT_EXIST|NOT_FOUND)$/,
  means: "parent",
  remedy: "create the folder, or correct spec.app.deployment.source_code_path; the operator tries again",
};

const path = "/api/2.0/apps";
const errors = [unfinished, busy];

/** The endpoints of the Apps API, and the one that tells whether there is code to deploy. */
export const endpoints = {
  get: endpoint(`GET ${path}/{name}`),
  list: endpoint(`GET ${path}`, { items: "apps" }),
  create: endpoint(`POST ${path}`, { query: ["no_compute"], errors: [...errors, taken, resourceMissing] }),
  // The older PATCH refuses compute_size, changed or not (terraform-provider-databricks#5944), and clears what it omits.
  update: endpoint(`POST ${path}/{app_name}/update`, {
    repeatable: true,
    wrap: "app",
    beside: ["update_mask"],
    errors: [...errors],
  }),
  getUpdate: endpoint(`GET ${path}/{app_name}/update`),
  start: endpoint(`POST ${path}/{name}/start`, { repeatable: true, errors }),
  stop: endpoint(`POST ${path}/{name}/stop`, { repeatable: true, errors }),
  deploy: endpoint(`POST ${path}/{app_name}/deployments`, { errors }),
  listDeployments: endpoint(`GET ${path}/{app_name}/deployments`, { items: "app_deployments" }),
  status: endpoint("GET /api/2.0/workspace/get-status", { errors: [noSource] }),
  delete: endpoint(`DELETE ${path}/{name}`, { errors }),
};

/** The fields that an update sets. */
export const UPDATED = [
  "budget_policy_id",
  "compute_max_instances",
  "compute_min_instances",
  "compute_size",
  "description",
  "git_repository",
  "resources",
  "telemetry_export_destinations",
  "usage_policy_id",
  "user_api_scopes",
] as const;

/** Two fields that are set together. */
export const INSTANCES: readonly string[] = ["compute_min_instances", "compute_max_instances"];

/** Fields that only a create sets. */
export const FIXED: readonly string[] = ["name", "space"];

/** The part of a manifest that the calls need. */
export interface DesiredApp {
  readonly [field: string]: unknown;
  readonly name?: string | undefined;
  readonly deployment?: Deployment | undefined;
  readonly lifecycle?: { readonly started?: boolean | undefined } | undefined;
}

type Desired = Intent<DesiredApp>;

/** True for an app that is being deleted. Its name is free when it is gone. */
export function isGoing({ compute_status }: Pick<App, "compute_status">): boolean {
  return compute_status?.state === "DELETING";
}

/** Whether the compute of an app is on, for comparison; `null` for one that is being deleted, where nothing is asked. */
export function lifecycleOf(app: ObservedApp): Record<string, unknown> {
  if (app.compute_status?.state === undefined) return {};
  return { lifecycle: isGoing(app) ? null : { started: isOn(app) } };
}

function isOn(app: ObservedApp): boolean {
  return runs(app) || app.compute_status?.state === "STARTING";
}

/** An app, as its get answers. */
export function getApp(workspace: Workspace, name: string): Promise<ObservedApp | undefined> {
  return workspace.tryCall(endpoints.get, { name }) as Promise<ObservedApp | undefined>;
}

/**
 * An app. Where it is not as it is asked for, its last update and its last deployment are read as well: either may be under way,
 * or have failed, and the app itself need not tell.
 */
export async function observeApp(
  workspace: Workspace,
  name: string,
  intent?: Desired,
): Promise<ObservedApp | undefined> {
  const app = await getApp(workspace, name);
  if (app === undefined || intent === undefined || isGoing(app)) return app;
  const { desired } = intent;
  return { ...app, ...await updateOf(workspace, app, desired), ...await deploymentBeside(workspace, app, desired) };
}

/** What an update brings, or has failed to bring: to ask for it once more would be refused, or fail again. */
async function updateOf(
  workspace: Workspace,
  app: ObservedApp,
  desired: DesiredApp,
): Promise<Pick<ObservedApp, "coming" | "last_update">> {
  if (UPDATED.every((field) => isHeld(desired[field], app[field]))) return {};
  const update = await workspace.tryCall(endpoints.getUpdate, { app_name: app.name });
  const last_update = update?.status as ObservedApp["last_update"];
  if (update === undefined || !["IN_PROGRESS", "FAILED"].includes(last_update?.state ?? "")) return {};
  const fields = UPDATED.filter((field) => update[field] !== undefined);
  return { coming: Object.fromEntries(fields.map((field) => [field, update[field]])), last_update };
}

function isHeld(asked: unknown, held: unknown): boolean {
  if (asked === undefined) return true;
  if (typeof asked === "string" && typeof held === "string") return asked.toLowerCase() === held.toLowerCase();
  if (Array.isArray(asked) && Array.isArray(held) && asked.every((one) => typeof one === "string")) {
    return asked.length === held.length && asked.every((one) => held.includes(one));
  }
  if (isRepository(asked)) return asked.url === (held as { url?: unknown } | undefined)?.url;
  return holdsAll(asked, held);
}

/** A repository comes back in another spelling, and without the credential. */
function isRepository(asked: unknown): asked is { readonly url: string } {
  return typeof asked === "object" && asked !== null && "url" in asked;
}

/** The newest deployment in the list, where neither of those that the app tells of is the one that is asked for. */
async function deploymentBeside(
  workspace: Workspace,
  app: ObservedApp,
  { deployment }: DesiredApp,
): Promise<Pick<ObservedApp, "last_deployment">> {
  if (deployment === undefined || !runs(app) || isUnderWay(newestOf(app))) return {};
  if (isDeployment(deployment, deploymentOf(app).deployment)) return {};
  for await (const page of workspace.pages(endpoints.listDeployments, { app_name: app.name })) {
    const last_deployment = newestIn(page as AppDeployment[]);
    if (last_deployment !== undefined) return { last_deployment };
  }
  return {};
}

/** All apps. What is asked for beside an app is kept while its row stays as it was. */
export async function* listApps(workspace: Workspace): AsyncIterable<External<ObservedApp>[]> {
  for await (const page of workspace.pages(endpoints.list)) {
    yield (page as ObservedApp[]).map((observed) => ({ id: String(observed.name), observed, partial: true }));
  }
}

/** Changes when anything of an app changes, but for counts and messages. */
export function stampOf(app: ObservedApp): string {
  const { active_deployment, pending_deployment, compute_status, app_status, default_source_code_path } = app;
  const deployments = [active_deployment, pending_deployment].map((one) => [one?.deployment_id, one?.status?.state]);
  const states = [compute_status?.state, app_status?.state, app.update_time, default_source_code_path];
  return JSON.stringify([...states, deployments, ...UPDATED.map((field) => app[field])], asText);
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/**
 * Makes an app without compute: what is to run is started by a call of its own.
 *
 * @throws {PostponedError} while an app of that name is being deleted.
 */
export async function createApp(workspace: Workspace, { desired }: Desired): Promise<string> {
  const { deployment: _later, lifecycle: _too, ...settings } = desired;
  try {
    return String((await workspace.call(endpoints.create, { ...settings, no_compute: true })).name);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    const there = await getApp(workspace, settings.name ?? "");
    if (there !== undefined && !isGoing(there)) throw error;
    throw new PostponedError(
      "an app of that name is being deleted in Databricks, and its name is free when that is gone",
    );
  }
}

/** Deletes an app, unless that is under way: a second call would be refused. */
export async function deleteApp(workspace: Workspace, name: string): Promise<void> {
  const app = await getApp(workspace, name);
  if (app !== undefined && !isGoing(app)) await workspace.tryCall(endpoints.delete, { name });
}

/** The calls of an update: what is edited, whether it runs, and what is deployed in it. */
export function appSteps(intent: Desired): Step[] {
  const { desired: { deployment, lifecycle }, changes } = intent;
  const others = changes.filter((path) => topField(path) !== "deployment");
  const deployed = changes.filter((path) => topField(path) === "deployment");
  const isStarted = lifecycle?.started === true && others.some((path) => topField(path) === "lifecycle");
  const steps = lifecycleSteps({ ...intent, changes: others }, {
    edit: (workspace, name, edits) => edit(workspace, name, { intent, edits }),
    turn,
  });
  if (deployment === undefined || (deployed.length === 0 && !isStarted)) return steps;
  const isAsked = deployed.length > 0;
  return [...steps, {
    changes: isAsked ? deployed : ["deployment"],
    run: (workspace, name) => deploy(workspace, name, { intent, deployment, isAsked }),
  }];
}

async function edit(
  workspace: Workspace,
  app_name: string,
  { intent: { desired }, edits }: { readonly intent: Desired; readonly edits: readonly string[] },
): Promise<void> {
  const changed = topFields(edits).filter((field) => !FIXED.includes(field));
  const together = changed.some((field) => INSTANCES.includes(field)) ? INSTANCES : [];
  const fields = [...new Set([...changed, ...together])];
  if (fields.length === 0) return;
  const values = Object.fromEntries(fields.map((field) => [field, desired[field]]));
  // What the mask names and the app lacks goes back to its default (databricks/cli#6400): it names no more than changed.
  await workspace.call(endpoints.update, { ...values, app_name, name: app_name, update_mask: fields.join(",") });
}

/** Starts or stops it, unless it does so already. */
async function turn(workspace: Workspace, name: string, isWanted: boolean): Promise<void> {
  const app = await getApp(workspace, name);
  if (app === undefined || isGoing(app) || isOn(app) === isWanted) return;
  await workspace.call(isWanted ? endpoints.start : endpoints.stop, { name });
}

interface Deploying {
  readonly intent: Desired;
  readonly deployment: Deployment;
  /** True where the deployment itself is to change, and not only what it runs on. */
  readonly isAsked: boolean;
}

/**
 * Deploys code, unless that is so already. On what is stopped nothing can be deployed: the first deployment follows a start.
 *
 * @throws {PostponedError} while the app starts, is stopped, or another deployment is under way.
 */
async function deploy(workspace: Workspace, name: string, { intent, deployment, isAsked }: Deploying): Promise<void> {
  const app = await observeApp(workspace, name, intent);
  if (app === undefined || isGoing(app)) return;
  if (!runs(app)) return awaitCompute(app, isAsked);
  const isSo = isDeployment(deployment, deploymentOf(app).deployment);
  if (isSo && !(isAsked && isPartlyUntold(deployment))) return;
  if (isUnderWay(newestOf(app))) throw new PostponedError("another deployment is under way, and this one follows it");
  if (deployment.source_code_path !== undefined) await requireSource(workspace, deployment.source_code_path);
  await workspace.call(endpoints.deploy, { ...sentDeployment(deployment), app_name: name });
}

function awaitCompute(app: ObservedApp, isAsked: boolean): void {
  if (app.compute_status?.state === "STARTING" && (isAsked || !wasDeployed(app))) {
    throw new PostponedError("it is starting, and its code is deployed as soon as its compute runs");
  }
  if (isAsked && wasDeployed(app)) {
    throw new PostponedError("it does not run: the code is deployed when it is started (spec.app.lifecycle.started)");
  }
}

async function requireSource(workspace: Workspace, path: string): Promise<void> {
  try {
    await workspace.call(endpoints.status, { path });
  } catch (error) {
    // The app has to be able to read it, not we.
    if (!(error instanceof PermissionDeniedError)) throw error;
  }
}

/** Who made an app, and when (ms since the epoch). */
export function madeBy({ creator: by, create_time }: App) {
  return { by, at: timeOf({ create_time }) };
}
