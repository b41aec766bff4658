/**
 * The chart's ServiceAccount as a user of a Kubernetes API: with its roles, and nothing else.
 *
 * @module
 */
import { parse, stringify } from "yaml";
import type { PolicyRule } from "../../mock/kubernetes/access.ts";
import type { ServedKubernetes } from "../../mock/kubernetes/serve.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { ofKind } from "./helm.ts";

/** The rules of rendered roles, each with the namespaces in which its binding applies it. */
export function rulesOf(objects: readonly KubeObject[]): PolicyRule[] {
  type Role = KubeObject & { rules: PolicyRule[] };
  const roles = ofKind(objects, "Role") as Role[];
  // A ClusterRole without a binding is for people.
  const bound = ofKind(objects, "ClusterRoleBinding").map((binding) =>
    (binding as unknown as { roleRef: { name: string } }).roleRef.name
  );
  const clusterRoles = (ofKind(objects, "ClusterRole") as Role[])
    .filter(({ metadata }) => bound.includes(metadata.name ?? ""));
  return [
    ...roles.flatMap(({ metadata, rules }) =>
      rules.map((rule) => ({ ...rule, namespaces: [metadata.namespace ?? ""] }))
    ),
    ...clusterRoles.flatMap(({ rules }) => rules),
  ];
}

/** Everything that rules allow, as `verb resource.group`. */
export function granted(rules: readonly PolicyRule[]): string[] {
  const all = rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => {
        const [plural = "", subresource] = resource.split("/");
        const name = `${plural}${group && `.${group}`}${subresource === undefined ? "" : `/${subresource}`}`;
        return verbs.map((verb) => `${verb} ${name}`);
      })
    )
  );
  return [...new Set(all)].sort();
}

/** A kubeconfig for the account on an embedded API, with the rules of the rendered roles. */
export function embeddedAccount(served: ServedKubernetes, objects: readonly KubeObject[], namespace: string): string {
  served.api.addUser("operator-token", rulesOf(objects), "operator");
  return served.kubeconfigOf("operator-token", namespace);
}

const ADMISSION = { group: "admissionregistration.k8s.io", version: "v1" };
const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
const paths: Record<string, { group: string; version: string; plural: string }> = {
  ServiceAccount: { group: "", version: "v1", plural: "serviceaccounts" },
  Role: { ...RBAC, plural: "roles" },
  RoleBinding: { ...RBAC, plural: "rolebindings" },
  ClusterRole: { ...RBAC, plural: "clusterroles" },
  ClusterRoleBinding: { ...RBAC, plural: "clusterrolebindings" },
  ValidatingAdmissionPolicy: { ...ADMISSION, plural: "validatingadmissionpolicies" },
  ValidatingAdmissionPolicyBinding: { ...ADMISSION, plural: "validatingadmissionpolicybindings" },
};

/** Creates the account with its roles on a real API server, and returns a kubeconfig with its token. */
export async function realAccount(
  { client, adminKubeconfig }: { client: KubeClient; adminKubeconfig: string },
  objects: readonly KubeObject[],
): Promise<string> {
  for (const object of objects) {
    const path = paths[object.kind ?? ""];
    if (path === undefined) continue;
    const { namespace } = object.metadata;
    await client.create({ ...path, ...namespace && { namespace } }, object);
  }
  const [account] = ofKind(objects, "ServiceAccount");
  const { name = "", namespace = "" } = account?.metadata ?? {};
  const url = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const answer = await client.request("POST", url, { body: { spec: { expirationSeconds: 3600 } } });
  const { token } = answer.status as { token: string };
  const admin = parse(adminKubeconfig) as { clusters: [{ name: string; cluster: unknown }] };
  const [cluster] = admin.clusters;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [cluster],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: cluster.name, user: name, namespace } }],
    "current-context": name,
  });
}
