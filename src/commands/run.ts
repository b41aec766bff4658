/**
 * `run`: reconciles until it is told to stop, or until another replica may be at work.
 *
 * Guarantees:
 * - with leader election nothing is read from Databricks, and nothing written anywhere but to the lease, before the lease
 *   is held; a process that lost it ends with code 1;
 * - SIGTERM ends the process with code 0, at the latest after ten seconds, whatever hangs. Nothing is written after the
 *   lease was released; what was begun and not ended is resumed by whoever works next;
 * - while it waits (for the API server, the CRDs, the lease) SIGTERM ends it at once.
 *
 * A replica that stands by keeps no watches: it would double their cost to save the second or so that the first lists
 * take, and what it knew might be older than what its predecessor wrote last. Lists that are asked for after the lease
 * was taken are not.
 *
 * @module
 */
import type { LogLevel } from "@logtape/logtape";
import { systemClock } from "../base/clock.ts";
import { httpTransport, shared } from "../databricks/transport.ts";
import { watchEventLoop } from "../telemetry/event_loop_lag.ts";
import { connect, type ConnectedCluster } from "../kubernetes/kubeconfig.ts";
import { LeaderElector } from "../kubernetes/leader.ts";
import { checkTimes } from "../kubernetes/leader_times.ts";
import { configureLogs, logger } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { readMountedOnly } from "../process/permissions.ts";
import { describeProxies } from "../process/proxies.ts";
import type { Identity } from "../reconcile/connect/identity.ts";
import { Operator } from "../reconcile/operator.ts";
import { Shard } from "../reconcile/connect/shard.ts";
import { serveHealth } from "../telemetry/health_server.ts";
import { VERSION_TEXT } from "../process/version.ts";
import type { Delays } from "./delays.ts";
import { namespacesOf } from "./namespaces.ts";
import { describeRights, findRights } from "../process/rights.ts";
import { aborted, listenForStop } from "../process/stop_signal.ts";

/** The options of the command line. */
export interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly watchNamespaces?: string;
  readonly allNamespaces?: boolean;
  readonly configMap: string;
  /** Whether to work only while holding a lease; without it, in a pod only. */
  readonly leaderElect?: boolean;
  readonly leaseName: string;
  /** The operator's own namespace without it. */
  readonly leaseNamespace?: string;
  /** Seconds, as the two that follow. */
  readonly leaseDuration: number;
  readonly leaseRenewDeadline: number;
  readonly leaseRetryPeriod: number;
  /** Whether a workspace may be on this machine; without it, outside a pod only. */
  readonly allowLoopback?: boolean;
  /** Which clients of Databricks namespaces may use the operator's own identity for: `team-a=<client_id>`. */
  readonly ownIdentity?: readonly string[];
  /** Whether the metadata service of an Azure machine may be asked for a token. */
  readonly allowManagedIdentity?: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
  readonly maxConcurrentReconciles: number;
  /** The share of the workspaces that this process works on: `0/2`. */
  readonly shard?: string;
  /** `host:port` of metrics and probes. */
  readonly httpAddress?: string;
  /** Delays that tests make short. */
  readonly delays?: Delays;
}

const log = logger("main");

/** Runs the operator and gives the process's exit code. */
export async function run(options: RunOptions): Promise<number> {
  configureLogs({ level: options.logLevel, format: options.logFormat });
  log.info(`boot! (version ${VERSION_TEXT})`);
  await tellRights();
  const stop = listenForStop();
  // Every rejection is handled where it arises; one that is not is a defect, and no reason to stop working.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error(`Unhandled: ${event.reason instanceof Error ? event.reason.stack : event.reason}`);
  });
  const metrics = new Metrics();
  metrics.built(VERSION_TEXT);
  watchEventLoop((seconds) => metrics.eventLoopLagged(seconds), systemClock);
  try {
    checkTimes(timesOf(options));
    const cluster = await Promise.race([connectTo(options, metrics), aborted(stop)]);
    return cluster === undefined ? 0 : await work(options, cluster, metrics, stop);
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function work(
  options: RunOptions,
  cluster: ConnectedCluster,
  metrics: Metrics,
  stop: AbortSignal,
): Promise<number> {
  const shard = options.shard === undefined ? undefined : Shard.parse(options.shard, hostName());
  const leaseName = shard === undefined ? options.leaseName : `${options.leaseName}-${shard.index}`;
  const elector = electorFor({ ...options, leaseName }, cluster);
  const operator = new Operator({
    client: cluster.client,
    namespaces: namespacesOf(options, cluster.namespace),
    configMapName: options.configMap,
    transport: shared(httpTransport),
    allowLoopback: options.allowLoopback ?? !cluster.inCluster,
    identity: identityOf(options, cluster.namespace),
    concurrency: options.maxConcurrentReconciles,
    metrics,
    ...options.delays && { timings: options.delays.timings },
    ...shard && { shard },
    ...elector && { mayWrite: () => elector.isHeld() },
  });
  if (options.httpAddress !== undefined) {
    const unready = () => elector === undefined || elector.isHeld() ? operator.unready() : elector.unready();
    const health = serveHealth({ address: options.httpAddress, metrics, unready });
    log.info(`Metrics and probes on ${health.url}`);
  }
  const lost = elector?.lost ?? new Promise<never>(() => {});
  const why = await Promise.race([lead({ ...options, leaseName }, { elector, operator, metrics, stop }), lost]);
  if (why === undefined) return 0;
  log.fatal(`${why}; ending, since another replica may be at work`);
  return 1;
}

/** The operator's own namespace is its administrator's; any other one needs to be named. */
function identityOf({ ownIdentity = [], allowManagedIdentity = false }: RunOptions, own: string): Identity {
  return {
    readFile: (path) => Deno.readTextFile(path),
    environment: (name) => Deno.env.get(name),
    mayUseOwn: (namespace, clientId) => namespace === own || ownIdentity.includes(`${namespace}=${clientId}`),
    allowManagedIdentity,
  };
}

interface Parts {
  readonly elector: LeaderElector | undefined;
  readonly operator: Operator;
  readonly metrics: Metrics;
  readonly stop: AbortSignal;
}

/** Waits for the lease, works until it is time to stop, and hands over. */
async function lead({ leaseName }: RunOptions, { elector, operator, metrics, stop }: Parts): Promise<undefined> {
  if (elector !== undefined) metrics.leading(leaseName, false);
  const leads = elector === undefined || await elector.acquire(stop);
  if (elector !== undefined) metrics.leading(leaseName, leads);
  if (leads && !stop.aborted) await Promise.race([aborted(stop), operator.start().then(() => aborted(stop))]);
  log.info("Stopping");
  await operator.stop();
  await elector?.release();
}

async function connectTo({ kubeconfig, context, delays }: RunOptions, metrics: Metrics): Promise<ConnectedCluster> {
  const cluster = await connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    onAnswer: (method, status) => metrics.kubernetesCalled(method, status),
    ...delays?.client,
  });
  if (cluster.inCluster) await readMountedOnly();
  return cluster;
}

/** Says what the process may do, and who sees its requests besides those who get them. */
async function tellRights(): Promise<void> {
  const { level, text } = describeRights(await findRights());
  log[level](text);
  for (const line of describeProxies((name) => Deno.env.get(name))) log.warning(line);
}

/** The part in the election, with a connection of its own; `undefined` where there is none. */
function electorFor(
  options: RunOptions,
  { client, namespace, inCluster }: ConnectedCluster,
): LeaderElector | undefined {
  if (!(options.leaderElect ?? inCluster)) return undefined;
  return new LeaderElector({
    client: client.separate(),
    namespace: options.leaseNamespace ?? namespace,
    name: options.leaseName,
    // The pod's name, for people, and a part that no other process has, not even an earlier one of this pod.
    identity: `${hostName()}_${crypto.randomUUID()}`,
    ...timesOf(options),
  });
}

/** The pod's name, in a pod. The binary may not ask for the host's; outside a pod a lease's holder is known without. */
function hostName(): string {
  const name = Deno.env.get("HOSTNAME");
  if (name) return name;
  try {
    return Deno.hostname();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "localhost";
    throw error;
  }
}

function timesOf({ leaseDuration, leaseRenewDeadline, leaseRetryPeriod }: RunOptions) {
  const ms = (seconds: number) => Math.round(seconds * 1000);
  return { leaseMs: ms(leaseDuration), renewDeadlineMs: ms(leaseRenewDeadline), retryMs: ms(leaseRetryPeriod) };
}
