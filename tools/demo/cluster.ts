/**
 * The demo's Kubernetes API: the embedded one, its own k3s, or the current context's.
 *
 * @module
 */
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { KubeError } from "../../src/kubernetes/client.ts";
import { findSources } from "../../tests/support/api_servers.ts";

/** A Kubernetes API that contains the demo's namespace. */
export interface Cluster extends AsyncDisposable {
  /** The name. */
  readonly name: string;
  /** The path of a kubeconfig. */
  readonly kubeconfig: string;
}

/** Starts (or finds) a Kubernetes API and creates the namespace there. */
export async function startCluster(which: "embedded" | "k3s" | "current", namespace: string): Promise<Cluster> {
  const cluster = await { embedded, k3s, current }[which]();
  const { client } = await connect({ kubeconfig: cluster.kubeconfig });
  try {
    await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== "AlreadyExists") throw error;
  } finally {
    client.close();
  }
  return cluster;
}

async function embedded(): Promise<Cluster> {
  const served = await serveKubernetes();
  const kubeconfig = await Deno.makeTempFile({ prefix: "demo-", suffix: ".kubeconfig" });
  await Deno.writeTextFile(kubeconfig, served.kubeconfig);
  const end = async () => {
    await served.close();
    await Deno.remove(kubeconfig);
  };
  return { name: "embedded", kubeconfig, [Symbol.asyncDispose]: end };
}

async function k3s(): Promise<Cluster> {
  const { sources, missing } = await findSources();
  const source = sources[0];
  if (source === undefined) throw new Error(`No k3s here: ${missing.map(({ remedy }) => remedy).join("; or ")}`);
  return await source.start();
}

function current(): Promise<Cluster> {
  const kubeconfig = Deno.env.get("KUBECONFIG") ?? `${Deno.env.get("HOME")}/.kube/config`;
  return Promise.resolve({ name: "current context", kubeconfig, [Symbol.asyncDispose]: () => Promise.resolve() });
}
