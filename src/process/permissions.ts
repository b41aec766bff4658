/**
 * The permissions of the operator's process: those that are compiled into the binary, and those that a pod drops once
 * it is connected.
 *
 * It may use the network (except addresses that hand out a machine's credentials), read files, and read a few
 * environment variables. It may not run programs, load native libraries, write files or query the system.
 *
 * @module
 */

/** The environment variables that it may read. */
export const ENVIRONMENT: readonly string[] = [
  // Where Kubernetes is.
  ...["KUBECONFIG", "HOME", "USERPROFILE", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"],
  // The pod's own name and namespace.
  ...["POD_NAMESPACE", "HOSTNAME"],
  // Entra Workload ID; its webhook sets them.
  ...["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST"],
  // A person's own sign-in, under the names of the Databricks SDKs (see sign_in/profile.ts).
  ...["HOST", "TOKEN", "CLIENT_ID", "CLIENT_SECRET", "AUTH_TYPE", "TOKEN_AUDIENCE", "WORKSPACE_ID", "AZURE_RESOURCE_ID"]
    .map((name) => `DATABRICKS_${name}`),
  ...["DATABRICKS_CONFIG_PROFILE", "DATABRICKS_CONFIG_FILE"],
  ...["ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID", "ARM_USE_MSI"],
  // Options of the command line, and the format of its errors.
  ...["DATABRICKS_KUBE_CONFIGMAP", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"],
  // Debug output of the YAML library.
  ...["LOG_STREAM", "LOG_TOKENS"],
  // The runtime uses proxies without a permission; they are read for the log (see proxies.ts).
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"],
];

/**
 * Addresses where clouds hand out the credentials of a machine. IPv6's link-local ranges need no entry: they cannot be
 * reached without the name of an interface, which a URL cannot hold.
 */
export const DENIED_ADDRESSES: readonly string[] = [
  "169.254.0.0/16",
  // AWS, Google, Alibaba.
  ...["[fd00:ec2::254]", "[fd20:ce::254]", "100.100.100.200"],
];

/** Azure's metadata service: the only link-local address that a binary for managed identities may reach. */
const METADATA = [169, 254, 169, 254];

/** The blocks that together cover 169.254.0.0/16 except one address. */
function linkLocalBut(address: readonly number[]): string[] {
  const value = address.reduce((sum, byte) => sum * 256 + byte, 0);
  return Array.from({ length: 16 }, (_, index) => {
    const width = 15 - index;
    const other = Math.floor(value / 2 ** width) ^ 1;
    const first = ((other >>> 0) * 2 ** width) >>> 0;
    return `${[24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join(".")}/${32 - width}`;
  });
}

/** The directories of a pod's identity tokens, for Kubernetes, Databricks and Entra, under both names of the folder. */
const MOUNTED = ["kubernetes.io/serviceaccount", "databricks", "azure/tokens"].flatMap((name) => [
  `/var/run/secrets/${name}`,
  `/run/secrets/${name}`,
]);

/**
 * The permissions, as flags of `deno run` and `deno compile`. With `managedIdentity`, the address of Azure's metadata
 * service is not denied.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { permissionFlags } from "./permissions.ts";
 *
 * assert.ok(permissionFlags().includes("--no-prompt"));
 * assert.ok(!permissionFlags().some((flag) => /^--allow-(all|run|write|ffi|sys|import)/.test(flag)));
 * ```
 */
export function permissionFlags({ managedIdentity = false }: { readonly managedIdentity?: boolean } = {}): string[] {
  const [linkLocal = "", ...others] = DENIED_ADDRESSES;
  const denied = [...managedIdentity ? linkLocalBut(METADATA) : [linkLocal], ...others];
  return [
    "--no-prompt",
    "--allow-net",
    `--deny-net=${denied.join()}`,
    `--allow-env=${ENVIRONMENT.join()}`,
    // The mounted folders are named besides the root, so that they remain when the root is dropped.
    `--allow-read=/,${MOUNTED.join()}`,
  ];
}

/**
 * The permissions of the binary for people, `kubectl databricks`: everything that the person may do. Kubeconfigs run
 * programs to sign in, `open` runs a browser, and `--for-git` writes files.
 */
export function personalFlags(): string[] {
  return ["--no-prompt", "--allow-net", "--allow-env", "--allow-read", "--allow-write", "--allow-sys", "--allow-run"];
}

/**
 * Drops the permission to read files, except a pod's mounted credentials. Has no effect if the process was started with
 * permission to read everything.
 */
export async function readMountedOnly(): Promise<void> {
  await Deno.permissions.revoke({ name: "read", path: "/" });
}
