/**
 * `export`: prints the objects as manifests that take over their resources in another cluster. Docs: docs/operations.md.
 *
 * A manifest alone lacks the link between an object and its resource: the id, and the UID that the ownership tag of a
 * job names. Both are added, so that restoring creates nothing and writes nothing in Databricks. The command only
 * reads.
 *
 * @module
 */
import type { KubeObject } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/kubeconfig.ts";
import { kinds } from "../kinds.ts";
import { GROUP, VERSION } from "../resource.ts";
import { annotations, formerUids, ownershipOf, statusOf } from "../reconcile/object/status.ts";
import { put } from "./export/put.ts";
import { allObjects } from "./all_objects.ts";
import { idInSpec } from "./hand_back_plan.ts";
import { type NamespaceOptions, namespacesOf } from "./namespaces.ts";

/** The options of the command line. */
export interface ExportOptions extends NamespaceOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Runs the command and gives the process's exit code. */
export async function exportObjects(options: ExportOptions): Promise<number> {
  const { kubeconfig, context } = options;
  const { client, namespace } = await connect({ kubeconfig, context });
  for await (const [{ kind }, object] of allObjects(client, namespacesOf(options, namespace), kinds)) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    if (statusOf(object).pending !== undefined) {
      const { name, namespace } = object.metadata;
      console.error(`${kind} ${namespace}/${name} is being created, so its id is not known yet: export again`);
    }
    await put(portable(kind, object));
  }
  return 0;
}

/**
 * An object as a manifest that takes over its resource.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { portable } from "./export_objects.ts";
 *
 * const uid = "0f4b2c1e-0000-4000-8000-000000000001";
 * const metadata = { name: "etl", namespace: "data", uid, resourceVersion: "7" };
 * const manifest = portable("DatabricksJob", { metadata, spec: { job: {} }, status: { id: "9" } });
 * assert.deepEqual(manifest.metadata.annotations, { "databricks-operator/adopt": uid });
 * assert.deepEqual(manifest.spec, { job: { job_id: 9n } });
 * ```
 */
export function portable(kind: string, object: KubeObject): KubeObject {
  const { name, namespace, labels, uid = "", annotations: before = {} } = object.metadata;
  const { [LAST_APPLIED]: _applied, ...rest } = before;
  const isBound = statusOf(object).id !== undefined && ownershipOf(object) === "operator";
  // A resource may still carry a UID from before an earlier restore.
  const adopt = isBound ? { [annotations.adopt]: [uid, ...formerUids(object)].join(",") } : {};
  const all = { ...rest, ...adopt };
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name, namespace, ...labels && { labels }, ...Object.keys(all).length > 0 && { annotations: all } },
    spec: withId(kind, object),
  } as KubeObject;
}

function withId(kind: string, object: KubeObject): Record<string, unknown> {
  const spec: Record<string, unknown> = { ...object.spec };
  for (const [field, ids] of Object.entries(idInSpec(kind, object) ?? {})) {
    spec[field] = { ...spec[field] as Record<string, unknown>, ...ids };
  }
  return spec;
}
