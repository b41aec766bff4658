/**
 * Releases the connection objects, which the Rust operator does not have, before the objects that use them are given
 * back.
 *
 * @module
 */
import { objectKey } from "../base/object_key.ts";
import { CONNECTION_FINALIZER, connectionKind } from "../connection.ts";
import type { KubeClient, KubeObject } from "../kubernetes/client.ts";
import { statusOf } from "../reconcile/object/status.ts";
import { GROUP, VERSION } from "../resource.ts";
import { allObjects } from "./all_objects.ts";

/** Options of {@link releaseConnections}. */
export interface ReleaseOptions {
  readonly client: KubeClient;
  readonly namespaces: readonly string[] | "all";
  readonly dryRun?: boolean | undefined;
  readonly say: (line: string) => void;
}

/**
 * Removes the finalizer from the connections that are being deleted.
 *
 * @returns the keys of those that stay.
 */
export async function releaseConnections(options: ReleaseOptions): Promise<ReadonlySet<string>> {
  const { client, namespaces, dryRun = false, say } = options;
  const staying = new Set<string>();
  for await (const [{ kind, plural }, { metadata }] of allObjects(client, namespaces, [connectionKind])) {
    const { namespace = "", name = "", deletionTimestamp, uid, resourceVersion, finalizers = [] } = metadata;
    if (deletionTimestamp === undefined) {
      staying.add(objectKey(namespace, name));
      continue;
    }
    const others = finalizers.filter((finalizer) => finalizer !== CONNECTION_FINALIZER);
    const path = { group: GROUP, version: VERSION, plural, namespace };
    if (!dryRun) await client.patch(path, name, { metadata: { uid, resourceVersion, finalizers: others } });
    say(`${kind} ${namespace}/${name}: ${dryRun ? "would go" : "is gone"}`);
  }
  return staying;
}

/** The reason why an object is not given back: it uses a connection that stays. */
export function whyNot(object: KubeObject, staying: ReadonlySet<string>): string | undefined {
  const { connection } = statusOf(object);
  const { namespace = "" } = object.metadata;
  if (connection === undefined || !staying.has(objectKey(namespace, connection))) return undefined;
  const name = `${connectionKind.kind} "${connection}"`;
  return `it uses ${name}, which the Rust operator does not have: put its workspace and token into the ConfigMap and ` +
    `the API Secret, kubectl delete --wait=false ${connectionKind.singular} ${connection}, and run this again`;
}
