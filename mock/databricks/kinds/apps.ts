/**
 * The apps of one workspace (Apps API 2.0): compute, updates, deployments and deletions follow the workspace's clock.
 *
 * The behaviour follows databricks/cli (libs/testserver/apps.go and its acceptance tests): a stop clears both
 * deployments, a start deploys the last code again, values of environment variables are masked, and a deleted app still
 * exists for a while.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, ApiError, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { AppDeployments } from "./app_deployments.ts";
import { Clocked } from "./clocked.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type Compute = "STOPPED" | "STARTING" | "ACTIVE" | "STOPPING" | "UPDATING" | "DELETING" | "GONE" | "ERROR";
type Update = "NOT_UPDATED" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED";

/** The fields that an update can change (databricks/cli: dresources/app.go). */
const FIELDS = [
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
];
const SIZE = ["compute_size", "compute_min_instances", "compute_max_instances"];
const DEFAULTS: Fields = { compute_size: "MEDIUM" };
const PAGE = 20;

interface App {
  readonly name: string;
  readonly number: number;
  readonly space: unknown;
  readonly created: number;
  readonly compute: Clocked<Compute>;
  readonly update: Clocked<Update>;
  readonly deployments: AppDeployments;
  fields: Fields;
  /** The fields of an update in progress. */
  coming: Fields | undefined;
  changed: number;
  broken: string | undefined;
  crashed: string | undefined;
}

/** The apps of one workspace. */
export class Apps {
  readonly #context: KindContext;
  readonly #items = new Map<string, App>();
  /** True: an app's own answer hides failed deployments; only their list shows them. */
  hidesFailed = false;
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
  }

  /** Adds an app and returns its name; without compute, it is stopped. */
  add({ name, space, ...fields }: Fields, { noCompute = false }: { noCompute?: boolean } = {}): string {
    if (typeof name !== "string" || !/^[a-z0-9-]{2,30}$/.test(name)) {
      throw invalid("App name must contain only lowercase alphanumeric characters and hyphens, 2 to 30 of them");
    }
    if (this.#find(name) !== undefined) throw alreadyExists(`An app with the same name already exists: ${name}`, 409);
    const { now } = this.#context;
    const app: App = {
      name,
      space,
      number: ++this.#count,
      created: now(),
      changed: now(),
      compute: new Clocked<Compute>(now, "STOPPED"),
      update: new Clocked<Update>(now, "NOT_UPDATED"),
      deployments: new AppDeployments(this.#context),
      fields: { ...DEFAULTS, ...pick(fields, FIELDS) },
      coming: undefined,
      broken: undefined,
      crashed: undefined,
    };
    this.#items.set(name, app);
    if (!noCompute) this.#start(app, `/Workspace/Users/${this.#context.user}/${name}`);
    return name;
  }

  /** Changes fields of an app, as a person does in the web application. */
  edit(name: string, fields: Fields): void {
    const app = this.#require(name);
    app.fields = { ...app.fields, ...pick(fields, FIELDS) };
    app.changed = this.#context.now();
  }

  /** Deploys code, as a person does. */
  deploy(name: string, deployment: Fields): void {
    this.#deploy(this.#require(name), deployment);
  }

  /** Starts an app, as a person does. */
  start(name: string): void {
    this.#start(this.#require(name));
  }

  /** Stops an app, as a person does. */
  stop(name: string): void {
    this.#stop(this.#require(name));
  }

  /** Sets the state of an app's compute. */
  set(name: string, state: Compute): void {
    this.#require(name).compute.set(state);
  }

  /** Makes further deployments of an app fail with a message; `undefined` ends that. */
  breaks(name: string, message: string | undefined): void {
    this.#require(name).broken = message;
  }

  /** Makes an app crash; a deployment repairs it. */
  crash(name: string, message: string): void {
    this.#require(name).crashed = message;
  }

  /** Deletes an app at once. */
  remove(name: string): void {
    this.#items.delete(name);
  }

  /** An app as a get returns it; `undefined` if there is none. */
  get(name: string): Fields | undefined {
    const app = this.#find(name);
    return app && this.#told(app);
  }

  all(): Fields[] {
    return this.#there().map((app) => this.#told(app));
  }

  /** The creator of an app; `undefined` if there is none. */
  creator(name: string): string | undefined {
    return this.#find(name) && this.#context.user;
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/apps";
    const of = ({ params }: Call) => this.#require(params.name ?? "");
    return [
      endpoint("get", path, (call) => this.#list(call)),
      endpoint("post", path, ({ body, query }) => this.get(this.add(body, { noCompute: query.flag("no_compute") }))),
      endpoint("get", `${path}/:name`, (call) => this.#told(of(call))),
      endpoint("delete", `${path}/:name`, (call) => this.#delete(of(call))),
      endpoint("post", `${path}/:name/start`, (call) => this.#asked(of(call), "start")),
      endpoint("post", `${path}/:name/stop`, (call) => this.#asked(of(call), "stop")),
      endpoint("post", `${path}/:name/update`, (call) => this.#update(of(call), call.body)),
      endpoint("get", `${path}/:name/update`, (call) => this.#updateOf(of(call))),
      endpoint("post", `${path}/:name/deployments`, (call) => this.#deploy(of(call), call.body)),
      endpoint("get", `${path}/:name/deployments`, (call) => this.#deployments(of(call), call)),
      endpoint("get", `${path}/:name/deployments/:id`, (call) => of(call).deployments.get(call.params.id ?? "")),
    ];
  }

  #there(): App[] {
    return [...this.#items.values()].filter(({ name }) => this.#find(name) !== undefined);
  }

  #find(name: string): App | undefined {
    const app = this.#items.get(name);
    if (app?.compute.state !== "GONE") return app;
    this.#items.delete(name);
    return undefined;
  }

  #require(name: string): App {
    const app = this.#find(name);
    if (app === undefined) throw notFound(`App with name ${name} does not exist or is deleted.`);
    if (app.coming !== undefined && app.update.state === "SUCCEEDED") this.#settle(app);
    return app;
  }

  #settle(app: App): void {
    app.fields = withoutUndefined({ ...app.fields, ...app.coming });
    app.coming = undefined;
    app.changed = this.#context.now();
  }

  #start(app: App, source?: string): void {
    if (!["STOPPED", "ERROR"].includes(app.compute.state)) return;
    const { startMs } = this.#context;
    app.compute.pass("STARTING", { ms: startMs, to: "ACTIVE" });
    app.deployments.again({ source, ms: 2 * startMs, broken: app.broken });
  }

  #stop(app: App): void {
    if (app.compute.state === "STOPPED") return;
    app.deployments.clear();
    app.compute.pass("STOPPING", { ms: this.#context.startMs, to: "STOPPED" });
  }

  #asked(app: App, what: "start" | "stop"): Fields {
    refuseUnfinished(app, what);
    if (what === "start") this.#start(app);
    else this.#stop(app);
    return this.#told(app);
  }

  #delete(app: App): Fields {
    refuseUnfinished(app, "delete");
    app.compute.pass("DELETING", { ms: this.#context.startMs, to: "GONE" });
    return this.#told(app);
  }

  /** A field that is in the mask but not in the app is reset to its default (databricks/cli#6400). */
  #update(app: App, { app: asked = {}, update_mask = "" }: Fields): Fields {
    refuseUnfinished(app, "update");
    if (app.update.state === "IN_PROGRESS") throw refused(`Cannot update app ${app.name}: an update is in progress`);
    const fields = String(update_mask).split(",");
    const unknown = fields.filter((field) => !FIELDS.includes(field));
    if (unknown.length > 0) throw invalid(`Invalid update mask: ${unknown.join(", ")}`);
    app.coming = Object.fromEntries(fields.map((field) => [field, (asked as Fields)[field] ?? DEFAULTS[field]]));
    const { startMs } = this.#context;
    app.update.pass("IN_PROGRESS", { ms: startMs, to: app.broken === undefined ? "SUCCEEDED" : "FAILED" });
    const isResized = fields.some((field) => SIZE.includes(field));
    if (isResized && app.compute.state === "ACTIVE") app.compute.pass("UPDATING", { ms: startMs, to: "ACTIVE" });
    return this.#updateOf(this.#require(app.name));
  }

  #updateOf({ name, fields, coming, update, broken }: App): Fields {
    const { state } = update;
    const message = state === "FAILED" ? broken ?? "" : "";
    return { ...pick(this.#items.get(name)?.fields ?? fields, FIELDS), ...coming, status: { state, message } };
  }

  #deploy(app: App, body: Fields): Fields {
    const { state } = app.compute;
    if (state !== "ACTIVE") throw refused(`Cannot deploy app ${app.name} as it is not in RUNNING state: ${state}`);
    if (app.deployments.isUnderWay()) {
      throw refused(`Cannot deploy app ${app.name} as there is an active deployment in progress.`);
    }
    app.crashed = undefined;
    return app.deployments.add(body, { ms: this.#context.startMs, broken: app.broken });
  }

  #deployments({ deployments }: App, { query }: Call): Fields {
    const { doubts } = this.#context;
    const numberOf = ({ number }: { number: number }) => String(number);
    const page = paginate(deployments.all().sort(byFallingId(numberOf)), {
      limit: query.integer("page_size") ?? PAGE,
      token: query.text("page_token"),
      doubts,
    }, numberOf);
    const list = listAnswer("app_deployments", page.items.map(({ told }) => told), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #list({ query }: Call): Fields {
    const { doubts } = this.#context;
    const numberOf = ({ number }: App) => String(number);
    const rows = this.#there().sort(byFallingId(numberOf));
    const limit = query.integer("page_size") ?? PAGE;
    const page = paginate(rows, { limit, token: query.text("page_token"), doubts }, numberOf);
    const list = listAnswer("apps", page.items.map((app) => this.#told(app)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #told({ name, number, ...seen }: App): Fields {
    const app = this.#require(name);
    const { compute: { state }, deployments } = app;
    const { user } = this.#context;
    const at = (ms: number) => new Date(ms).toISOString();
    return {
      name,
      ...app.fields,
      ...(app.space === undefined ? {} : { space: app.space }),
      ...deployments.told(this.hidesFailed),
      app_status: appStatus(app),
      compute_status: { state, message: `App compute is ${state.toLowerCase()}.` },
      create_time: at(seen.created),
      creator: user,
      forward_user_access_token: true,
      id: `00000000-0000-4000-b000-${String(number).padStart(12, "0")}`,
      service_principal_client_id: `00000000-0000-4000-c000-${String(number).padStart(12, "0")}`,
      service_principal_id: 7_000_000_000 + number,
      service_principal_name: `app-${name}`,
      update_time: at(app.changed),
      updater: user,
      url: `https://${name}-123.cloud.databricksapps.com`,
    };
  }
}

/** Refuses calls while the app changes its state (the message is the cloud's answer to a second deletion). */
function refuseUnfinished({ name, compute: { state } }: App, what: string): void {
  if (!["STARTING", "STOPPING", "UPDATING", "DELETING"].includes(state)) return;
  throw refused(
    `Cannot ${what} app ${name} as it is not terminal with state ${state}, and was updated less than 20 minutes ago. ` +
      "Please wait before trying again.",
  );
}

function refused(message: string): ApiError {
  return new ApiError(400, "BAD_REQUEST", message);
}

function appStatus({ compute, deployments, crashed }: App): Fields {
  if (compute.state !== "ACTIVE") return { state: "UNAVAILABLE", message: "App status is unavailable." };
  if (crashed !== undefined) return { state: "CRASHED", message: crashed };
  if (deployments.isUnderWay()) return { state: "DEPLOYING", message: "App is being deployed." };
  return deployments.isActive()
    ? { state: "RUNNING", message: "App has status: App is running" }
    : { state: "UNAVAILABLE", message: "App status is unavailable." };
}

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
