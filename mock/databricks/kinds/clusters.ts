/**
 * The all-purpose clusters of one workspace (Clusters API 2.1). A new cluster starts, its states follow the workspace's
 * clock, and a terminated cluster stays until it is deleted permanently.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { ApiError, invalid } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { spell } from "../job_spelling.ts";
import { paginate } from "../paging.ts";
import { Clocked } from "./clocked.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type State = "PENDING" | "RUNNING" | "RESTARTING" | "RESIZING" | "TERMINATING" | "TERMINATED";
interface Cluster {
  readonly id: string;
  readonly number: number;
  readonly creator: string;
  readonly state: Clocked<State>;
  asked: Fields;
  startedAt: number;
  /** The reason for its termination. */
  reason: Fields | undefined;
  /** The error with which further starts fail. */
  breaks: string | undefined;
}

/** Fields about the call or about another cluster, which answers omit. */
const UNTOLD = ["cluster_id", "clone_from", "idempotency_token"];
/** The defaults (terraform-provider-databricks and databricks/cli ignore these when they compare). */
const DEFAULTS: Fields = {
  enable_elastic_disk: false,
  enable_local_disk_encryption: false,
  autotermination_minutes: 0,
};

/** The clusters of one workspace. */
export class Clusters {
  readonly #context: KindContext;
  readonly #items = new Map<string, Cluster>();
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
  }

  /** Adds a cluster, which starts, and returns its id. */
  add(asked: Fields, creator: string = this.#context.user): string {
    const { now } = this.#context;
    const number = ++this.#count;
    const id = `1128-091400-${number.toString(36).padStart(8, "x")}`;
    const state = new Clocked<State>(now, "TERMINATED");
    const cluster: Cluster = {
      id,
      number,
      creator,
      state,
      asked: kept(asked),
      startedAt: now(),
      reason: undefined,
      breaks: undefined,
    };
    this.#items.set(id, cluster);
    this.#start(cluster, "PENDING");
    return id;
  }

  /** Changes settings of a cluster, as a person does in the web application; its state stays. */
  edit(id: string, settings: Fields): void {
    const cluster = this.#require(id);
    cluster.asked = { ...cluster.asked, ...settings };
  }

  /** Terminates a cluster, as inactivity does. */
  idle(id: string): void {
    this.#terminate(this.#require(id), { code: "INACTIVITY", type: "SUCCESS" });
  }

  /** Starts a cluster, as a notebook does. */
  start(id: string): void {
    this.#start(this.#require(id), "PENDING");
  }

  /** Makes further starts of a cluster fail with a message; `undefined` ends that. */
  breaks(id: string, message: string | undefined): void {
    this.#require(id).breaks = message;
  }

  /** A cluster as a get returns it; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    const cluster = this.#items.get(id);
    return cluster && this.#told(cluster);
  }

  all(): Fields[] {
    return [...this.#items.values()].map((cluster) => this.#told(cluster));
  }

  remove(id: string): void {
    this.#items.delete(id);
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.1/clusters";
    const of = ({ query, body }: Call) => this.#require(String(query.text("cluster_id") ?? body.cluster_id ?? ""));
    return [
      endpoint("get", `${path}/get`, (call) => this.#told(of(call))),
      endpoint("get", `${path}/list`, (call) => this.#list(call)),
      endpoint("post", `${path}/create`, ({ body }) => ({ cluster_id: this.add(checked(body)) })),
      endpoint("post", `${path}/edit`, (call) => this.#edit(of(call), checked(call.body))),
      endpoint("post", `${path}/resize`, (call) => this.#resize(of(call), call.body)),
      endpoint("post", `${path}/start`, (call) => {
        refuseUnless(of(call), "TERMINATED");
        this.#start(of(call), "PENDING");
      }),
      endpoint(
        "post",
        `${path}/delete`,
        (call) => this.#terminate(of(call), { code: "USER_REQUEST", type: "SUCCESS" }),
      ),
      endpoint("post", `${path}/permanent-delete`, (call) => this.remove(of(call).id)),
    ];
  }

  #require(id: string): Cluster {
    const cluster = this.#items.get(id);
    if (cluster !== undefined) return cluster;
    if (this.#context.doubts.missingCluster === "INVALID_PARAMETER_VALUE") {
      throw invalid(`Cluster ${id} does not exist`);
    }
    const why = `Cannot access cluster ${id} that was terminated or unpinned more than 30 days ago`;
    throw new ApiError(400, "INVALID_STATE", why);
  }

  #told(cluster: Cluster): Fields {
    const { id, creator, asked, startedAt, reason } = cluster;
    const state = cluster.state.state;
    const isFailed = state === "TERMINATED" && cluster.breaks !== undefined;
    return {
      ...DEFAULTS,
      ...this.#spelt(asked),
      cluster_id: id,
      creator_user_name: creator,
      cluster_source: "API",
      state,
      state_message: isFailed ? cluster.breaks : "",
      start_time: startedAt,
      ...(state === "TERMINATED"
        ? { termination_reason: isFailed ? { code: "CLOUD_PROVIDER_LAUNCH_FAILURE", type: "CLOUD_FAILURE" } : reason }
        : {}),
      default_tags: { Vendor: "Databricks", Creator: creator, ClusterId: id, ClusterName: asked.cluster_name },
      spec: asked,
    };
  }

  /** The settings in Databricks' spelling, which is the same for a job's clusters. */
  #spelt(asked: Fields): Fields {
    const { data_security_mode: mode } = asked;
    const isForOne = mode === "SINGLE_USER" || mode === "DATA_SECURITY_MODE_DEDICATED";
    const filled = {
      ...(asked.node_type_id === undefined ? {} : { driver_node_type_id: asked.node_type_id }),
      ...(isForOne ? { single_user_name: this.#context.user } : {}),
      ...asked,
    };
    const settings = { job_clusters: [{ new_cluster: filled }] };
    const told = spell(settings, { ...this.#context.doubts, serverDefaults: "job and task" }, 0);
    return told.job_clusters[0].new_cluster;
  }

  #list({ query }: Call): Fields {
    const limit = query.integer("page_size") ?? 20;
    if (limit > 100) throw invalid("page_size must be at most 100");
    const { doubts } = this.#context;
    const all = [...this.#items.values()].toSorted((one, other) => other.number - one.number);
    const page = paginate(all, { limit, token: query.text("page_token"), doubts }, ({ number }) => String(number));
    const list = listAnswer("clusters", page.items.map((one) => this.#told(one)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  /** An edit replaces the settings, and restarts a running cluster. */
  #edit(cluster: Cluster, body: Fields): void {
    refuseUnless(cluster, "RUNNING", "TERMINATED");
    cluster.asked = kept(body);
    if (cluster.state.state === "RUNNING") this.#start(cluster, "RESTARTING");
  }

  #resize(cluster: Cluster, { num_workers, autoscale }: Fields): void {
    refuseUnless(cluster, "RUNNING");
    const { num_workers: _workers, autoscale: _scale, ...rest } = cluster.asked;
    cluster.asked = { ...rest, ...(autoscale === undefined ? { num_workers } : { autoscale }) };
    cluster.state.pass("RESIZING", { ms: this.#context.startMs, to: "RUNNING" });
  }

  #start(cluster: Cluster, by: "PENDING" | "RESTARTING"): void {
    cluster.startedAt = this.#context.now();
    cluster.state.pass(by, { ms: this.#context.startMs, to: cluster.breaks === undefined ? "RUNNING" : "TERMINATED" });
  }

  #terminate(cluster: Cluster, reason: Fields): void {
    if (cluster.state.state === "TERMINATED") return;
    cluster.reason = reason;
    cluster.state.pass("TERMINATING", { ms: this.#context.startMs, to: "TERMINATED" });
  }
}

function refuseUnless({ id, state: { state } }: Cluster, ...states: State[]): void {
  if (!states.includes(state)) {
    throw new ApiError(400, "INVALID_STATE", `Cluster ${id} is in unexpected state ${state}`);
  }
}

function kept(body: Fields): Fields {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !UNTOLD.includes(name)));
}

function checked(body: Fields): Fields {
  const { spark_version, autotermination_minutes: minutes, num_workers, autoscale } = body;
  if (typeof spark_version !== "string") throw invalid("Missing required field: spark_version");
  if (num_workers !== undefined && autoscale !== undefined) {
    throw invalid("num_workers and autoscale exclude each other");
  }
  if (typeof minutes === "number" && minutes !== 0 && (minutes < 10 || minutes > 10_000)) {
    throw invalid("autotermination_minutes must be between 10 and 10000");
  }
  return body;
}
