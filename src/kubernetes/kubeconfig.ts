/**
 * Finds the Kubernetes cluster to work with.
 *
 * It tries, in this order: the kubeconfig from an option, `KUBECONFIG`, the pod's own credentials, `~/.kube/config`.
 * `@kubernetes/client-node` reads kubeconfig files, since it supports contexts, exec plugins and OIDC; it is loaded
 * only then, since it takes half a second and 80 MB.
 *
 * @module
 */
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node";
import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { systemClock } from "../base/clock.ts";
import { KubeClient, type KubeClientOptions } from "./client.ts";
import { KubeConnectionError } from "./errors.ts";
import { loadKubeConfig } from "./kubeconfig_loader.ts";
import { readServiceAccount, remembered, SERVICE_ACCOUNT_DIR } from "./service_account.ts";

/** Options that select the cluster. */
export interface ConnectOptions {
  /** A kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  /** A context of the kubeconfig; by default its current one. */
  readonly context?: string | undefined;
  /** Reads an environment variable; by default `Deno.env.get`. */
  readonly env?: ((name: string) => string | undefined) | undefined;
  /** The directory of a pod's credentials. */
  readonly serviceAccountDir?: string | undefined;
  /** See {@link KubeClientOptions}; the same for the next two. */
  readonly onAnswer?: KubeClientOptions["onAnswer"];
  readonly timeoutMs?: KubeClientOptions["timeoutMs"];
  readonly idleMs?: KubeClientOptions["idleMs"];
}

/** A cluster, and the operator's place in it. */
export interface ConnectedCluster {
  readonly client: KubeClient;
  /** The pod's namespace, or the context's; `default` if neither has one. */
  readonly namespace: string;
  /** True when the credentials are a pod's. */
  readonly inCluster: boolean;
}

/** Features of kubeconfig files that Deno's HTTP client lacks: refused rather than ignored. */
const unsupported: { name: string; used(config: KubeConfig): unknown; advice: string }[] = [
  {
    name: "insecure-skip-tls-verify",
    used: (config) => config.getCurrentCluster()?.skipTLSVerify,
    advice: "set certificate-authority-data instead",
  },
  {
    name: "tls-server-name",
    used: (config) => config.getCurrentCluster()?.tlsServerName,
    advice: "use a server name that is in its certificate",
  },
  {
    name: "as",
    used: (config) => config.getCurrentUser()?.impersonateUser,
    advice: "use credentials of the user that is meant",
  },
];

/**
 * Creates a client for the cluster; no request is sent yet.
 *
 * @throws {KubeConnectionError} when no cluster is configured, or the kubeconfig cannot be used.
 */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedCluster> {
  const { env = Deno.env.get.bind(Deno.env), serviceAccountDir: dir = SERVICE_ACCOUNT_DIR } = options;
  if (options.kubeconfig || options.context || env("KUBECONFIG")) return await connectWithKubeconfig(options);
  const account = await readServiceAccount({ dir, env, clock: systemClock });
  if (!account) return await connectWithKubeconfig(options);
  const { namespace, ...credentials } = account;
  const ours = env("POD_NAMESPACE") || namespace || "default";
  const client = new KubeClient({ ...credentials, ...behaviourOf(options) });
  return { client, namespace: ours, inCluster: true };
}

function behaviourOf({ onAnswer, timeoutMs, idleMs }: ConnectOptions) {
  return { onAnswer, timeoutMs, idleMs };
}

async function connectWithKubeconfig(options: ConnectOptions): Promise<ConnectedCluster> {
  const config = await load(options);
  const problem = unsupported.find(({ used }) => used(config));
  if (problem) {
    const text = `uses ${problem.name}, which is not supported: ${problem.advice}`;
    throw new KubeConnectionError(`Kubeconfig context "${config.getCurrentContext()}" ${text}`);
  }
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
  const client = new KubeClient({ ...await credentialsOf(config), ...behaviourOf(options) });
  return { client, namespace, inCluster: false };
}

/** Reads the kubeconfig files and chooses the context. */
async function load({ kubeconfig, context, env = Deno.env.get.bind(Deno.env) }: ConnectOptions): Promise<KubeConfig> {
  const KubeConfig = await loadKubeConfig();
  const config = new KubeConfig();
  const files = kubeconfig ?? env("KUBECONFIG") ?? `${env("HOME") ?? env("USERPROFILE") ?? "~"}/.kube/config`;
  const names = files.split(Deno.build.os === "windows" ? ";" : ":").filter((name) => name !== "");
  let found = 0;
  for (const name of names) found += await addFile(config, name, found > 0) ? 1 : 0;
  if (found === 0) {
    const where = kubeconfig || env("KUBECONFIG") ? `"${files}" does not exist` : "no pod and no ~/.kube/config";
    throw new KubeConnectionError(`No Kubernetes cluster is configured (${where}): set KUBECONFIG, or run in a pod`);
  }
  if (context) config.setCurrentContext(context);
  if (config.getCurrentCluster()) return config;
  const contexts = config.getContexts().map(({ name }) => `"${name}"`).join(", ");
  const text = `has no context "${config.getCurrentContext() ?? ""}" with a cluster; it has ${contexts || "none"}`;
  throw new KubeConnectionError(`Kubeconfig "${files}" ${text}`);
}

/** Adds a file to a configuration; false if there is none. As in kubectl, the first file wins. */
async function addFile(config: KubeConfig, file: string, merge: boolean): Promise<boolean> {
  const KubeConfig = await loadKubeConfig();
  try {
    const part = merge ? new KubeConfig() : config;
    part.loadFromFile(file);
    if (merge) config.mergeConfig(part, true);
    return true;
  } catch (cause) {
    if ((cause as { code?: string }).code === "ENOENT") return false;
    throw new KubeConnectionError(`Cannot read kubeconfig "${file}": ${(cause as Error).message}`, { cause });
  }
}

async function credentialsOf(config: KubeConfig): Promise<KubeClientOptions> {
  const cluster = config.getCurrentCluster()!;
  const user = config.getCurrentUser();
  await refuseProgram(user);
  const plugin = user && hasPlugin(user) ? await pluginCredentials(config) : undefined;
  const ca = await readPem(cluster.caData, cluster.caFile);
  return {
    server: cluster.server,
    caCerts: ca === undefined ? undefined : [ca],
    newestCaCerts: newestOf(cluster),
    proxyUrl: cluster.proxyUrl,
    cert: await readPem(user?.certData, user?.certFile) ?? plugin?.cert,
    key: await readPem(user?.keyData, user?.keyFile) ?? plugin?.key,
    token: plugin?.token ?? (user?.token ? () => user.token : undefined),
  };
}

/** A process that may not run programs cannot run a credentials plugin; this message is better than the runtime's. */
async function refuseProgram(user: User | null): Promise<void> {
  const program = user?.exec?.command ?? user?.authProvider?.config?.["cmd-path"];
  if (!user || !program) return;
  const { state } = await Deno.permissions.query({ name: "run", command: program });
  if (state === "granted") return;
  throw new KubeConnectionError(
    `Kubeconfig user "${user.name}" logs in with the program "${program}", and this process may not run programs: ` +
      `use a kubeconfig with a token or a client certificate, or run the operator from source (deno task run)`,
  );
}

function hasPlugin(user: User): boolean {
  return Boolean(user.exec || user.authProvider);
}

/** Credentials from an exec plugin or OIDC. They are fetched again each minute, since a token may expire. */
async function pluginCredentials(config: KubeConfig): Promise<Pick<KubeClientOptions, "cert" | "key" | "token">> {
  const ask = async () => {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (cause) {
      const name = config.getCurrentContext();
      throw new KubeConnectionError(`Cannot log in with kubeconfig context "${name}": ${(cause as Error).message}`, {
        cause,
      });
    }
    return options;
  };
  const options = remembered(systemClock, ask);
  const { cert, key } = await options();
  const token = async () => bearerOf(await options());
  return { token, cert: cert?.toString(), key: key?.toString() };
}

function bearerOf({ headers }: RequestOptions): string | undefined {
  const header = (headers as Record<string, string> | undefined)?.Authorization;
  return header?.replace(/^Bearer /, "");
}

/** Reads a cluster's authority again each minute if it is in a file: the file may be replaced. */
function newestOf({ caData, caFile }: Cluster): KubeClientOptions["newestCaCerts"] {
  if (caData || !caFile) return undefined;
  return remembered(systemClock, async () => [await readFile(caFile, "utf8")]);
}

async function readPem(data: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (data) return atob(data);
  return file ? await readFile(file, "utf8") : undefined;
}
