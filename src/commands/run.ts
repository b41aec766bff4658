/**
 * `run`: reconciles until it is told to stop.
 *
 * @module
 */
import type { LogLevel } from "@logtape/logtape";
import { httpTransport } from "../databricks/transport.ts";
import { connect } from "../kubernetes/kubeconfig.ts";
import { configureLogs, logger } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { Operator } from "../reconcile/operator.ts";
import { serveHealth } from "../server.ts";
import { VERSION_TEXT } from "../version.ts";

/** The options of the command line. */
export interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly watchNamespaces?: string;
  readonly allNamespaces?: boolean;
  readonly configMap: string;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
  readonly maxConcurrentReconciles: number;
  /** `host:port` of metrics and probes. */
  readonly httpAddress?: string;
}

/** Runs the operator and gives the process's exit code. */
export async function run(options: RunOptions): Promise<number> {
  configureLogs({ level: options.logLevel, format: options.logFormat });
  const log = logger("main");
  log.info(`boot! (version ${VERSION_TEXT})`);
  const { kubeconfig, context, httpAddress } = options;
  const metrics = new Metrics();
  metrics.built(VERSION_TEXT);
  const cluster = await connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    onAnswer: (method, status) => metrics.kubernetesCalled(method, status),
  }).catch((error: Error) => log.fatal(error.message));
  if (cluster === undefined) return 1;
  const operator = new Operator({
    client: cluster.client,
    namespaces: namespacesOf(options, cluster.namespace),
    configMapName: options.configMap,
    transport: httpTransport,
    concurrency: options.maxConcurrentReconciles,
    metrics,
  });
  const health = httpAddress === undefined ? undefined : serveHealth({
    address: httpAddress,
    metrics,
    unready: () => operator.unready(),
  });
  if (health !== undefined) log.info(`Metrics and probes on ${health.url}`);
  // Every rejection is handled where it arises; one that is not is a defect, and no reason to stop working.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error(`Unhandled: ${event.reason instanceof Error ? event.reason.stack : event.reason}`);
  });
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stopped.resolve());
  const started = operator.start();
  await Promise.race([stopped.promise, started.then(() => stopped.promise)]);
  log.info("Stopping");
  await operator.stop();
  await health?.[Symbol.asyncDispose]();
  cluster.client.close();
  return 0;
}

function namespacesOf(options: RunOptions, own: string): readonly string[] | "all" {
  if (options.allNamespaces) return "all";
  const named = options.watchNamespaces?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  return named.length > 0 ? [...new Set(named)] : [own];
}
