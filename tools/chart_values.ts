/**
 * The schema of the chart's values, from which values.schema.json is made.
 *
 * @module
 */
import * as z from "zod";
import { logLevels } from "../src/telemetry/log.ts";

/** Kubernetes' own types, which the API server checks. */
const anything = z.record(z.string(), z.any());
const strings = z.record(z.string(), z.string());
const list = z.array(anything);
/** A name of an object; empty where a default is made. */
const name = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/).max(253);
const namespace = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).max(63);
/** As `run` takes them: less than a day. */
const seconds = z.int().min(1).max(86_399);

/** An object in which nothing but what is named may stand. */
const only = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).partial();

/** The values, each of which may be left out. */
export const chartValues = only({
  kinds: z.array(z.string()),
  configMapName: name.min(1).describe("The ConfigMap with the settings, in each namespace that is watched"),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).describe(
    "The ConfigMap's keys, if the chart is to make it",
  ),
  apiSecret: strings.describe("The API Secret's keys, if the chart is to make it"),
  installCRDs: z.boolean().describe("Install the CRDs with the release, and leave them when it is uninstalled"),
  image: only({
    repository: z.string().describe("Where you pushed the image; it must be set"),
    tag: z.string().describe("The chart's appVersion when it is empty"),
    digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/).describe("In place of the tag"),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
  }),
  imagePullSecrets: z.array(z.strictObject({ name: name.min(1) })),
  commonLabels: strings.describe("Labels of everything that the chart makes"),
  nameOverride: z.string().max(63),
  fullnameOverride: z.string().max(63),
  watchNamespaces: z.array(namespace).describe("The namespaces that are watched; the release's own without it"),
  allNamespaces: z.boolean().describe("Watch every namespace; needs a ClusterRole"),
  federation: only({
    serviceAccounts: z.array(z.union([z.literal("*"), name.min(1)])).describe(
      'ServiceAccounts of watched namespaces as which the operator may sign in; "*" for any',
    ),
    ownIdentity: only({
      enabled: z.boolean().describe("Mount a token of the operator's own ServiceAccount"),
      audience: z.string().describe("For whom the token is; the federation policy names the same"),
      namespaces: z.record(namespace, z.string().min(1)).describe(
        "Which namespaces may act as which service principal",
      ),
    }),
  }),
  replicas: z.int().min(0).describe("Of several, one works"),
  leaderElection: only({
    enabled: z.boolean(),
    leaseName: name,
    leaseDuration: seconds,
    renewDeadline: seconds,
    retryPeriod: seconds,
  }),
  shards: z.int().min(1).describe("Divides the workspaces between so many processes"),
  maxConcurrentReconciles: z.int().min(1),
  log: only({ level: z.enum(logLevels), format: z.enum(["json", "text"]) }),
  httpPort: z.int().min(1024).max(65535).describe("Of metrics and probes"),
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
      "A small ClusterRole, so that watched namespaces can be deleted with what is in them",
    ),
    aggregateToDefaultRoles: z.boolean().describe("Add the kinds to the cluster's roles view, edit and admin"),
    configMapNames: z.array(name.min(1)).describe("ConfigMaps that may be read besides the one of the settings"),
    secretNames: z.array(name.min(1)).describe("The Secrets that may be read; any of a watched namespace without it"),
  }),
  serviceAccount: only({ create: z.boolean(), name, annotations: strings }),
  podAnnotations: strings,
  podLabels: strings,
  nodeSelector: strings,
  tolerations: list,
  affinity: anything,
  topologySpreadConstraints: list,
  priorityClassName: name,
  terminationGracePeriodSeconds: z.int().min(10).describe("A stop takes up to ten seconds"),
  resources: anything,
  openshift: z.boolean().describe("Leave user and group to the namespace's range"),
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
  global: anything.describe("Of a chart that has this one in it"),
});

/** values.schema.json, for these kinds. */
export function valuesSchema(kinds: readonly string[]): Record<string, unknown> {
  const chosen = z.array(z.enum(kinds)).describe("The kinds that the operator works on; all of them without it");
  const values = chartValues.extend({ kinds: chosen.optional() });
  return { ...z.toJSONSchema(values, { target: "draft-7", io: "input" }), title: "databricks-kube-operator" };
}
