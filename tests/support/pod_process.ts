/**
 * Runs the binary as a process that believes it is in a pod: it finds mounted credentials in its own mount namespace.
 * Linux only; it needs `unshare` from util-linux.
 *
 * @module
 */
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { argumentsOf, mountAccount } from "./pod_account.ts";
import { logged } from "./logged_process.ts";
import { freePort } from "./ports.ts";

const MOUNT_POINT = "/run/secrets/kubernetes.io/serviceaccount";
/** Mounts a folder ($1) at the path of a pod's credentials, and runs the remaining arguments. */
const SCRIPT =
  `mount -t tmpfs tmpfs /run && mkdir -p ${MOUNT_POINT} && mount --bind "$1" ${MOUNT_POINT} && shift && exec "$@"`;

/** Options of a pod. */
export interface PodOptions {
  readonly kube: KubeClient;
  /** An admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Arguments in addition to the chart's. */
  readonly args?: readonly string[];
}

/** A running operator. */
export interface PodProcess extends AsyncDisposable {
  readonly pid: number;
  /** Returns its output so far. */
  log(): string;
  /** Returns whether its readiness probe succeeds. */
  isReady(): Promise<boolean>;
}

/** Starts `run` as a pod of a namespace, with the account that {@link mountAccount} makes. */
export async function startInPod(binary: string, options: PodOptions): Promise<PodProcess> {
  const { kube, kubeconfig, namespace, args = [] } = options;
  const folder = await Deno.makeTempDir({ prefix: "account-" });
  const manifests = await mountAccount(kube, { namespace, kubeconfig, folder });
  const { hostname, port } = new URL(kube.server);
  const address = `127.0.0.1:${freePort()}`;
  const child = new Deno.Command("unshare", {
    args: [
      ...["--mount", "--map-root-user", "sh", "-c", SCRIPT, "sh", folder],
      // If an argument occurs twice, the last one counts.
      ...[binary, ...argumentsOf(manifests), "--http-address", address, ...args],
    ],
    clearEnv: true,
    env: { HOSTNAME: "pod-0", KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, PATH: "/usr/bin:/bin" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const process = logged(child);
  return {
    pid: child.pid,
    log: () => process.log(),
    isReady: async () => {
      const answer = await fetch(`http://${address}/readyz`);
      await answer.body?.cancel();
      return answer.ok;
    },
    [Symbol.asyncDispose]: async () => {
      await process[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
