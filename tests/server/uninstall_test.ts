/** On a real API server: an operator with the rights of its Role sees an uninstall before it deletes anything. */
import { toRules } from "../../src/generate/rbac.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { resources } from "../../src/resources/mod.ts";
import { startProcess } from "../api_servers.ts";
import { installCrds } from "../harness.ts";
import { uninstall } from "../uninstall.ts";
import { KubeConfig } from "@kubernetes/client-node";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY)" : "";

/** A client with a Role's rights in a namespace, by the token of a ServiceAccount. */
async function withRole(admin: KubeClient, kubeconfig: string, namespace: string): Promise<KubeClient> {
  const metadata = { name: "operator" };
  const rbac = (plural: string) => ({ group: "rbac.authorization.k8s.io", version: "v1", plural, namespace });
  await admin.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
  await admin.create({ group: "", version: "v1", plural: "serviceaccounts", namespace }, { metadata });
  await admin.create(rbac("roles"), { metadata, rules: toRules(resources) });
  await admin.create(rbac("rolebindings"), {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "operator" },
    subjects: [{ kind: "ServiceAccount", name: "operator", namespace }],
  });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/operator/token`;
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const { status } = await admin.request("POST", path, { body });
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  const token = String((status as { token: unknown }).token);
  return new KubeClient({ server: admin.server, caCerts: [atob(cluster?.caData ?? "")], token: () => token });
}

Deno.test({
  name: `CRDs that are deleted take nothing in Databricks with them, whether the operator runs or not${needs}`,
  ignore: binary === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using server = await startProcess(binary ?? "");
    for (const isRunning of [true, false]) {
      const { client: admin } = await connect({ kubeconfig: server.kubeconfig });
      await installCrds(admin);
      const namespace = isRunning ? "running" : "down";
      const operator = await withRole(admin, server.kubeconfig, namespace);
      await uninstall({ admin, operator, namespace, isRunning });
      operator.close();
    }
  },
});
