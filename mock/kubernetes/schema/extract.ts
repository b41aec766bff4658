/**
 * Writes builtin.json, the schemas of the built-in kinds, from a real API server's OpenAPI v3 documents:
 * `deno run -A mock/kubernetes/schema/extract.ts kubeconfig`. Only the first sentence of a description is kept.
 *
 * @module
 */
import type { Schema } from "./schema.ts";

const DOCUMENTS = [
  "api/v1",
  "apis/apiextensions.k8s.io/v1",
  "apis/apps/v1",
  "apis/coordination.k8s.io/v1",
  "apis/events.k8s.io/v1",
  "apis/networking.k8s.io/v1",
  "apis/policy/v1",
  "apis/rbac.authorization.k8s.io/v1",
];
const KINDS = [
  "io.k8s.api.core.v1.Namespace",
  "io.k8s.api.core.v1.ConfigMap",
  "io.k8s.api.core.v1.Secret",
  "io.k8s.api.core.v1.Event",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ServiceAccount",
  "io.k8s.api.apps.v1.Deployment",
  "io.k8s.api.apps.v1.StatefulSet",
  "io.k8s.api.coordination.v1.Lease",
  "io.k8s.api.events.v1.Event",
  "io.k8s.api.networking.v1.NetworkPolicy",
  "io.k8s.api.policy.v1.PodDisruptionBudget",
  "io.k8s.api.rbac.v1.ClusterRole",
  "io.k8s.api.rbac.v1.ClusterRoleBinding",
  "io.k8s.api.rbac.v1.Role",
  "io.k8s.api.rbac.v1.RoleBinding",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
];

/** The schemas of the kinds, with all those that they refer to. */
function reachable(all: Record<string, Schema>): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const todo = [...KINDS];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    const schema = all[name];
    if (found[name] !== undefined || schema === undefined) continue;
    found[name] = shorten(schema) as Schema;
    for (const [, next] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/([^"]+)/g)) todo.push(next!);
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a < b ? -1 : 1));
}

function shorten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shorten);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === "description" && typeof item === "string" ? item.replace(/(?<=\.)\s[\s\S]*$/, "") : shorten(item),
  ]);
  return Object.fromEntries(entries);
}

async function download(kubeconfig: string, path: string): Promise<Record<string, Schema>> {
  const args = ["--kubeconfig", kubeconfig, "get", "--raw", `/openapi/v3/${path}`];
  const { stdout } = await new Deno.Command("kubectl", { args, stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).components.schemas;
}

if (import.meta.main) {
  const [kubeconfig = ""] = Deno.args;
  const documents = await Promise.all(DOCUMENTS.map((path) => download(kubeconfig, path)));
  const text = JSON.stringify(reachable(Object.assign({}, ...documents)), null, 2);
  await Deno.writeTextFile(new URL("builtin.json", import.meta.url), `${text}\n`);
}
