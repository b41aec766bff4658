/**
 * Detects what is deleted together with an object: its kind's CRD, or its namespace.
 *
 * @module
 */
import { type KubeClient, KubeError } from "../../../kubernetes/client.ts";
import { GROUP, VERSION } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Pass } from "../pass.ts";

/**
 * True if the CRD of an object's kind is being deleted: the operator is being uninstalled, so nothing in Databricks is
 * deleted.
 *
 * @throws {BlockedError} if the API server gives no answer.
 */
export async function isUninstalling(client: KubeClient, { resource, label }: Pass): Promise<boolean> {
  // Discovery needs no permission, and lists a CRD that is being deleted without the verbs that write.
  const served = await client.discover(GROUP, VERSION);
  const verbs = served.get(resource.plural);
  if (verbs !== undefined) return !verbs.includes("create");
  const why = `the API server does not serve ${resource.plural}.${GROUP} at the moment`;
  throw new BlockedError("CrdMissing", `Cannot delete ${label}: ${why}`, "retry");
}

/** True if a namespace is being deleted; false if that cannot be read. */
export async function isNamespaceEnding(client: Pick<KubeClient, "get">, name: string): Promise<boolean> {
  try {
    const namespace = await client.get({ group: "", version: "v1", plural: "namespaces" }, name);
    return namespace.metadata.deletionTimestamp !== undefined;
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return false;
    throw error;
  }
}
