/**
 * `run`: reconciles until a signal stops it, or until another replica may be at work.
 *
 * Guarantees:
 * - with leader election, nothing is read from Databricks, and nothing is written except to the lease, before the lease
 *   is held; a process that loses it exits with code 1;
 * - SIGTERM ends the process with code 0, within ten seconds, whatever hangs. Nothing is written after the lease was
 *   released; unfinished work is resumed by the next leader;
 * - while it waits (for the API server, the CRDs, the lease) SIGTERM ends it at once.
 *
 * A standby replica keeps no watches: they would double the watches' cost to save the second or so that the first lists
 * take, and its caches might be older than its predecessor's last writes. Lists that start after the lease was acquired
 * are not.
 *
 * @module
 */
import type { LogLevel } from "@logtape/logtape";
import { systemClock } from "../base/clock.ts";
import { httpTransport, shared } from "../databricks/call/transport.ts";
import { watchEventLoop } from "../telemetry/event_loop_lag.ts";
import { connect, type ConnectedCluster } from "../kubernetes/kubeconfig.ts";
import { checkTimes } from "../kubernetes/election/times.ts";
import { configureLogs, logger } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { hostName } from "../process/host_name.ts";
import { readMountedOnly } from "../process/permissions.ts";
import { describeProxies } from "../process/proxies.ts";
import { readProfile } from "../databricks/sign_in/profile.ts";
import type { Identity } from "../reconcile/connect/identity.ts";
import { ownIdentityRule } from "../reconcile/connect/own_identity.ts";
import { Operator } from "../reconcile/operator.ts";
import { Shard } from "../reconcile/connect/shard.ts";
import { serveHealth } from "../telemetry/health_server.ts";
import { VERSION_TEXT } from "../process/version.ts";
import type { Delays } from "./delays.ts";
import { Election } from "./election.ts";
import { namespacesOf } from "./namespaces.ts";
import type { Resource } from "../resource.ts";
import { resourcesNamed } from "./kinds.ts";
import { describeRights, findRights } from "../process/rights.ts";
import { aborted, listenForStop } from "../process/stop_signal.ts";

/** The options of the command line. */
export interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly watchNamespaces?: string;
  readonly allNamespaces?: boolean;
  readonly configMap: string;
  /** Works only while it holds a lease; by default, in a pod only. */
  readonly leaderElect?: boolean;
  readonly leaseName: string;
  /** By default the operator's own namespace. */
  readonly leaseNamespace?: string;
  /** In seconds, like the next two. */
  readonly leaseDuration: number;
  readonly leaseRenewDeadline: number;
  readonly leaseRetryPeriod: number;
  /** Permits workspaces on this machine; by default, outside a pod only. */
  readonly allowLoopback?: boolean;
  /** The Databricks clients for which namespaces may use the operator's own identity: `team-a=<client_id>`. */
  readonly ownIdentity?: readonly string[];
  /** Permits requests for tokens to the metadata service of an Azure machine. */
  readonly allowManagedIdentity?: boolean;
  /** The profile of `.databrickscfg` for namespaces that name no workspace; `true` for the default one. */
  readonly profile?: string | true;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
  readonly maxConcurrentReconciles: number;
  /** The kinds to work on, separated by commas; by default all. */
  readonly kinds?: string;
  /** The share of the workspaces that belongs to this process: `0/2`. */
  readonly shard?: string;
  /** `host:port` of metrics and probes. */
  readonly httpAddress?: string;
  /** Delays that tests shorten. */
  readonly delays?: Delays;
}

const log = logger("main");

/** Runs the operator and returns the process's exit code. */
export async function run(options: RunOptions): Promise<number> {
  configureLogs({ level: options.logLevel, format: options.logFormat });
  log.info(`boot! (version ${VERSION_TEXT})`);
  await tellRights();
  const stop = listenForStop();
  // Every rejection is handled where it arises; an unhandled one is a defect, but no reason to stop working.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error(`Unhandled: ${event.reason instanceof Error ? event.reason.stack : event.reason}`);
  });
  const metrics = new Metrics();
  metrics.built(VERSION_TEXT);
  watchEventLoop((seconds) => metrics.eventLoopLagged(seconds), systemClock);
  try {
    checkTimes(timesOf(options));
    const resources = chosen(options);
    const cluster = await Promise.race([connectTo(options, metrics), aborted(stop)]);
    return cluster === undefined ? 0 : await work({ options, resources, cluster, metrics, stop });
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** @throws if `--kinds` names anything else. */
function chosen({ kinds }: RunOptions): readonly Resource[] {
  const resources = resourcesNamed(kinds);
  if (kinds !== undefined) log.info(`Working on ${resources.map(({ kind }) => kind).join(", ")} alone (--kinds)`);
  return resources;
}

/** The parts of a process that works. */
interface Working {
  readonly options: RunOptions;
  readonly resources: readonly Resource[];
  readonly cluster: ConnectedCluster;
  readonly metrics: Metrics;
  readonly stop: AbortSignal;
}

async function work({ options, resources, cluster, metrics, stop }: Working): Promise<number> {
  const shard = options.shard === undefined ? undefined : Shard.parse(options.shard, hostName());
  const election = electionFor(options, cluster, shard);
  const operator = new Operator({
    client: cluster.client,
    namespaces: namespacesOf(options, cluster.namespace),
    configMapName: options.configMap,
    transport: shared(httpTransport),
    allowLoopback: options.allowLoopback ?? !cluster.inCluster,
    identity: await identityOf(options, cluster),
    concurrency: options.maxConcurrentReconciles,
    resources,
    metrics,
    ...options.delays && { timings: options.delays.timings },
    ...shard && { shard },
    ...election && { mayWrite: () => election.isHeld() },
  });
  if (options.httpAddress !== undefined) {
    const unready = () => election === undefined || election.isHeld() ? operator.unready() : election.unready();
    const health = serveHealth({ address: options.httpAddress, metrics, unready, waiting: () => operator.waiting() });
    log.info(`Metrics and probes on ${health.url}`);
  }
  const lost = election?.lost ?? new Promise<never>(() => {});
  const why = await Promise.race([lead({ election, operator, metrics, stop }), lost]);
  if (why === undefined) return 0;
  log.fatal(`${why}; ending, since another replica may be at work`);
  return 1;
}

/** The operator's own namespace belongs to its administrator; any other one must be named. */
async function identityOf(options: RunOptions, cluster: ConnectedCluster): Promise<Identity> {
  const { ownIdentity = [], allowManagedIdentity = false } = options;
  const profile = await profileOf(options, cluster);
  return {
    readFile: (path) => Deno.readTextFile(path),
    environment: (name) => Deno.env.get(name),
    ownProblem: ownIdentityRule(cluster.namespace, ownIdentity),
    allowManagedIdentity,
    ...profile && { profile },
  };
}

/** A person's own sign-in. A pod has none: its variables would count for every namespace. */
async function profileOf({ profile }: RunOptions, { inCluster }: ConnectedCluster) {
  if (inCluster) {
    if (profile !== undefined) throw new Error("--profile is for a person's machine: in a pod use the API Secret");
    return undefined;
  }
  const found = await readProfile({
    environment: (name) => Deno.env.get(name),
    readFile: (path) => Deno.readTextFile(path),
    profile,
  });
  if (found === undefined) return undefined;
  log.info(`Namespaces whose ConfigMap names neither a Secret nor a host sign in by ${found.from}`);
  return found.keys;
}

interface Parts {
  readonly election: Election | undefined;
  readonly operator: Operator;
  readonly metrics: Metrics;
  readonly stop: AbortSignal;
}

/** Waits for the lease, works until it must stop, and hands over. */
async function lead({ election, operator, metrics, stop }: Parts): Promise<undefined> {
  if (election !== undefined) metrics.leading(election.leaseName, false);
  const leads = election === undefined || await election.acquire(stop);
  if (election !== undefined) metrics.leading(election.leaseName, leads);
  if (leads && !stop.aborted) await Promise.race([aborted(stop), operator.start().then(() => aborted(stop))]);
  log.info("Stopping");
  await operator.stop();
  await election?.release();
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

/** Logs the permissions of the process, and the proxies that see its requests. */
async function tellRights(): Promise<void> {
  const { level, text } = describeRights(await findRights());
  log[level](text);
  for (const line of describeProxies((name) => Deno.env.get(name))) log.warning(line);
}

/** The process's part in the elections, with connections of its own; `undefined` without leader election. */
function electionFor(
  options: RunOptions,
  cluster: ConnectedCluster,
  shard: Shard | undefined,
): Election | undefined {
  if (!(options.leaderElect ?? cluster.inCluster)) return undefined;
  const { leaseNamespace: namespace = cluster.namespace, leaseName } = options;
  return new Election({ cluster, namespace, leaseName, shard, ...timesOf(options) });
}

function timesOf({ leaseDuration, leaseRenewDeadline, leaseRetryPeriod }: RunOptions) {
  const ms = (seconds: number) => Math.round(seconds * 1000);
  return { leaseMs: ms(leaseDuration), renewDeadlineMs: ms(leaseRenewDeadline), retryMs: ms(leaseRetryPeriod) };
}
