/**
 * The operator's account in a cluster: a ServiceAccount with exactly the rights of its Role, and the files that a
 * kubelet would mount for it. Both come from the chart if Helm is installed.
 *
 * @module
 */
import { parse } from "yaml";
import { toLeaseRules, toRules } from "../../src/generate/rbac.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { kinds } from "../../src/kinds.ts";
import { hasHelm, render } from "../chart/helm.ts";

/** The name of all objects, if the chart does not name them. */
const NAME = "databricks-kube-operator";
const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
/** The API paths of the objects that grant rights. */
const paths: Record<string, { group: string; version: string; plural: string }> = {
  ServiceAccount: { group: "", version: "v1", plural: "serviceaccounts" },
  Role: { ...RBAC, plural: "roles" },
  RoleBinding: { ...RBAC, plural: "rolebindings" },
};
/** The lifetime of the token (s). */
const TOKEN_SECONDS = 3600;

/**
 * Everything that the operator needs in a namespace: the objects of the chart or, without Helm, objects with the same
 * rights.
 */
export async function podManifests(namespace: string): Promise<KubeObject[]> {
  if (hasHelm) return await render({}, namespace);
  const metadata = { name: NAME, namespace };
  const rules = [...toRules(kinds, { configMap: NAME }), ...toLeaseRules([NAME])];
  const apiVersion = `${RBAC.group}/${RBAC.version}`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion, kind: "Role", metadata, rules },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: RBAC.group, kind: "Role", name: NAME },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
    },
  ];
}

/** The arguments of the operator's container from the chart's Deployment, or a default without it. */
export function argumentsOf(manifests: readonly KubeObject[]): string[] {
  type Pod = { template: { spec: { containers: { args: string[] }[] } } };
  const deployment = manifests.find(({ kind }) => kind === "Deployment")?.spec as Pod | undefined;
  return deployment?.template.spec.containers[0]?.args ?? ["run", "--http-address=:8080"];
}

/** Parameters of the account. */
export interface AccountOptions {
  readonly namespace: string;
  /** An admin's kubeconfig of the same API server, for its certificate. */
  readonly kubeconfig: string;
  /** The folder for `token`, `ca.crt` and `namespace`. */
  readonly folder: string;
}

/** Creates the account in a namespace, and writes its files. @returns the created objects. */
export async function mountAccount(kube: KubeClient, options: AccountOptions): Promise<KubeObject[]> {
  const { namespace, kubeconfig, folder } = options;
  const manifests = await podManifests(namespace);
  for (const manifest of manifests) {
    const path = paths[manifest.kind ?? ""];
    if (path !== undefined) await kube.create({ ...path, namespace }, manifest);
  }
  const name = manifests.find(({ kind }) => kind === "ServiceAccount")?.metadata.name;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: TOKEN_SECONDS },
  };
  const { status } = await kube.request("POST", path, { body: request }) as { status: { token: string } };
  const { clusters } = parse(await Deno.readTextFile(kubeconfig));
  const files = { token: status.token, "ca.crt": atob(clusters[0].cluster["certificate-authority-data"]), namespace };
  // A kubelet does the same: it replaces all files at once by switching a symbolic link.
  await Deno.mkdir(`${folder}/..1`, { recursive: true });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/..1/${name}`, text);
  await Deno.symlink("..1", `${folder}/..data`);
  for (const name of Object.keys(files)) await Deno.symlink(`..data/${name}`, `${folder}/${name}`);
  return manifests;
}
