/**
 * The rig for scenarios: a real API server if one is available, a mock workspace on a port, and the operator in its own
 * process.
 *
 * @module
 */
import { MockWorkspace, serve } from "../mock/mod.ts";
import type { Served } from "../mock/databricks/serve.ts";
import type { MockOptions } from "../mock/databricks/workspace.ts";
import type { KubeClient, KubeObject, ResourcePath } from "../src/kubernetes/client.ts";
import { Informer } from "../src/kubernetes/watch/informer.ts";
import { connect } from "../src/kubernetes/kubeconfig.ts";
import { GROUP, VERSION } from "../src/resource.ts";
import { type ApiServer, startProcess } from "../tests/support/api_servers.ts";
import { condition, installCrds, job, secret } from "../tests/support/harness.ts";
import { eventually } from "../tests/support/waiting.ts";
import { Operator } from "./operator.ts";
import { type Program, thisProgram } from "./revision.ts";
import { bucketsOf, resetPeak, sumOf, type Usage, usageOf } from "./process.ts";

/** The namespace of all measured objects. */
export const NAMESPACE = "bench";
const CONFIG_MAP = "databricks-kube-operator";
/** The time limit of every wait (ms). */
const PATIENCE = 1_800_000;
/** The interval of polls (ms), which is also the precision of the measurements. */
const LOOK = 5;

/** The field manager of the people who write manifests. */
const PERSON = { fieldManager: "bench" } as const;

interface Surroundings {
  readonly workspace: MockWorkspace;
  readonly kube: KubeClient;
  readonly kubeconfig: string;
  readonly served: Served;
  readonly program: Program;
}

/** Options of {@link Rig.make}. */
export interface RigOptions {
  /** The ConfigMap's data, besides the Secret's name. */
  readonly settings?: Record<string, string>;
  readonly mock?: MockOptions;
  /** The measured operator; by default this tree's. */
  readonly program?: Program;
}

/** The workspace's calls and the API server's writes at one moment. */
export interface Snapshot {
  /** Time of the snapshot (ms). */
  readonly at: number;
  /** Number of calls by endpoint. */
  readonly calls: Record<string, number>;
  /** Requests that change Kubernetes objects. */
  readonly kubernetesWrites: number;
  readonly usage: Usage;
  /** The used size of the JavaScript heap, including garbage, in MB. */
  readonly heapMb: number;
  /** Number of 429 responses from Databricks. */
  readonly refused: number;
  /** Event loop lag: cumulative counts by upper bounds (s). */
  readonly lag: ReadonlyMap<string, number>;
}

/** Starts an API server: the selected one, or an embedded one in its own process. */
export async function startApiServer(): Promise<ApiServer> {
  const existing = Deno.env.get("TEST_KUBECONFIG");
  const lastWords = () => Promise.resolve("");
  if (existing !== undefined) {
    return { name: "TEST_KUBECONFIG", kubeconfig: existing, lastWords, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const binary = Deno.env.get("K3S_BINARY");
  if (binary !== undefined) return await startProcess(binary);
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "mock/kubernetes/main.ts", "--kubeconfig", kubeconfig],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  await eventually("the embedded API is ready", async () => (await Deno.readTextFile(kubeconfig)).length > 0);
  const end = async () => {
    process.kill("SIGTERM");
    await process.status;
    await Deno.remove(kubeconfig);
  };
  return { name: "embedded", kubeconfig, lastWords, [Symbol.asyncDispose]: end };
}

/** A workspace, a namespace and an operator. */
export class Rig implements AsyncDisposable {
  readonly workspace: MockWorkspace;
  readonly kube: KubeClient;
  readonly #kubeconfig: string;
  readonly #served: Served;
  readonly #informer: Informer;
  readonly #ready = new Set<string>();
  readonly #program: Program;
  #operator: Operator | undefined;

  private constructor(options: Surroundings) {
    this.#program = options.program;
    this.workspace = options.workspace;
    this.kube = options.kube;
    this.#kubeconfig = options.kubeconfig;
    this.#served = options.served;
    this.#informer = new Informer({
      client: options.kube,
      path: this.jobs,
      transform: ({ metadata, status }) => ({
        metadata: {
          name: metadata.name ?? "",
          namespace: NAMESPACE,
          uid: metadata.uid ?? "",
          resourceVersion: metadata.resourceVersion ?? "",
        },
        status: {
          id: status?.id,
          run: (status?.latest_run_state as Record<string, unknown> | undefined)?.life_cycle_state,
          isReady: condition({ metadata, status } as KubeObject, "Ready")?.status === "True" &&
            condition({ metadata, status } as KubeObject, "Ready")?.observedGeneration === metadata.generation,
        },
      }),
      onChange: (key, { new: now }) => {
        if (now?.status?.isReady) this.#ready.add(key);
        else this.#ready.delete(key);
      },
    });
  }

  /** Creates a namespace with settings, and a workspace. */
  static async make(
    server: ApiServer,
    { settings = {}, mock = {}, program = thisProgram() }: RigOptions = {},
  ): Promise<Rig> {
    const workspace = new MockWorkspace(mock);
    const served = await serve(workspace);
    const { client: kube } = await connect({ kubeconfig: server.kubeconfig });
    const rig = new Rig({ workspace, kube, kubeconfig: server.kubeconfig, served, program });
    await installCrds(kube);
    await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: NAMESPACE } });
    const core = (plural: string): ResourcePath => ({ group: "", version: "v1", plural, namespace: NAMESPACE });
    await kube.create(
      core("secrets"),
      secret("databricks-api-secret", { databricks_url: served.url, access_token: "token" }),
    );
    await kube.create(core("configmaps"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: CONFIG_MAP },
      data: { api_secret_name: "databricks-api-secret", ...settings },
    });
    rig.#informer.start();
    await rig.#informer.synced;
    return rig;
  }

  /** The path of the DatabricksJobs. */
  get jobs(): ResourcePath {
    return { group: GROUP, version: VERSION, plural: "databricksjobs", namespace: NAMESPACE };
  }

  /** The number of jobs that are Ready for their newest generation. */
  get readyCount(): number {
    return this.#ready.size;
  }

  /** Creates a DatabricksJob as a person does: the operator gives up the fields that it wrote into the spec itself. */
  async create(name: string, settings: Record<string, unknown> = {}): Promise<void> {
    await this.kube.create(this.jobs, job(name, settings), PERSON);
  }

  /** Changes a job's settings as a person does. */
  async edit(name: string, settings: Record<string, unknown>): Promise<void> {
    await this.kube.patch(this.jobs, name, { spec: { job: { settings } } }, PERSON);
  }

  /** Sets labels of a job's object. */
  async label(name: string, labels: Record<string, string>): Promise<void> {
    await this.kube.patch(this.jobs, name, { metadata: { labels } }, PERSON);
  }

  /** Returns a job's id and the state of its newest run. */
  statusOf(name: string): { id?: string; run?: string } | undefined {
    return this.#informer.get(`${NAMESPACE}/${name}`)?.status as { id?: string; run?: string } | undefined;
  }

  /** Starts the operator and waits until its probe reports readiness. @returns the time that this took (ms). */
  async startOperator(args: readonly string[] = []): Promise<number> {
    const begun = performance.now();
    this.#operator = Operator.spawn(this.#program, this.#kubeconfig, ["--watch-namespaces", NAMESPACE, ...args]);
    await this.#operator.ready();
    return performance.now() - begun;
  }

  /** Stops the operator with SIGTERM. @returns the time that this took (ms). */
  async stopOperator(): Promise<number> {
    const begun = performance.now();
    await this.#operator?.stop();
    this.#operator = undefined;
    return performance.now() - begun;
  }

  /** The operator's process. */
  get pid(): number {
    return this.#operator?.process.pid ?? 0;
  }

  /** Measures the response time of the operator's probe (ms). */
  async probe(): Promise<number> {
    return await this.#operator?.probe() ?? 0;
  }

  /** Takes a snapshot of all counters. */
  async snapshot(): Promise<Snapshot> {
    if (this.#operator === undefined) throw new Error("The operator was not started");
    const { process } = this.#operator;
    const metrics = await this.#operator.metrics();
    const writes = ["POST", "PUT", "PATCH", "DELETE"].map((method) =>
      sumOf(metrics, "rest_client_requests_total", { method })
    );
    return {
      at: performance.now(),
      calls: this.workspace.ledger.counts(),
      kubernetesWrites: writes.reduce((sum, count) => sum + count, 0),
      usage: await usageOf(process.pid),
      heapMb: Math.round(sumOf(metrics, "nodejs_heap_size_used_bytes") / 1e6),
      refused: this.workspace.ledger.calls.filter(({ status }) => status === 429).length,
      lag: bucketsOf(metrics, "databricks_kube_operator_event_loop_lag_seconds"),
    };
  }

  /** A snapshot from before the operator's start: it has used nothing yet. */
  beforeStart(): Snapshot {
    return {
      at: performance.now(),
      calls: this.workspace.ledger.counts(),
      kubernetesWrites: 0,
      usage: { cpu: 0, peakMb: 0, residentMb: 0 },
      heapMb: 0,
      refused: 0,
      lag: new Map(),
    };
  }

  /** Resets the operator's peak of memory. */
  async resetPeak(): Promise<void> {
    if (this.#operator !== undefined) await resetPeak(this.#operator.process.pid);
  }

  /** True if a create of a job with this name was requested recently. */
  wasCreated(name: string): boolean {
    const { calls } = this.workspace.ledger;
    const isIt = ({ path, body }: (typeof calls)[number]) =>
      path.endsWith("/jobs/create") && (body as { name?: string } | undefined)?.name === name;
    return calls.slice(-100).some(isIt);
  }

  /** Changes settings; omitted ones return to their defaults. */
  async configure(settings: Record<string, string>): Promise<void> {
    const data = { default_requeue_interval: null, status_poll_interval: null, rate_limit: null, ...settings };
    await this.kube.patch({ group: "", version: "v1", plural: "configmaps", namespace: NAMESPACE }, CONFIG_MAP, {
      data,
    });
  }

  /** Waits until nothing was written for twelve seconds, which is how long observations are collected. */
  async quiet(): Promise<void> {
    for (let [writes, since] = [-1, performance.now()]; performance.now() - since < 12_000;) {
      const now = (await this.snapshot()).kubernetesWrites;
      if (now !== writes) [writes, since] = [now, performance.now()];
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** Waits for a condition. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`Timed out after ${PATIENCE / 1000} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopOperator();
    await this.#informer.stop();
    this.kube.close();
    await this.#served.close();
  }
}
