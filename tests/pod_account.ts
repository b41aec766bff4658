/**
 * The account that the operator has in a cluster: a ServiceAccount with the rights of its Role and no others, and the files
 * that a kubelet would mount for it.
 *
 * @module
 */
import { parse } from "yaml";
import { toRules } from "../src/generate/rbac.ts";
import type { KubeClient, KubeObject } from "../src/kubernetes/client.ts";
import { resources } from "../src/resources/mod.ts";

/** The name of the ServiceAccount, its Role and the binding. */
const NAME = "databricks-kube-operator";
/** How long the token is good (s). */
const TOKEN_SECONDS = 3600;

/** Everything that gives the operator its rights in a namespace. */
export function rbacManifests(namespace: string): KubeObject[] {
  const metadata = { name: NAME, namespace };
  const api = "rbac.authorization.k8s.io";
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: `${api}/v1`, kind: "Role", metadata, rules: toRules(resources) },
    {
      apiVersion: `${api}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: api, kind: "Role", name: NAME },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
    },
  ];
}

/** What the account needs besides its rights. */
export interface AccountOptions {
  readonly namespace: string;
  /** An admin's kubeconfig of the same API server, for its certificate. */
  readonly kubeconfig: string;
  /** Where to write `token`, `ca.crt` and `namespace`. */
  readonly folder: string;
}

/** Makes the account in a namespace, and writes its files. */
export async function mountAccount(kube: KubeClient, options: AccountOptions): Promise<void> {
  const { namespace, kubeconfig, folder } = options;
  for (const manifest of rbacManifests(namespace)) {
    const [group, version] = manifest.apiVersion?.includes("/") ? manifest.apiVersion.split("/") : ["", "v1"];
    const plural = `${manifest.kind?.toLowerCase()}s`;
    await kube.create({ group: group ?? "", version: version ?? "", plural, namespace }, manifest);
  }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${NAME}/token`;
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: TOKEN_SECONDS },
  };
  const { status } = await kube.request("POST", path, { body: request }) as { status: { token: string } };
  const { clusters } = parse(await Deno.readTextFile(kubeconfig));
  const files = { token: status.token, "ca.crt": atob(clusters[0].cluster["certificate-authority-data"]), namespace };
  // As a kubelet does it: it replaces all files at once by turning a link around.
  await Deno.mkdir(`${folder}/..1`, { recursive: true });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/..1/${name}`, text);
  await Deno.symlink("..1", `${folder}/..data`);
  for (const name of Object.keys(files)) await Deno.symlink(`..data/${name}`, `${folder}/${name}`);
}
