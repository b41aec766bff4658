/**
 * Runs Helm, and reads the objects that it renders from the chart.
 *
 * @module
 */
import { parseAllDocuments, stringify } from "yaml";
import type { KubeObject } from "../../src/kubernetes/client.ts";

/** The chart. */
export const CHART = "charts/databricks-kube-operator";
/** The release that tests render. */
export const RELEASE = "dko";
/** The values that the chart requires. */
export const IMAGE: Values = { image: { repository: "databricks-kube-operator" } };
const binary = Deno.env.get("HELM_BINARY");

/** The content of a values file. */
export type Values = Record<string, unknown>;

/** Registers a test that needs Helm. */
export function helmTest(name: string, fn: () => Promise<void>): void {
  const needs = binary === undefined ? " (needs HELM_BINARY: the path of Helm 3)" : "";
  Deno.test({ name: `${name}${needs}`, ignore: binary === undefined, fn });
}

/** True if tests that need Helm can run. */
export const hasHelm = binary !== undefined;

/** Runs Helm, with a values file if there are values. @throws with its standard error. */
export async function helm(args: readonly string[], values?: Values): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(file, stringify(values ?? {}));
  const { success, stdout, stderr } = await new Deno.Command(binary ?? "helm", {
    args: [...args, ...values === undefined ? [] : ["--values", file]],
    stdin: "null",
  }).output();
  await Deno.remove(file);
  if (!success) throw new Error(new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout));
  return new TextDecoder().decode(stdout);
}

/** The objects of the chart for some values, which need not name an image. */
export async function render(values: Values = {}, namespace = "ns"): Promise<KubeObject[]> {
  const args = ["template", RELEASE, CHART, "--namespace", namespace, "--kube-version", "1.34.0"];
  return objectsOf(await helm(args, { ...IMAGE, ...values }));
}

/** The objects in a YAML text. */
export function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text).map((document) => document.toJS()).filter((object) => object !== null);
}

/** The objects of a kind. */
export function ofKind(objects: readonly KubeObject[], kind: string): KubeObject[] {
  return objects.filter((object) => object.kind === kind);
}

// deno-lint-ignore no-explicit-any -- pods are deep
export type Pod = any;

/** The template of the operator's pods. */
export function podOf(objects: readonly KubeObject[]): Pod {
  const [workload] = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  return (workload?.spec as Pod).template;
}

/** Lists objects as `Kind namespace/name`, without CRDs. */
export function list(objects: readonly KubeObject[]): string[] {
  return objects.filter(({ kind }) => kind !== "CustomResourceDefinition")
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`).sort();
}

/** Typical sets of values. */
export const valueSets: Readonly<Record<string, Values>> = {
  "defaults": {},
  "without CRDs": { installCRDs: false },
  "some kinds": { kinds: ["DatabricksJob", "DatabricksRun"] },
  "all namespaces": { allNamespaces: true, replicas: 3, podDisruptionBudget: { enabled: true } },
  "some namespaces": { watchNamespaces: ["team-a", "team-b"], rbac: { secretNames: ["databricks-api-secret"] } },
  "one replica without a lease": { leaderElection: { enabled: false } },
  "shards": { shards: 3 },
  "settings of its own": {
    watchNamespaces: ["team-a", "team-b"],
    settings: { api_secret_name: "api", ingest: false, default_requeue_interval: 60 },
    apiSecret: { databricks_url: "https://my-tenant.cloud.databricks.com", access_token: "token" },
  },
  "everything": {
    configMapName: "settings",
    federation: {
      serviceAccounts: ["etl"],
      ownIdentity: {
        enabled: true,
        audience: "databricks",
        namespaces: { "team-a": "00000000-0000-0000-0000-000000000000" },
      },
    },
    image: { repository: "registry.example/operator", tag: "1.2.3", pullPolicy: "Always" },
    imagePullSecrets: [{ name: "pull" }],
    replicas: 2,
    log: { level: "debug", format: "text" },
    serviceMonitor: { enabled: true, labels: { release: "prometheus" } },
    prometheusRule: { enabled: true, additionalGroups: [{ name: "more", rules: [] }] },
    grafanaDashboard: { enabled: true, annotations: { folder: "Databricks" } },
    networkPolicy: { enabled: true, metricsFrom: [{ namespaceSelector: {} }] },
    podDisruptionBudget: { enabled: true, maxUnavailable: "50%" },
    serviceAccount: { name: "account", annotations: { "example.com/role": "reader" } },
    podAnnotations: { "example.com/a": "b" },
    podLabels: { team: "data" },
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [{ key: "dedicated", operator: "Exists" }],
    affinity: { podAntiAffinity: {} },
    topologySpreadConstraints: [{
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { "app.kubernetes.io/instance": RELEASE } },
    }],
    priorityClassName: "system-cluster-critical",
    resources: { limits: { memory: "1Gi" } },
    extraEnv: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
    extraEnvFrom: [{ secretRef: { name: "otel", optional: true } }],
    extraArgs: ["--lease-retry-period=1"],
    caBundle: { configMap: "authorities", key: "bundle.pem" },
    commonLabels: { "example.com/owner": "platform" },
    extraVolumes: [{ name: "more", emptyDir: {} }],
    extraVolumeMounts: [{ name: "more", mountPath: "/more" }],
    hostAliases: [{ ip: "10.0.0.1", hostnames: ["my-tenant.cloud.databricks.com"] }],
    extraObjects: [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "{{ .Release.Name }}-more" }, data: { a: "b" } },
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n",
    ],
  },
};
