/**
 * The SQL warehouses of one workspace (SQL Warehouses API 2.0). A new warehouse starts, and its states follow the
 * workspace's clock.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, ApiError, invalid } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { inOrder } from "../paging.ts";
import { Clocked } from "./clocked.ts";
import { Collection, pick } from "./collection.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type State = "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "DELETING" | "DELETED";

/** The fields that create and edit accept (SDK 0.162: sql.WarehousesAPI.create). */
const FIELDS = [
  "name",
  "auto_stop_mins",
  "channel",
  "cluster_size",
  "creator_name",
  "enable_photon",
  "enable_serverless_compute",
  "instance_profile_arn",
  "max_num_clusters",
  "min_num_clusters",
  "spot_instance_policy",
  "tags",
  "warehouse_type",
];

/** The defaults (the SDK's docstrings). */
const DEFAULTS: Fields = {
  auto_stop_mins: 120,
  cluster_size: "X-Large",
  enable_photon: true,
  enable_serverless_compute: false,
  max_num_clusters: 1,
  min_num_clusters: 1,
  spot_instance_policy: "COST_OPTIMIZED",
  warehouse_type: "CLASSIC",
};

/** The SQL warehouses of one workspace. */
export class SqlWarehouses {
  readonly #context: KindContext;
  readonly #items: Collection;
  readonly #states = new Map<string, Clocked<State>>();
  /** Warehouses that fail to start, with Databricks' message about it. */
  readonly #broken = new Map<string, string>();
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
    this.#items = new Collection({
      noun: "SQL warehouse",
      id: "id",
      name: "name",
      newId: () => (0xa1b2_0000_0000 + this.#count++).toString(16).padStart(16, "0"),
      taken: (message) =>
        context.doubts.warehouseNameTaken === "RESOURCE_ALREADY_EXISTS" ? alreadyExists(message) : invalid(message),
    });
  }

  /** Adds a warehouse, which starts, and returns its id. */
  add(fields: Fields): string {
    const id = this.#items.add({ ...DEFAULTS, ...pick(fields, FIELDS), creator_name: this.#context.user });
    this.#states.set(id, new Clocked<State>(this.#context.now, "STOPPED"));
    this.#start(id);
    return id;
  }

  /** Changes fields of a warehouse, as a person does in the web application; its state stays. */
  edit(id: string, fields: Fields): void {
    this.#items.edit(id, fields);
  }

  /** Deletes a warehouse, as a person does in the web application. */
  remove(id: string): void {
    this.#delete(id);
  }

  /** Stops a warehouse, as auto-stop does. */
  stop(id: string): void {
    this.#state(id).set("STOPPED");
  }

  /** Starts a warehouse, as a query does. */
  start(id: string): void {
    this.#start(id);
  }

  /** Makes further starts of a warehouse fail with a message; `undefined` ends that. */
  breaks(id: string, message: string | undefined): void {
    if (message === undefined) this.#broken.delete(id);
    else this.#broken.set(id, message);
  }

  /** A warehouse as a get returns it; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    const state = this.#states.get(id)?.state;
    const fields = this.#items.get(id);
    if (fields === undefined || state === undefined || state === "DELETED") return undefined;
    return { ...fields, ...this.#told(id, state) };
  }

  all(): Fields[] {
    return this.#items.all().map(({ id }) => this.get(String(id))).filter((fields) => fields !== undefined);
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/sql/warehouses";
    const idOf = ({ params }: Call) => params.id ?? "";
    const rows = () => inOrder(this.all(), this.#context.doubts, (warehouse) => String(warehouse.id));
    return [
      endpoint("get", path, () => listAnswer("warehouses", rows(), this.#context.doubts)),
      endpoint("post", path, ({ body }) => ({ id: this.add(checked(body)) })),
      endpoint("get", `${path}/:id`, (call) => this.#require(idOf(call))),
      endpoint("delete", `${path}/:id`, (call) => this.#delete(idOf(call))),
      endpoint("post", `${path}/:id/edit`, (call) => this.#edit(idOf(call), checked(call.body))),
      endpoint("post", `${path}/:id/start`, (call) => this.#asked(idOf(call), "start")),
      endpoint("post", `${path}/:id/stop`, (call) => this.#asked(idOf(call), "stop")),
    ];
  }

  #state(id: string): Clocked<State> {
    this.#items.require(id);
    return this.#states.get(id) as Clocked<State>;
  }

  #told(id: string, state: State): Fields {
    const host = "mock.cloud.databricks.com";
    const why = state === "STOPPED" ? this.#broken.get(id) : undefined;
    return {
      state,
      num_clusters: state === "RUNNING" ? 1 : 0,
      num_active_sessions: 0,
      jdbc_url: `jdbc:spark://${host}:443/default;httpPath=/sql/1.0/warehouses/${id}`,
      odbc_params: { hostname: host, path: `/sql/1.0/warehouses/${id}`, port: 443, protocol: "https" },
      health: why === undefined ? { status: "HEALTHY" } : { status: "FAILED", summary: why, message: why },
    };
  }

  #require(id: string): Fields {
    const known = this.get(id);
    if (known !== undefined) return known;
    const wasThere = this.#items.get(id);
    if (wasThere !== undefined && this.#context.doubts.deletedWarehouse === "state DELETED") {
      return { ...wasThere, state: "DELETED" };
    }
    this.#items.remove(id);
    return this.#items.require(id);
  }

  /** Refuses a call while the warehouse changes its state, or if it is deleted. */
  #refuseBusy(id: string): void {
    this.#require(id);
    const { state } = this.#state(id);
    const isBusy = state === "STARTING" || state === "STOPPING";
    if (
      state === "DELETING" || state === "DELETED" || (isBusy && this.#context.doubts.busyWarehouse === "INVALID_STATE")
    ) {
      throw new ApiError(400, "INVALID_STATE", `Warehouse ${id} is in state ${state}`);
    }
  }

  #edit(id: string, body: Fields): void {
    this.#refuseBusy(id);
    const { omittedByWarehouseEdit, warehouseEdit } = this.#context.doubts;
    const before = omittedByWarehouseEdit === "reset" ? DEFAULTS : this.#items.require(id);
    const { creator_name } = this.#items.require(id);
    this.#items.replace(id, { ...before, ...pick(body, FIELDS), creator_name });
    if (warehouseEdit === "starts it") this.#start(id);
  }

  #asked(id: string, what: "start" | "stop"): void {
    this.#refuseBusy(id);
    if (what === "start") return this.#start(id);
    if (this.#state(id).state === "STOPPED") return;
    this.#state(id).pass("STOPPING", { ms: this.#context.startMs, to: "STOPPED" });
  }

  #start(id: string): void {
    if (this.#state(id).state === "RUNNING") return;
    this.#state(id).pass("STARTING", { ms: this.#context.startMs, to: this.#broken.has(id) ? "STOPPED" : "RUNNING" });
  }

  #delete(id: string): void {
    this.#require(id);
    const { state } = this.#state(id);
    if (state === "DELETED") return;
    if (state === "DELETING") throw new ApiError(400, "INVALID_STATE", `Warehouse ${id} is in state ${state}`);
    this.#items.edit(id, { name: `deleted ${id}` });
    this.#state(id).pass("DELETING", { ms: this.#context.startMs, to: "DELETED" });
  }
}

/** 0 means never. The minimum is 10 according to the docstring, but 1 according to other parts of the API reference. */
function checked(body: Fields): Fields {
  const { auto_stop_mins: minutes } = body;
  if (typeof minutes === "number" && minutes < 0) throw invalid("auto_stop_mins must be 0 or more");
  return body;
}
