/**
 * The operator's rights, derived from the kinds that it manages: exactly those that it uses, without wildcards.
 *
 * Every rule is for a namespace, except those of {@link toEndRules}. Discovery, with which it waits for its CRDs and
 * notices their deletion, is open to every user that the API server authenticates.
 *
 * @module
 */
import { GROUP, type IngestSource, isIngestible, type Resource } from "../resource.ts";

/** A rule of a Kubernetes Role. */
export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  /** The objects that the rule covers; by default all. */
  resourceNames?: string[];
  verbs: string[];
}

/** The names of the objects that the operator reads. */
export interface RuleNames {
  /** The ConfigMap with the settings. */
  readonly configMap?: string;
  /** The Secrets that settings and manifests refer to; by default any of the namespace. */
  readonly secrets?: readonly string[];
  /** The ConfigMaps that settings and manifests refer to; by default any of the namespace, if a kind uses them. */
  readonly configMaps?: readonly string[];
}

/** The part of a resource that its rules depend on. */
export type RbacSource = Pick<Resource, "plural"> & IngestSource & {
  /** True for a kind whose manifests may refer to a ConfigMap. */
  readonly readsConfigMaps?: true;
  /** True where the operator does not delete objects. */
  readonly isKept?: true;
};

/**
 * The rules of the operator's Role in a namespace that it watches.
 *
 * The operator deletes objects whose resource in Databricks is gone, and creates objects of the kinds that can be
 * ingested. It reads them by lists and watches only. It reads the ConfigMap and the Secrets by name, so that
 * `resourceNames` can limit them. Where many Secrets are in use and the whole namespace may be listed, a watch of their
 * metadata shows which of them changed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toRules } from "./rbac.ts";
 *
 * assert.deepEqual(toRules([{ plural: "repos" }], { configMap: "settings" }).slice(2, 4), [
 *   { apiGroups: ["com.dstancu.databricks"], resources: ["repos/status"], verbs: ["patch"] },
 *   { apiGroups: [""], resources: ["configmaps"], resourceNames: ["settings"], verbs: ["list", "watch"] },
 * ]);
 * ```
 */
export function toRules(
  resources: readonly RbacSource[],
  { configMap, secrets, configMaps }: RuleNames = {},
): PolicyRule[] {
  const isAny = configMap === undefined || (configMaps === undefined && resources.some(readsConfigMaps));
  const plurals = resources.map(({ plural }) => plural);
  const deleted = resources.filter(({ isKept }) => isKept !== true).map(({ plural }) => plural);
  const ingested = resources.filter(isIngestible).map(({ plural }) => plural);
  const status = plurals.map((plural) => `${plural}/status`);
  return [
    { apiGroups: [GROUP], resources: plurals, verbs: ["list", "patch", "watch"] },
    { apiGroups: [GROUP], resources: deleted, verbs: ["delete"] },
    ...ingested.length === 0 ? [] : [{ apiGroups: [GROUP], resources: ingested, verbs: ["create"] }],
    { apiGroups: [GROUP], resources: status, verbs: ["patch"] },
    {
      apiGroups: [""],
      resources: ["configmaps"],
      ...!isAny && { resourceNames: [configMap, ...configMaps ?? []] },
      verbs: ["list", "watch"],
    },
    {
      apiGroups: [""],
      resources: ["secrets"],
      ...secrets !== undefined && { resourceNames: [...secrets] },
      verbs: ["list", "watch"],
    },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    // A Role can read only its own namespace: this tells whether it is being deleted.
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
  ];
}

/** True for a kind whose manifests may refer to a ConfigMap. */
function readsConfigMaps({ readsConfigMaps }: RbacSource): boolean {
  return readsConfigMaps === true;
}

/**
 * The rules with which the operator releases objects of a watched namespace that is being deleted: Kubernetes deletes a
 * Role at once with its namespace, before the objects, whose finalizers would then hold the namespace forever. So these
 * rules belong to a ClusterRole. They name no Secrets.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toEndRules } from "./rbac.ts";
 *
 * assert.deepEqual(toEndRules([{ plural: "repos" }])[0]?.verbs, ["list", "patch", "watch"]);
 * ```
 */
export function toEndRules(resources: readonly RbacSource[], { configMap }: RuleNames = {}): PolicyRule[] {
  const plurals = resources.map(({ plural }) => plural);
  const byName = configMap !== undefined && { resourceNames: [configMap] };
  return [
    { apiGroups: [GROUP], resources: plurals, verbs: ["list", "patch", "watch"] },
    { apiGroups: [GROUP], resources: plurals.map((plural) => `${plural}/status`), verbs: ["patch"] },
    { apiGroups: [""], resources: ["configmaps"], ...byName, verbs: ["list", "watch"] },
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
  ];
}

/**
 * The rules of leader election, in the operator's own namespace.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toLeaseRules } from "./rbac.ts";
 *
 * assert.deepEqual(toLeaseRules(["operator"])[1]?.resourceNames, ["operator"]);
 * ```
 */
export function toLeaseRules(leases: readonly string[]): PolicyRule[] {
  const kind = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  // On create, the authorizer does not know the name yet.
  return [
    { ...kind, verbs: ["create"] },
    { ...kind, resourceNames: [...leases], verbs: ["get", "list", "update", "watch"] },
  ];
}

/**
 * The rules that users get through the cluster's roles `view` and `edit` (and `admin`, which includes both).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toPeopleRules } from "./rbac.ts";
 *
 * const { view } = toPeopleRules([{ plural: "repos" }]);
 * assert.deepEqual(view.verbs, ["get", "list", "watch"]);
 * ```
 */
export function toPeopleRules(resources: readonly RbacSource[]): { view: PolicyRule; edit: PolicyRule } {
  const kinds = { apiGroups: [GROUP], resources: resources.map(({ plural }) => plural) };
  return {
    view: { ...kinds, verbs: ["get", "list", "watch"] },
    edit: { ...kinds, verbs: ["create", "delete", "deletecollection", "patch", "update"] },
  };
}
