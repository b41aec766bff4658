/**
 * The whole system in one process, without sockets, in time and chance of its own: an operator between an embedded
 * Kubernetes API and a mock workspace.
 *
 * @module
 */
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { FakeClock } from "../../src/base/clock_fake.ts";
import { toCrd } from "../../src/generate/crd.ts";
import { parseJson, stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resourcePath } from "../../src/kubernetes/paths.ts";
import { resources } from "../../src/resources/mod.ts";
import { scheduleDoubts } from "../support/doubts.ts";
import { pathOf, secret } from "../support/objects.ts";
import { Life, NAMESPACE } from "./life.ts";
import { Network, type Server } from "./network.ts";
import { seedGlobals } from "./random.ts";
import { Watchman } from "./watchman.ts";

const crds = resources.map((resource) => stringifyJson(toCrd(resource)));
/** Sweeps are rare, so that a schedule is short; the settings' shortest would only be more of the same (s). */
const SETTINGS = { default_requeue_interval: "120", status_poll_interval: "60", rate_limit: "0" };
/** How far a list may lag behind a write: less than the operator's settle time (ms). */
const LAG = 8000;

/** One simulation. Only one may be under way in a process. */
export class Simulation implements Disposable {
  readonly clock = new FakeClock();
  readonly api: EmbeddedKubernetes;
  readonly workspace: MockWorkspace;
  readonly network: Network;
  readonly watchman: Watchman;
  readonly #globals: Disposable;
  /** Answers to reads, by URL, as long as they are young enough to be given again. */
  readonly #former = new Map<string, { at: number; status: number; text: string }[]>();
  #life: Life | undefined;
  #lives = 0;
  #tokens = 0;
  readonly #ingest: boolean;

  private constructor(seed: number, ingest: boolean) {
    this.#ingest = ingest;
    this.#globals = seedGlobals(seed);
    // Clocks of computers tell whole milliseconds.
    const now = () => Math.floor(this.clock.now());
    // Watches are ended by the simulation's time, not by the computer's.
    this.api = new EmbeddedKubernetes({ now, bookmarkMs: 2 ** 31 - 1 });
    this.workspace = new MockWorkspace({ now, token: "token-0", doubts: scheduleDoubts(seed) });
    this.watchman = new Watchman(this);
    this.network = new Network(
      this.clock,
      { Kubernetes: this.#kubernetes(), Databricks: this.#databricks() },
      this.watchman,
    );
  }

  /** Sets everything up but the operator. */
  static async begin(seed: number, { ingest }: { ingest: boolean }): Promise<Simulation> {
    const simulation = new Simulation(seed, ingest);
    const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    for (const crd of crds) await simulation.ask("POST", crdPath, crd);
    await simulation.ask("POST", "/api/v1/namespaces", stringifyJson({ metadata: { name: NAMESPACE } }));
    await simulation.connect();
    return simulation;
  }

  /** Writes the settings, and a Secret with a valid token. */
  async connect(): Promise<void> {
    const access_token = `token-${this.#tokens}`;
    await this.apply(secret("databricks-api-secret", { databricks_url: this.workspace.host, access_token }));
    const data = { ...SETTINGS, api_secret_name: "databricks-api-secret", ingest: String(this.#ingest) };
    await this.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "databricks-kube-operator" }, data });
  }

  /** Makes the token that is in use invalid. */
  revoke(): void {
    this.workspace.setToken(`token-${++this.#tokens}`);
  }

  /** True while a process of the operator runs. */
  get isUp(): boolean {
    return this.#life?.isAlive === true;
  }

  /** Starts the operator, if it does not run. */
  start(): void {
    if (this.isUp) return;
    this.#life = new Life({
      number: ++this.#lives,
      clock: this.clock,
      network: this.network,
      token: this.api.token,
    });
  }

  /** Kills the operator. */
  kill({ late }: { late: boolean }): void {
    if (this.#life === undefined || !this.#life.isAlive) return;
    this.#life.kill();
    this.network.bury(this.#life, { late });
  }

  /** Asks the Kubernetes API as somebody else than the operator; answers with what it says. */
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
    const path = resourcePath(pathOf(object.kind ?? "", NAMESPACE), object.metadata.name ?? "");
    const query = "?force=true&fieldManager=kubectl";
    const body = stringifyJson({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } });
    await this.ask("PATCH", path + query, body, "application/apply-patch+yaml");
  }

  /** Merges into an object, if it is there. */
  async patch(kind: string, name: string, patch: unknown): Promise<void> {
    const path = resourcePath(pathOf(kind, NAMESPACE), name);
    await this.ask("PATCH", `${path}?fieldManager=kubectl-edit`, stringifyJson(patch), "application/merge-patch+json");
  }

  async get(kind: string, name: string): Promise<KubeObject | undefined> {
    return await this.ask("GET", resourcePath(pathOf(kind, NAMESPACE), name));
  }

  async list(kind: string): Promise<KubeObject[]> {
    const answer = await this.ask("GET", resourcePath(pathOf(kind, NAMESPACE)));
    const items = (answer as unknown as { items: KubeObject[] }).items;
    return items.map((item) => ({ ...item, kind }));
  }

  async delete(kind: string, name: string): Promise<void> {
    await this.ask("DELETE", resourcePath(pathOf(kind, NAMESPACE), name));
  }

  /** The answer of a list of jobs as it was a little earlier. */
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
