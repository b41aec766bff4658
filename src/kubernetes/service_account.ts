/**
 * Credentials that Kubernetes mounts into a pod.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { KubeConnectionError } from "./errors.ts";

/** The directory in which the kubelet mounts a pod's credentials. */
export const SERVICE_ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How long a token is used before it is read again, in ms: the kubelet replaces tokens while a pod runs. */
const TOKEN_MS = 60_000;

/** A pod's view of its cluster. */
export interface ServiceAccount {
  readonly server: string;
  readonly caCerts: readonly string[];
  /**
   * The currently mounted authorities: when a cluster's authority is rotated, the kubelet replaces them while a pod
   * runs.
   */
  readonly newestCaCerts: () => Promise<readonly string[]>;
  readonly token: () => Promise<string>;
  readonly namespace: string | undefined;
}

/** Options for finding a pod's credentials. */
export interface ServiceAccountOptions {
  /** The directory of the mounted files. */
  readonly dir: string;
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  readonly clock: Clock;
}

/** The pod's credentials; `undefined` outside a pod, or if none are mounted. */
export async function readServiceAccount(options: ServiceAccountOptions): Promise<ServiceAccount | undefined> {
  const { dir, env, clock } = options;
  const host = env("KUBERNETES_SERVICE_HOST");
  const ca = host && await readIfThere(`${dir}/ca.crt`);
  if (!host || !ca || !await readIfThere(`${dir}/token`)) return undefined;
  const port = env("KUBERNETES_SERVICE_PORT") ?? "443";
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    caCerts: [ca],
    newestCaCerts: remembered(clock, async () => [await readIfThere(`${dir}/ca.crt`) ?? ca]),
    token: remembered(clock, () => readToken(`${dir}/token`)),
    namespace: await readIfThere(`${dir}/namespace`),
  };
}

/**
 * Calls `read` again only after a minute, or after a failure.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FakeClock } from "../base/clock_fake.ts";
 * import { remembered } from "./service_account.ts";
 *
 * const clock = new FakeClock();
 * let reads = 0;
 * const token = remembered(clock, async () => `token ${++reads}`);
 * assert.deepEqual([await token(), await token()], ["token 1", "token 1"]);
 * await clock.advance(60_000);
 * assert.equal(await token(), "token 2");
 * ```
 */
export function remembered<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let last: { value: Promise<T>; readAt: number } | undefined;
  return () => {
    const now = clock.monotonic();
    if (last && now - last.readAt < TOKEN_MS) return last.value;
    const fresh = { value: read(), readAt: now };
    fresh.value.catch(() => {
      if (last === fresh) last = undefined;
    });
    last = fresh;
    return fresh.value;
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await Deno.readTextFile(file)).trim();
  } catch (cause) {
    throw new KubeConnectionError(`Cannot read the service account token "${file}"`, { cause });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(file)).trim() || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
