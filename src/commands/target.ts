/**
 * The object that a person names as `kind/name`.
 *
 * @module
 */
import type { KubeClient, ResourcePath } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/kubeconfig.ts";
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { resourceNamed } from "./kinds.ts";

/** The options of commands about one object. */
export interface TargetOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** An object, and a client to reach it. */
export interface Target {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly path: ResourcePath;
  readonly namespace: string;
  readonly name: string;
  /** `DatabricksJob team/etl` */
  readonly title: string;
}

/**
 * Connects to the cluster of an object. The object itself is not read.
 *
 * @throws when the text names none.
 */
export async function targetOf(text: string, { kubeconfig, context, ...options }: TargetOptions): Promise<Target> {
  const [kind = "", name] = text.split("/");
  if (!name) throw new Error(`"${text}" names no object: write <kind>/<name>, such as dbj/etl`);
  const resource = resourceNamed(kind);
  const { client, namespace: own } = await connect({ kubeconfig, context });
  const namespace = options.namespace ?? own;
  const path = { group: GROUP, version: VERSION, plural: resource.plural, namespace };
  return { client, resource, path, namespace, name, title: `${resource.kind} ${namespace}/${name}` };
}
