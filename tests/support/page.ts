/**
 * The page of `ui`, served for a test from an embedded Kubernetes API.
 *
 * @module
 */
import type { PolicyRule } from "../../mock/kubernetes/access.ts";
import type { ServedKubernetes } from "../../mock/kubernetes/serve.ts";
import { servePage } from "../../src/commands/ui/ui.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { GROUP } from "../../src/resource.ts";
import { serveWithCrds } from "./embedded_api.ts";
import { manifest, pathOf } from "./objects.ts";

/** The rights of a user with read access only. */
export function viewer(namespaces?: readonly string[]): PolicyRule[] {
  const within = namespaces === undefined ? {} : { namespaces };
  const verbs = ["get", "list", "watch"];
  return [
    { verbs, apiGroups: [GROUP], resources: ["*"], ...within },
    { verbs, apiGroups: [""], resources: ["events"], ...within },
  ];
}

/** A condition as the operator writes it. */
export function conditionRow(type: string, status: string, reason: string, message = ""): Record<string, unknown> {
  return { type, status, reason, message, lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 1 };
}

/** The status of an object that is Ready. */
export const READY = {
  conditions: [
    conditionRow("Ready", "True", "Available", "It exists"),
    conditionRow("Synced", "True", "ReconcileSuccess", "It is up to date"),
  ],
};

/** The status of an object that is not Ready. */
export function notReady(reason: string, message: string): Record<string, unknown> {
  return { conditions: ["Ready", "Synced"].map((type) => conditionRow(type, "False", reason, message)) };
}

/** A Kubernetes API with the CRDs, and pages that are served from it. */
export class PageWorld implements AsyncDisposable {
  readonly #served: ServedKubernetes;
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(served: ServedKubernetes, readonly kube: KubeClient) {
    this.#served = served;
  }

  /** Starts an API with some namespaces. */
  static async start(namespaces: readonly string[] = ["team"]): Promise<PageWorld> {
    const served = await serveWithCrds();
    const world = new PageWorld(served, await clientOf(served.kubeconfig));
    for (const name of namespaces) {
      await world.kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name } });
    }
    return world;
  }

  /** The requests that a user sent. */
  requestsOf(user: string) {
    return this.#served.api.requests.find({ user });
  }

  /** Ends the watches of a kind, and refuses its lists and watches from now on. */
  fail(plural: string, status: number): void {
    this.#served.api.faults.add({ match: new RegExp(`^(list|watch) ${plural}\\b`), status });
    this.#served.api.endWatches();
  }

  /** Writes an object with a status. */
  async put(kind: string, name: string, { status, spec = {}, namespace = "team" }: {
    readonly status?: Record<string, unknown>;
    readonly spec?: Record<string, unknown>;
    readonly namespace?: string;
  } = {}): Promise<KubeObject> {
    const path = pathOf(kind, namespace);
    const made = await this.kube.patch(path, name, { ...manifest(kind, name, spec) }, { type: "apply", force: true });
    return status === undefined ? made : await this.setStatus(kind, name, status, namespace);
  }

  /** Merges fields into the status of an object. */
  async setStatus(kind: string, name: string, status: Record<string, unknown>, namespace = "team") {
    return await this.kube.patch(pathOf(kind, namespace), name, { status }, { subresource: "status" });
  }

  /** Emits an Event about an object. */
  async tell({ kind = "", apiVersion = "", metadata }: KubeObject, reason: string, message: string): Promise<void> {
    const { name = "", namespace = "", uid = "" } = metadata;
    const now = new Date().toISOString().replace(/\.\d+/, "");
    await this.kube.create({ group: "", version: "v1", plural: "events", namespace }, {
      metadata: { name: `${name}.${crypto.randomUUID()}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid },
      ...{ reason, message, type: "Normal", count: 1, firstTimestamp: now, lastTimestamp: now },
    });
  }

  /** A kubeconfig with the rights of a user; it is deleted at the end of the test. */
  async kubeconfigOf(user: string, rules: readonly PolicyRule[]): Promise<{ path: string } & AsyncDisposable> {
    this.#served.api.addUser(user, rules);
    const path = await Deno.makeTempFile({ prefix: "kubeconfig-" });
    await Deno.writeTextFile(path, this.#served.kubeconfigOf(user, "team"));
    return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
  }

  /** Serves the page with the rights of a user; it ends with the world. */
  async serve(
    user: string,
    rules: readonly PolicyRule[],
    asked?: string,
  ): Promise<{ url: string; notes: readonly string[] }> {
    await using kubeconfig = await this.kubeconfigOf(user, rules);
    const { client } = await connect({ kubeconfig: kubeconfig.path });
    const page = await servePage({ client, asked, own: "team", port: 0 });
    this.#ends.push(async () => {
      await page[Symbol.asyncDispose]();
      client.close();
    });
    return { url: page.url, notes: page.about.notes };
  }

  /** Ends all pages, as the command does when it ends. */
  async endPages(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endPages();
    this.kube.close();
    await this.#served.close();
  }
}

async function clientOf(kubeconfig: string): Promise<KubeClient> {
  const file = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  try {
    await Deno.writeTextFile(file, kubeconfig);
    return (await connect({ kubeconfig: file })).client;
  } finally {
    await Deno.remove(file);
  }
}
