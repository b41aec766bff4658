/**
 * The environment of one test: a namespace, a workspace, and operators between them.
 *
 * @module
 */
import { parseAllDocuments } from "yaml";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { type KubeClient, KubeError, type KubeObject } from "../../src/kubernetes/client.ts";
import type { Condition } from "../../src/reconcile/object/conditions.ts";
import { Operator, type OperatorOptions } from "../../src/reconcile/operator.ts";
import { kinds } from "../../src/kinds.ts";
import { condition, pathOf, secret } from "./objects.ts";
import { runKubectl } from "./programs.ts";
import { StalledObject } from "./stalled.ts";
import { admitted, eventually, Hopeless, problem } from "./waiting.ts";

/** Settings that make everything happen soon. */
const QUICK = { default_requeue_interval: "1", status_poll_interval: "1", rate_limit: "0" };
/** Delays, shortened for tests. */
const timings = { settleMs: 500, baselineMs: 100, missMs: 200, graceMs: 300, abandonMs: 500, uninstallMs: 50 };

/** Describes an object that a test waits for: its conditions, and its finalizers. */
function describe(object: KubeObject | undefined): string {
  if (object === undefined) return "it is not there";
  const conditions = (object.status?.conditions ?? []) as Condition[];
  const lines = conditions.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`);
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp !== undefined) {
    lines.push(`it is being deleted, with the finalizers [${finalizers.join(", ")}]`);
  }
  return lines.length === 0 ? "it has no conditions" : lines.join("; ");
}

/** The environment of one test. */
export class World {
  readonly namespace: string;
  readonly kube: KubeClient;
  readonly workspace: MockWorkspace;
  /** The path of a kubeconfig for programs that the test runs. */
  readonly kubeconfig: string;
  readonly #operators: Operator[] = [];
  readonly #namespaces: string[] = [];

  constructor(options: { kube: KubeClient; namespace: string; workspace: MockWorkspace; kubeconfig: string }) {
    this.kube = options.kube;
    this.namespace = options.namespace;
    this.workspace = options.workspace;
    this.kubeconfig = options.kubeconfig;
  }

  /** Makes another namespace, which is deleted with the world. */
  async addNamespace(suffix: string): Promise<string> {
    const name = `${this.namespace}-${suffix}`;
    await this.kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name } });
    this.#namespaces.push(name);
    return name;
  }

  /** Starts an operator for the namespace (and others), over the given workspaces (by host). */
  async startOperator(
    options: Partial<OperatorOptions> & { workspaces?: readonly MockWorkspace[] } = {},
  ): Promise<Operator> {
    const { workspaces = [this.workspace], ...more } = options;
    const operator = new Operator({
      client: this.kube,
      namespaces: [this.namespace],
      configMapName: "databricks-kube-operator",
      transport: (host) => {
        const workspace = workspaces.find((one) => one.host === host);
        if (workspace === undefined) return { send: () => Promise.reject(new TypeError(`no route to ${host}`)) };
        return workspace.transport;
      },
      timings,
      ...more,
    });
    this.#operators.push(operator);
    await operator.start();
    return operator;
  }

  /** Stops an operator, as SIGTERM does. */
  async stopOperator(operator: Operator): Promise<void> {
    this.#operators.splice(this.#operators.indexOf(operator), 1);
    await operator.stop();
  }

  /** Stops all operators. */
  async stopOperators(): Promise<void> {
    await Promise.all(this.#operators.splice(0).map((operator) => operator.stop()));
  }

  /** Writes the ConfigMap and the Secret, so that the namespace is connected to a workspace. */
  async connect(
    { settings = {}, workspace = this.workspace, token = "token", namespace = this.namespace }: {
      settings?: Record<string, string>;
      workspace?: MockWorkspace;
      token?: string;
      namespace?: string;
    } = {},
  ): Promise<void> {
    await this.apply(
      secret("databricks-api-secret", { databricks_url: workspace.host, access_token: token }),
      namespace,
    );
    await this.configure(settings, namespace);
  }

  /** Writes the ConfigMap. */
  async configure(settings: Record<string, string>, namespace: string = this.namespace): Promise<void> {
    const data = { api_secret_name: "databricks-api-secret", ...QUICK, ...settings };
    await this.apply(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "databricks-kube-operator" }, data },
      namespace,
    );
  }

  /**
   * Applies a manifest (an object, or YAML with one or more) on the server side, as `kubectl apply --server-side` does.
   */
  async apply(manifest: KubeObject | string, namespace: string = this.namespace): Promise<void> {
    const objects: KubeObject[] = typeof manifest === "string"
      ? parseAllDocuments(manifest).map((document) => document.toJS()).filter((object) => object !== null)
      : [manifest];
    for (const object of objects) {
      const body = { ...object, metadata: { ...object.metadata, namespace } };
      const options = { type: "apply", force: true, fieldManager: "test" } as const;
      await admitted(() =>
        this.kube.patch(pathOf(object.kind ?? "", namespace), object.metadata.name ?? "", body, options)
      );
    }
  }

  /** Creates an object unchanged, with its finalizers and annotations. */
  async create(object: KubeObject, namespace: string = this.namespace): Promise<KubeObject> {
    return await this.kube.create(pathOf(object.kind ?? "", namespace), object);
  }

  /** Reads an object; `undefined` if there is none. */
  async get(kind: string, name: string, namespace: string = this.namespace): Promise<KubeObject | undefined> {
    try {
      return await admitted(() => this.kube.get(pathOf(kind, namespace), name));
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All objects of a kind in the namespace. */
  async list(kind: string, namespace: string = this.namespace): Promise<KubeObject[]> {
    return (await admitted(() => this.kube.list(pathOf(kind, namespace)))).items;
  }

  /** Merges fields into an object, as `kubectl patch --type merge` does; `null` removes a field. */
  async patch(
    kind: string,
    name: string,
    patch: Record<string, unknown>,
    namespace = this.namespace,
  ): Promise<KubeObject> {
    const options = { type: "merge", fieldManager: "kubectl-edit" } as const;
    return await admitted(() => this.kube.patch(pathOf(kind, namespace), name, patch, options));
  }

  /** Sets an annotation with the prefix `databricks-operator/`; `null` removes it. */
  async annotate(kind: string, name: string, annotation: string, value: string | null): Promise<void> {
    await this.patch(kind, name, { metadata: { annotations: { [`databricks-operator/${annotation}`]: value } } });
  }

  /** Requests an object's deletion. */
  async delete(kind: string, name: string, namespace: string = this.namespace): Promise<void> {
    await admitted(() => this.kube.delete(pathOf(kind, namespace), name));
  }

  /**
   * Waits until an object is Ready for its newest generation, and returns it.
   *
   * @throws {Hopeless} with the condition's message, if the object stays Stalled: somebody has to change something.
   */
  async ready(kind: string, name: string, namespace: string = this.namespace): Promise<KubeObject> {
    const stalled = new StalledObject(this.workspace, kind);
    return await eventually(`${kind} ${name} is Ready`, async () => {
      const object = await this.get(kind, name, namespace);
      const ready = condition(object, "Ready");
      const isReady = ready?.status === "True" && ready.observedGeneration === object?.metadata.generation &&
        condition(object, "Synced")?.status === "True";
      if (object !== undefined && isReady) return object;
      if (stalled.isFinal(object)) throw new Hopeless(`${kind} ${name} is Stalled: ${describe(object)}`);
      return problem(describe(object));
    });
  }

  /** Waits until an object's Synced condition is False with this reason, and returns the condition. */
  async blocked(kind: string, name: string, reason: string, namespace: string = this.namespace): Promise<Condition> {
    return await eventually(`${kind} ${name} is not synced: ${reason}`, async () => {
      const object = await this.get(kind, name, namespace);
      const synced = condition(object, "Synced");
      return synced?.status === "False" && synced.reason === reason ? synced : problem(describe(object));
    });
  }

  /** Waits until an object is gone. */
  async gone(kind: string, name: string, namespace: string = this.namespace): Promise<void> {
    await eventually(`${kind} ${name} is gone`, async () => {
      const object = await this.get(kind, name, namespace);
      return object === undefined ? true : problem(describe(object));
    });
  }

  /** The Events of an object: `reason: message`. */
  async events(name: string, namespace: string = this.namespace): Promise<string[]> {
    const path = { group: "", version: "v1", plural: "events", namespace };
    const { items } = await this.kube.list(path, { fieldSelector: `involvedObject.name=${name}` });
    return items.map((event) => `${event.reason}: ${event.message}`);
  }

  /** Waits for an Event of an object. */
  async event(name: string, reason: string): Promise<string> {
    return await eventually(`event ${reason} of ${name}`, async () => {
      const events = await this.events(name);
      return events.find((event) => event.startsWith(`${reason}: `)) ?? problem(JSON.stringify(events));
    });
  }

  /** Runs kubectl in the world's namespace and returns its standard output; fails with its standard error. */
  async kubectl(args: readonly string[], { input }: { input?: string } = {}): Promise<string> {
    return await runKubectl(this.kubeconfig, ["--namespace", this.namespace, ...args], input);
  }

  /** Stops the operators and deletes the namespaces. */
  async end(): Promise<void> {
    await this.stopOperators();
    for (const namespace of [this.namespace, ...this.#namespaces]) await this.#empty(namespace);
    this.kube.close();
  }

  /** All objects of a kind; none if a test deleted its CRD. */
  async #listIfServed(kind: string, namespace: string): Promise<KubeObject[]> {
    try {
      return await this.list(kind, namespace);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return [];
      throw error;
    }
  }

  /** Removes finalizers, since no operator is left to do it. */
  async #empty(namespace: string): Promise<void> {
    for (const { kind } of kinds) {
      for (const object of await this.#listIfServed(kind, namespace)) {
        const { name = "", finalizers = [] } = object.metadata;
        if (finalizers.length > 0) {
          await this.patch(kind, name, { metadata: { finalizers: null } }, namespace).catch(() => {});
        }
      }
    }
    await this.kube.delete({ group: "", version: "v1", plural: "namespaces" }, namespace);
  }
}
