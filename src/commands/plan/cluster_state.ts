/**
 * Reads the parts of a cluster that a plan depends on, with the rights of the kubeconfig: settings, connections, the
 * objects with their status, and Secrets.
 *
 * @module
 */
import { connectionKind, isLetGo } from "../../connection.ts";
import { Fence } from "../../http/write_fence.ts";
import { type KubeClient, KubeError, type KubeObject, type ResourcePath } from "../../kubernetes/client.ts";
import { DEFAULT_CONFIG_MAP } from "../../reconcile/connect/settings.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import { allObjects } from "../all_objects.ts";

/** A Secret or ConfigMap; `missing` if there is none, `unreadable` if it may not be read. */
export type ReadSecret = KubeObject | "missing" | "unreadable";

/** The parts of a cluster that are read. */
export interface ClusterState {
  /** False if no cluster is read. */
  readonly isRead: boolean;
  /** The name of the ConfigMap with a namespace's settings. */
  readonly configMapName: string;
  /** A connection object. */
  connection(namespace: string, name: string): Promise<ReadSecret>;
  /** The objects of some kinds. */
  objects(resources: readonly Resource[], namespaces: readonly string[]): Promise<[Resource, KubeObject][]>;
  secret(namespace: string, name: string): Promise<ReadSecret>;
  configMap(namespace: string, name: string): Promise<ReadSecret>;
}

/** A cluster that is not read. */
export const noCluster: ClusterState = {
  isRead: false,
  configMapName: DEFAULT_CONFIG_MAP,
  connection: () => Promise.resolve("unreadable" as const),
  objects: () => Promise.resolve([]),
  secret: () => Promise.resolve("unreadable" as const),
  configMap: () => Promise.resolve("unreadable" as const),
};

/** Reads a cluster, and never writes to it. */
export function clusterState(unfenced: KubeClient, configMapName: string): ClusterState {
  const client = unfenced.fenced(new Fence(() => false));
  const read = async (path: ResourcePath, name: string): Promise<ReadSecret> => {
    try {
      return await client.get(path, name);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return "missing";
      if (error instanceof KubeError && error.status === 403) return "unreadable";
      throw error;
    }
  };
  const core = (plural: string, namespace: string) => ({ group: "", version: "v1", plural, namespace });
  return {
    isRead: true,
    configMapName,
    secret: (namespace, name) => read(core("secrets", namespace), name),
    configMap: (namespace, name) => read(core("configmaps", namespace), name),
    async connection(namespace, name) {
      const path = { group: GROUP, version: VERSION, plural: connectionKind.plural, namespace };
      const found = await read(path, name);
      return typeof found !== "string" && isLetGo(found) ? "missing" : found;
    },
    objects: (resources, namespaces) => Array.fromAsync(allObjects(client, namespaces, resources)),
  };
}
