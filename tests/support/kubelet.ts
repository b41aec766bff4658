/**
 * Runs pods on a control plane without nodes: the Deployment and StatefulSet controllers, and a kubelet that starts the
 * operator as a process for each pod and ends it with its pod.
 *
 * @module
 */
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { serve, type Served } from "../../mock/databricks/serve.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { freePort } from "./ports.ts";

const PODS = { group: "", version: "v1", plural: "pods" };
const NODE = "node";
/** The polling interval for pods (ms). */
const PERIOD = 200;

/** A request that may change something in Databricks. */
export interface Write {
  /** The process that sent it: if a pod's process ends by itself, the pod gets another one. */
  readonly process: string;
  readonly host: string;
  readonly path: string;
}

/** Options of a {@link Kubelet}. */
export interface KubeletOptions {
  readonly client: KubeClient;
  /** An admin's kubeconfig, which the processes use too. */
  readonly kubeconfig: string;
  readonly namespace: string;
  /** The executable of the control plane. */
  readonly binary: string;
  /** The operator's executable; by default, the source is run. */
  readonly program?: string;
  /** The workspace that receives every request to Databricks, whatever its host. */
  readonly workspace: MockWorkspace;
  /** The delay before it notices that a pod is to end (ms), as on a busy node. */
  readonly stopDelayMs: number;
  /** Arguments in addition to the pod's. */
  readonly args: readonly string[];
}

interface Running {
  readonly uid: string;
  readonly child: Deno.ChildProcess;
  readonly served: Served;
  readonly address: string;
  readonly ended: Promise<void>;
  isEnding: boolean;
  isOver: boolean;
}

/** Runs the pods of one namespace. */
export class Kubelet implements AsyncDisposable {
  readonly #options: KubeletOptions;
  readonly #controllers: Deno.ChildProcess;
  readonly #running = new Map<string, Running>();
  readonly #logs = new Map<string, string>();
  #started = 0;
  #isStopped = false;
  #loop: Promise<void> = Promise.resolve();
  /** The writes of all pods to Databricks, in order. */
  readonly writes: Write[] = [];

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#controllers = new Deno.Command(options.binary, {
      args: [
        ...["kube-controller-manager", "--kubeconfig", options.kubeconfig, "--leader-elect=false", "--secure-port=0"],
        "--controllers=deployment-controller,replicaset-controller,statefulset-controller",
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async start(): Promise<this> {
    await this.#options.client.create({ group: "", version: "v1", plural: "nodes" }, { metadata: { name: NODE } });
    this.#loop = this.#run();
    return this;
  }

  /** Returns the output of the processes, by pod name. */
  log(): string {
    return [...this.#logs].map(([pod, text]) => `== ${pod}\n${text.slice(-3000)}`).join("\n");
  }

  /** The names of the running pods. */
  pods(): string[] {
    return [...this.#running.keys()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await this.#loop;
    for (const { child, isOver } of this.#running.values()) if (!isOver) child.kill("SIGKILL");
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    this.#controllers.kill("SIGKILL");
    await this.#controllers.status;
  }

  async #run(): Promise<void> {
    const { client, namespace } = this.#options;
    while (!this.#isStopped) {
      const { items } = await client.list({ ...PODS, namespace });
      for (const pod of items) await this.#sync(pod).catch((error) => this.#logs.set("kubelet", String(error)));
      await new Promise((resolve) => setTimeout(resolve, PERIOD));
    }
  }

  async #sync(pod: KubeObject): Promise<void> {
    const { name = "", uid = "", deletionTimestamp } = pod.metadata;
    const known = this.#running.get(name);
    if (known?.isOver) {
      this.#running.delete(name);
      if (known.uid === uid && deletionTimestamp !== undefined) await this.#remove(name, uid);
      return;
    }
    if (known === undefined && deletionTimestamp !== undefined) return await this.#remove(name, uid);
    if (known !== undefined && deletionTimestamp !== undefined && !known.isEnding) {
      known.isEnding = true;
      setTimeout(() => known.isOver || known.child.kill("SIGTERM"), this.#options.stopDelayMs);
    }
    if (known !== undefined) return await this.#tell(pod, known);
    if (pod.spec?.nodeName === undefined) await this.#bind(name);
    this.#running.set(name, await this.#spawn(pod));
  }

  async #bind(name: string): Promise<void> {
    const { client, namespace } = this.#options;
    const target = { apiVersion: "v1", kind: "Node", name: NODE };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name, namespace }, target };
    await client.request("POST", `/api/v1/namespaces/${namespace}/pods/${name}/binding`, { body });
  }

  async #remove(name: string, uid: string): Promise<void> {
    const { client, namespace } = this.#options;
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await client.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, { body });
  }

  /** Writes the pod's status; the pod is ready if its probe succeeds. */
  async #tell(pod: KubeObject, { address }: Running): Promise<void> {
    const isReady = await fetch(`http://${address}/readyz`).then(async (answer) => {
      await answer.body?.cancel();
      return answer.ok;
    }, () => false);
    const { phase, conditions = [] } = (pod.status ?? {}) as {
      phase?: string;
      conditions?: { type: string; status: string }[];
    };
    const status = isReady ? "True" : "False";
    if (phase === "Running" && conditions.some((one) => one.type === "Ready" && one.status === status)) return;
    const patch = { status: { phase: "Running", conditions: [{ type: "Ready", status }] } };
    const path = { ...PODS, namespace: this.#options.namespace };
    await this.#options.client.patch(path, pod.metadata.name ?? "", patch, { type: "merge", subresource: "status" });
  }

  async #spawn(pod: KubeObject): Promise<Running> {
    const { workspace, kubeconfig, namespace, program, args } = this.#options;
    const { name = "", uid = "" } = pod.metadata;
    const process = `${name}#${++this.#started}`;
    const served = await serve({
      fetch: (request) => {
        const { hostname: host, pathname: path } = new URL(request.url);
        if (request.method !== "GET") this.writes.push({ process, host, path });
        return workspace.fetch(request);
      },
    });
    const address = `127.0.0.1:${freePort()}`;
    const [container] = (pod.spec as { containers: [{ args: string[] }] }).containers;
    const child = new Deno.Command(program ?? Deno.execPath(), {
      args: [
        ...program === undefined ? ["run", "-qA", "src/main.ts"] : [],
        ...[...container.args, "--kubeconfig", kubeconfig, "--http-address", address],
        ...["--watch-namespaces", namespace, "--lease-namespace", namespace, "--log-format=text", ...args],
      ],
      env: { NO_COLOR: "1", HTTP_PROXY: served.url, NO_PROXY: "127.0.0.1,localhost", HOSTNAME: name },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const running: Running = {
      uid,
      child,
      served,
      address,
      isEnding: false,
      isOver: false,
      ended: this.#follow(child, name),
    };
    void running.ended.then(async () => {
      await served.close();
      running.isOver = true;
    });
    return running;
  }

  async #follow(child: Deno.ChildProcess, name: string): Promise<void> {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#logs.set(name, (this.#logs.get(name) ?? "") + text);
    }
    await child.status;
  }
}
