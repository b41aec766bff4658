/**
 * Further kinds that a chart or a kustomization contains. They are stored and served, so that Helm and kubectl can use
 * them, but have no effect: a Deployment creates no Pods, and a Role grants nothing.
 *
 * @module
 */
import { at } from "../values.ts";
import { type Builtin, builtin } from "./builtin.ts";

const workload = (kind: string, shortName: string): Builtin => ({
  group: "apps",
  kind,
  schema: `io.k8s.api.apps.v1.${kind}`,
  shortNames: [shortName],
  categories: ["all"],
  subresources: ["status"],
  columns: [{
    name: "Ready",
    type: "string",
    description: "How many replicas are ready, of how many that are wanted.",
    cell: (object) => `${at(object, "status", "readyReplicas") ?? 0}/${at(object, "spec", "replicas") ?? 1}`,
  }],
  rules: { hasGeneration: true },
});

const access = (kind: string, namespaced: boolean): Builtin => ({
  group: "rbac.authorization.k8s.io",
  kind,
  schema: `io.k8s.api.rbac.v1.${kind}`,
  namespaced,
});

const binding = (kind: string, namespaced: boolean): Builtin => ({
  ...access(kind, namespaced),
  columns: [{
    name: "Role",
    type: "string",
    cell: (object) => `${at(object, "roleRef", "kind") ?? ""}/${at(object, "roleRef", "name") ?? ""}`,
  }],
});

export const stored = ([
  workload("Deployment", "deploy"),
  workload("StatefulSet", "sts"),
  {
    kind: "Service",
    schema: "io.k8s.api.core.v1.Service",
    shortNames: ["svc"],
    categories: ["all"],
    subresources: ["status"],
  },
  {
    group: "networking.k8s.io",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    schema: "io.k8s.api.networking.v1.NetworkPolicy",
    shortNames: ["netpol"],
    rules: { hasGeneration: true },
  },
  {
    group: "policy",
    kind: "PodDisruptionBudget",
    schema: "io.k8s.api.policy.v1.PodDisruptionBudget",
    shortNames: ["pdb"],
    subresources: ["status"],
    rules: { hasGeneration: true },
  },
  access("Role", true),
  access("ClusterRole", false),
  binding("RoleBinding", true),
  binding("ClusterRoleBinding", false),
] satisfies readonly Builtin[]).map(builtin);
