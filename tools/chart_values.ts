/**
 * The schema of the chart's values, from which values.schema.json is generated.
 *
 * @module
 */
import * as z from "zod";
import { logLevels } from "../src/telemetry/log.ts";

/** Kubernetes' own types, which the API server checks. */
const anything = z.record(z.string(), z.any());
const strings = z.record(z.string(), z.string());
const list = z.array(anything);
/** A name of an object; if it is empty, a default is used. */
const name = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/).max(253);
const namespace = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).max(63);
/** A duration that `run` accepts: less than a day. */
const seconds = z.int().min(1).max(86_399);

/** An object without additional properties. */
const only = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).partial();

/** The values, all optional. */
export const chartValues = only({
  kinds: z.array(z.string()),
  configMapName: name.min(1).describe("The ConfigMap with the settings, in each watched namespace"),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).describe(
    "The ConfigMap's keys, for the chart to create it",
  ),
  apiSecret: strings.describe("The API Secret's keys, for the chart to create it"),
  installCRDs: z.boolean().describe("Installs the CRDs with the release; they stay when it is uninstalled"),
  image: only({
    repository: z.string().describe("The repository to which you pushed the image; required"),
    tag: z.string().describe("By default the chart's appVersion"),
    digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/).describe("A digest in place of the tag"),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
  }),
  imagePullSecrets: z.array(z.strictObject({ name: name.min(1) })),
  commonLabels: strings.describe("Additional labels for all objects of the chart"),
  nameOverride: z.string().max(63),
  fullnameOverride: z.string().max(63),
  watchNamespaces: z.array(namespace).describe("The watched namespaces; by default the release's own"),
  allNamespaces: z.boolean().describe("Watches every namespace, with a ClusterRole"),
  federation: only({
    serviceAccounts: z.array(z.union([z.literal("*"), name.min(1)])).describe(
      'ServiceAccounts of watched namespaces that the operator may use to sign in; "*" for any',
    ),
    ownIdentity: only({
      enabled: z.boolean().describe("Mounts a token of the operator's own ServiceAccount"),
      audience: z.string().describe("The token's audience; it must be the same in the federation policy"),
      namespaces: z.record(namespace, z.string().min(1)).describe(
        "Other namespaces that may use it, each with its service principal",
      ),
    }),
  }),
  replicas: z.int().min(0).describe("One replica is active, and the others are on standby"),
  leaderElection: only({
    enabled: z.boolean(),
    leaseName: name,
    leaseDuration: seconds,
    renewDeadline: seconds,
    retryPeriod: seconds,
  }),
  shards: z.int().min(1).describe("Divides the workspaces among this many processes"),
  maxConcurrentReconciles: z.int().min(1),
  log: only({ level: z.enum(logLevels), format: z.enum(["json", "text"]) }),
  httpPort: z.int().min(1024).max(65535).describe("The port of metrics and probes"),
  metrics: only({ service: only({ enabled: z.boolean(), annotations: strings }) }),
  serviceMonitor: only({
    enabled: z.boolean(),
    labels: strings,
    interval: z.string().regex(/^\d+(ms|s|m|h)$/),
    scrapeTimeout: z.string().regex(/^\d+(ms|s|m|h)$/),
  }),
  prometheusRule: only({ enabled: z.boolean(), labels: strings, additionalGroups: list }),
  grafanaDashboard: only({ enabled: z.boolean(), labels: strings, annotations: strings }),
  networkPolicy: only({ enabled: z.boolean(), metricsFrom: list, egress: list }),
  podDisruptionBudget: only({
    enabled: z.boolean(),
    maxUnavailable: z.union([z.int().min(0), z.string().regex(/^\d+%$/)]),
  }),
  rbac: only({
    create: z.boolean(),
    namespaceDeletion: z.boolean().describe(
      "A small ClusterRole, so that watched namespaces can be deleted with their objects",
    ),
    aggregateToDefaultRoles: z.boolean().describe("Adds the kinds to the cluster's roles view, edit and admin"),
    configMapNames: z.array(name.min(1)).describe(
      "The ConfigMaps that the operator may read besides that of the settings",
    ),
    secretNames: z.array(name.min(1)).describe(
      "The Secrets that the operator may read; by default all of a watched namespace",
    ),
  }),
  serviceAccount: only({ create: z.boolean(), name, annotations: strings }),
  podAnnotations: strings,
  podLabels: strings,
  nodeSelector: strings,
  tolerations: list,
  affinity: anything,
  topologySpreadConstraints: list,
  priorityClassName: name,
  terminationGracePeriodSeconds: z.int().min(10).describe("The operator needs up to ten seconds to stop"),
  resources: anything,
  openshift: z.boolean().describe("Omits user and group, which the namespace's range determines"),
  podSecurityContext: anything,
  securityContext: anything,
  extraEnv: z.array(z.looseObject({ name: z.string().min(1) })),
  extraEnvFrom: list,
  extraArgs: z.array(z.string()),
  extraVolumes: list,
  extraVolumeMounts: list,
  caBundle: only({ configMap: name, secret: name, key: z.string().min(1) }),
  hostAliases: list,
  extraObjects: z.array(z.union([anything, z.string()])),
  global: anything.describe("Values of a chart that contains this one"),
});

/** values.schema.json, for these kinds. */
export function valuesSchema(kinds: readonly string[]): Record<string, unknown> {
  const chosen = z.array(z.enum(kinds)).describe("The kinds that the operator works on; by default all");
  const values = chartValues.extend({ kinds: chosen.optional() });
  return { ...z.toJSONSchema(values, { target: "draft-7", io: "input" }), title: "databricks-kube-operator" };
}
