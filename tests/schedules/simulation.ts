/**
 * The whole system in one process, without sockets, with its own time and randomness: an operator between an embedded
 * Kubernetes API and a mock workspace.
 *
 * @module
 */
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { FakeClock } from "../../src/base/clock_fake.ts";
import { parseJson, stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resourcePath } from "../../src/kubernetes/paths.ts";
import type { Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { scheduleDoubts } from "../support/doubts.ts";
import { withCrds } from "../support/embedded_api.ts";
import { pathOf, secret } from "../support/objects.ts";
import { Life, NAMESPACE } from "./life.ts";
import { Network, type Server, type Witness } from "./network.ts";
import { seedGlobals } from "./random.ts";
import { Watchman } from "./watchman.ts";

/** Created before any random number is drawn. */
const crds = await withCrds();
/** Sweeps are rare, so that a schedule is short; the shortest intervals would only repeat the same (s). */
const SETTINGS = { default_requeue_interval: "120", status_poll_interval: "60", rate_limit: "0" };
/** How long a replica that lost its lease may continue without noticing (ms). */
const USURPED = 5000;
/** The maximum lag of a list behind a write: less than the operator's settle time (ms). */
const LAG = 8000;

/** The length of a run (s). */
const RUN = 30;

/** Options of a simulation. */
export interface SimulationOptions {
  readonly ingest: boolean;
  /** The kinds that the operator manages; by default all. */
  readonly kinds?: readonly string[];
  /** The operator's namespaces, all connected to one workspace; by default {@link NAMESPACE}. */
  readonly namespaces?: readonly string[];
  /** Makes the observer of requests; by default the watchman. */
  readonly witness?: (simulation: Simulation) => Witness;
}

/** One simulation. A process can have only one at a time. */
export class Simulation implements Disposable {
  readonly clock = new FakeClock();
  readonly api: EmbeddedKubernetes;
  readonly workspace: MockWorkspace;
  readonly network: Network;
  readonly watchman: Watchman;
  readonly #globals: Disposable;
  /** Answers to reads, by URL, that are recent enough to be repeated as stale ones. */
  readonly #former = new Map<string, { at: number; status: number; text: string }[]>();
  #life: Life | undefined;
  #lives = 0;
  #tokens = 0;
  readonly #options: SimulationOptions;
  readonly #namespaces: readonly string[];

  private constructor(seed: number, options: SimulationOptions) {
    this.#options = options;
    this.#namespaces = options.namespaces ?? [NAMESPACE];
    this.#globals = seedGlobals(seed);
    // Clocks of computers have a resolution of milliseconds.
    const now = () => Math.floor(this.clock.now());
    // Watches end by the simulation's time, not by the computer's.
    this.api = new EmbeddedKubernetes({ now, bookmarkMs: 2 ** 31 - 1 });
    this.workspace = new MockWorkspace({
      now,
      token: "token-0",
      doubts: scheduleDoubts(seed),
      listLagMs: LAG,
      runSeconds: RUN,
    });
    this.watchman = new Watchman(this);
    this.network = new Network(
      this.clock,
      { Kubernetes: this.#kubernetes(), Databricks: this.#databricks() },
      options.witness?.(this) ?? this.watchman,
    );
  }

  /** Sets up everything except the operator. */
  static async begin(seed: number, options: SimulationOptions): Promise<Simulation> {
    const simulation = new Simulation(seed, options);
    const kinds = new Set(simulation.#resources.map(({ kind }) => kind));
    simulation.api.adoptDefinitions(crds, (kind) => kinds.has(kind));
    for (const name of simulation.#namespaces) {
      await simulation.ask("POST", "/api/v1/namespaces", stringifyJson({ metadata: { name } }));
    }
    await simulation.connect();
    return simulation;
  }

  /** Writes the settings, and a Secret with a valid token. */
  async connect(): Promise<void> {
    const access_token = `token-${this.#tokens}`;
    const api = secret("databricks-api-secret", { databricks_url: this.workspace.host, access_token });
    const data = { ...SETTINGS, api_secret_name: "databricks-api-secret", ingest: String(this.#options.ingest) };
    const name = "databricks-kube-operator";
    for (const namespace of this.#namespaces) {
      await this.apply({ ...api, metadata: { ...api.metadata, namespace } });
      await this.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data });
    }
  }

  get #resources(): readonly Resource[] {
    const { kinds } = this.#options;
    return resources.filter(({ kind }) => kinds?.includes(kind) ?? true);
  }

  /** Invalidates the current token. */
  revoke(): void {
    this.workspace.setToken(`token-${++this.#tokens}`);
  }

  /** True while a process of the operator runs. */
  get isUp(): boolean {
    return this.#life?.isAlive === true;
  }

  /** Starts the operator, unless it runs. */
  start(): void {
    if (this.isUp) return;
    this.#life = new Life({
      number: ++this.#lives,
      clock: this.clock,
      network: this.network,
      token: this.api.token,
      namespaces: this.#namespaces,
      resources: this.#resources,
    });
  }

  /** Kills the operator. */
  kill({ late }: { late: boolean }): void {
    if (this.#life === undefined || !this.#life.isAlive) return;
    this.#life.kill();
    this.network.bury(this.#life, { late });
  }

  /**
   * Lets another replica take over the lease: the previous leader continues to read for a while, and must not write.
   */
  usurp(): void {
    const former = this.#life;
    if (former === undefined || !former.isAlive) return;
    former.isLeading = false;
    this.clock.setTimeout(() => {
      former.kill();
      this.network.bury(former, { late: false });
    }, USURPED);
    this.#life = undefined;
    this.start();
  }

  /** Sends a request to the Kubernetes API that is not the operator's; returns the answer. */
  async ask(method: string, path: string, body?: string, type = "application/json"): Promise<KubeObject | undefined> {
    const headers = { authorization: `Bearer ${this.api.token}`, "content-type": type };
    const request = new Request(`http://kubernetes${path}`, { method, headers, ...body !== undefined && { body } });
    const response = await this.api.fetch(request);
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return parseJson(text) as unknown as KubeObject;
  }

  /** Applies a manifest as `kubectl apply --server-side` does. */
  async apply(object: KubeObject): Promise<void> {
    const { name = "", namespace = NAMESPACE } = object.metadata;
    const path = resourcePath(pathOf(object.kind ?? "", namespace), name);
    const query = "?force=true&fieldManager=kubectl";
    const body = stringifyJson({ ...object, metadata: { ...object.metadata, namespace } });
    await this.ask("PATCH", path + query, body, "application/apply-patch+yaml");
  }

  /** Merges fields into an object, if it exists. Its name may have a namespace as prefix: `other/job`. */
  async patch(kind: string, name: string, patch: unknown): Promise<void> {
    const path = address(kind, name);
    await this.ask("PATCH", `${path}?fieldManager=kubectl-edit`, stringifyJson(patch), "application/merge-patch+json");
  }

  /** Replaces an object, as `kubectl replace` does. */
  async replace(object: KubeObject): Promise<void> {
    const path = address(object.kind ?? "", object.metadata.name ?? "");
    await this.ask("PUT", `${path}?fieldManager=kubectl-replace`, stringifyJson(object));
  }

  async get(kind: string, name: string): Promise<KubeObject | undefined> {
    return await this.ask("GET", address(kind, name));
  }

  async list(kind: string): Promise<KubeObject[]> {
    const lists = await Promise.all(this.#namespaces.map((one) => this.ask("GET", resourcePath(pathOf(kind, one)))));
    const items = lists.flatMap((list) => (list as unknown as { items: KubeObject[] }).items);
    return items.map((item) => ({ ...item, kind }));
  }

  async delete(kind: string, name: string): Promise<void> {
    await this.ask("DELETE", address(kind, name));
  }

  /** The answer of a list of jobs without the newest ones. */
  withoutNewest(body: { jobs?: { created_time: number }[] }): unknown {
    const isKnown = ({ created_time }: { created_time: number }) => created_time < this.clock.now() - LAG;
    return { ...body, jobs: body.jobs?.filter(isKnown) };
  }

  [Symbol.dispose](): void {
    this.kill({ late: false });
    this.api.endWatches();
    this.#globals[Symbol.dispose]();
  }

  #kubernetes(): Server {
    return { handle: (request) => this.api.fetch(request), stale: () => undefined };
  }

  #databricks(): Server {
    return {
      handle: async (request) => {
        const response = await this.workspace.fetch(request);
        if (request.method === "GET") await this.#remember(request.url, response.clone());
        return response;
      },
      stale: ({ url }) => {
        const former = this.#former.get(url)?.find(({ at }) => this.clock.monotonic() - at < LAG);
        return former && new Response(former.text, { status: former.status });
      },
    };
  }

  async #remember(url: string, response: Response): Promise<void> {
    const at = this.clock.monotonic();
    const young = (this.#former.get(url) ?? []).filter((one) => at - one.at < LAG);
    this.#former.set(url, [...young, { at, status: response.status, text: await response.text() }]);
  }
}

/** Returns the path of an object, by its name, or by namespace and name. */
function address(kind: string, key: string): string {
  const [name = "", namespace = NAMESPACE] = key.split("/").reverse();
  return resourcePath(pathOf(kind, namespace), name);
}
