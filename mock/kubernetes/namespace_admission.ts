/**
 * Checks whether an object may be created in a namespace.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { forbidden, notFound } from "./errors.ts";
import { namespaces } from "./kinds/namespace.ts";
import { type ResourceType, storageName } from "./resource_type.ts";
import type { Store } from "./store.ts";

/** @throws {ApiError} 404 or 403 if the namespace of a new object is missing, or if it or the kind is being deleted. */
export function checkNamespace(store: Store, type: ResourceType, { metadata }: KubeObject): void {
  const { name = "", namespace } = metadata;
  if (type.isTerminating) {
    throw forbidden(type, name, "create not allowed while custom resource definition is terminating");
  }
  if (!type.namespaced || namespace === undefined) return;
  const found = store.collection(storageName(namespaces)).get(`/${namespace}`);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(type, name, why, [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }]);
}
