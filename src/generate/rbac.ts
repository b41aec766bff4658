/**
 * What the operator may do in a namespace, from the kinds that it manages.
 *
 * @module
 */
import { GROUP, type Resource } from "../resource.ts";

/** A rule of a Kubernetes Role. */
export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/**
 * The rules of the operator's Role.
 *
 * Objects are created and deleted too, since what exists in Databricks only may be ingested, and what vanished there is
 * removed here.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toRules } from "./rbac.ts";
 *
 * assert.deepEqual(toRules([{ plural: "repos" }])[1], {
 *   apiGroups: ["com.dstancu.databricks"],
 *   resources: ["repos/status"],
 *   verbs: ["patch", "update"],
 * });
 * ```
 */
export function toRules(resources: readonly Pick<Resource, "plural">[]): PolicyRule[] {
  const plurals = resources.map(({ plural }) => plural);
  const status = plurals.map((plural) => `${plural}/status`);
  return [
    { apiGroups: [GROUP], resources: plurals, verbs: ["create", "delete", "get", "list", "patch", "update", "watch"] },
    { apiGroups: [GROUP], resources: status, verbs: ["patch", "update"] },
    { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["get", "list", "watch"] },
    // Which of the two groups takes an event depends on the client.
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"] },
  ];
}
