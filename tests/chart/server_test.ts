/**
 * A real API server accepts everything rendered, and Helm's install, upgrade and uninstall leave the expected objects.
 */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { startProcess } from "../support/api_servers.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { kinds } from "../../src/kinds.ts";
import { isInstalled, runKubectl } from "../support/programs.ts";
import { eventually } from "../support/waiting.ts";
import { CHART, hasHelm, helm, IMAGE, objectsOf, RELEASE, render, type Values, valueSets } from "./helm.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = [
  ...hasHelm ? [] : ["HELM_BINARY"],
  ...binary === undefined ? ["K3S_BINARY"] : [],
  ...isInstalled("kubectl") ? [] : ["kubectl on the PATH"],
].join(" and ");

const CRDS = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
const DEPLOYMENTS = { group: "apps", version: "v1", plural: "deployments" };
/** Minimal stand-ins for the CRDs of the Prometheus Operator. */
const STAND_INS = [["ServiceMonitor", "servicemonitors"], ["PrometheusRule", "prometheusrules"]] as const;

/** An API server for one test. */
interface Server {
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** Runs kubectl on it. @throws with its standard error. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
}

function serverTest(name: string, test: (server: Server, step: Deno.TestContext) => Promise<void>): void {
  Deno.test({
    name: `${name}${needs && ` (needs ${needs})`}`,
    ignore: needs !== "",
    fn: async (step) => {
      await using server = await startProcess(binary ?? "");
      const { client } = await connect({ kubeconfig: server.kubeconfig });
      const kubectl = (args: readonly string[], input?: string) => runKubectl(server.kubeconfig, args, input);
      await test({ client, kubeconfig: server.kubeconfig, kubectl }, step);
      client.close();
    },
  });
}

serverTest(
  "the API server accepts every object for every set of values, and every pod as restricted",
  async (server, step) => {
    const { client, kubectl } = server;
    for (const name of ["ns", "team-a", "team-b"]) {
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      await client.create(NAMESPACES, { metadata: { name, labels } });
    }
    for (const [kind, plural] of STAND_INS) await client.create(CRDS, standIn(kind, plural));
    await eventually("the stand-ins are served", async () => {
      return (await client.discover("monitoring.coreos.com", "v1")).size === STAND_INS.length;
    });
    for (const [name, values] of Object.entries(valueSets)) {
      await step.step(name, async () => {
        const objects = await render(values);
        const text = objects.map((object) => stringify(object)).join("---\n");
        const args = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"];
        const taken = (await kubectl(args, text)).trim().split("\n");
        assert.equal(taken.length, objects.length, taken.join("\n"));
        for (const object of objects) {
          if (object.kind !== "Deployment" && object.kind !== "StatefulSet") continue;
          // The ServiceAccount does not exist yet, and an admission plugin checks for it.
          const { metadata, spec } = (object.spec as { template: { metadata: object; spec: object } }).template;
          const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "pod", namespace: "ns" } };
          const unbound = { ...spec, serviceAccountName: "default" };
          await kubectl(["create", "--dry-run=server", "-f", "-"], stringify({ ...pod, spec: unbound }));
        }
      });
    }
  },
);

serverTest(
  "Helm installs, upgrades the CRDs, uninstalls without them and their objects, and installs again",
  async (server) => {
    const { client, kubeconfig, kubectl } = server;
    await client.create(NAMESPACES, { metadata: { name: "ns" } });
    const run = (args: readonly string[], values?: Values) =>
      helm([...args, "--namespace", "ns", "--kubeconfig", kubeconfig], values);

    const older = await olderChart();
    assert.match(await run(["install", RELEASE, older], IMAGE), /kubectl create configmap databricks-kube-operator/);
    const isUpToDate = async () => {
      const crd = await client.get(CRDS, "repos.com.dstancu.databricks");
      return JSON.stringify(crd.spec).includes("sparse_checkout");
    };
    assert.equal(await isUpToDate(), false);
    await run(["upgrade", RELEASE, CHART], { ...IMAGE, replicas: 2 });
    assert.equal(await isUpToDate(), true);
    const deployment = await client.get({ ...DEPLOYMENTS, namespace: "ns" }, "dko-databricks-kube-operator");
    assert.equal(deployment.spec?.replicas, 2);

    await kubectl(["apply", "-n", "ns", "-f", "examples/git-repo.yaml"]);
    assert.match(await run(["uninstall", RELEASE]), /uninstalled/);
    const { items } = await client.list({ ...DEPLOYMENTS, namespace: "ns" });
    assert.deepEqual(items, []);
    assert.equal((await client.list(CRDS)).items.length, kinds.length);
    assert.match(await kubectl(["get", "-n", "ns", "repo", "reports", "-o", "name"]), /reports/);

    await run(["install", RELEASE, CHART], IMAGE);
    assert.match(await kubectl(["get", "-n", "ns", "repo", "reports", "-o", "name"]), /reports/);
    await Deno.remove(older, { recursive: true });
  },
);

serverTest(
  "an upgrade in which old and new pods share no lease is rejected with a remedy",
  async ({ client, kubeconfig, kubectl }) => {
    await client.create(NAMESPACES, { metadata: { name: "ns" } });
    const at = [RELEASE, CHART, "--namespace", "ns", "--kubeconfig", kubeconfig];
    const upgrade = (values: Values) => helm(["upgrade", "--install", ...at], { ...IMAGE, ...values });
    const named = (leaseName: string) => ({ leaderElection: { leaseName } });
    const refused = /kubectl scale (deployment|statefulset) dko-databricks-kube-operator --namespace ns --replicas=0/;
    await upgrade({ leaderElection: { enabled: false } });
    await assert.rejects(() => upgrade({ shards: 2 }), refused);
    await kubectl(["scale", "deployment", "dko-databricks-kube-operator", "--namespace", "ns", "--replicas=0"]);
    await upgrade({ shards: 2 });
    await assert.rejects(() => upgrade({ shards: 3, ...named("other") }), refused);
    await assert.rejects(() => upgrade(named("other")), refused);
    await upgrade({ shards: 3 });
    await upgrade({ shards: 3, ...named("other") });
    await upgrade(named("other"));
    // An upgrade from a chart with rolling updates works, despite the defaults that the API server has set.
    const path = { ...DEPLOYMENTS, namespace: "ns" };
    const rolling = {
      spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    };
    await client.patch(path, "dko-databricks-kube-operator", rolling, { type: "merge" });
    await upgrade({ ...named("third") });
    const { spec } = await client.get(path, "dko-databricks-kube-operator");
    assert.deepEqual(spec?.strategy, { type: "Recreate" });
  },
);

serverTest(
  "CRDs that kubectl applied are taken over on request",
  async ({ client, kubeconfig, kubectl }) => {
    await client.create(NAMESPACES, { metadata: { name: "ns" } });
    await kubectl(["apply", "-f", "crds/"]);
    const args = ["install", RELEASE, CHART, "--namespace", "ns", "--kubeconfig", kubeconfig];
    await assert.rejects(() => helm(args, IMAGE), /invalid ownership metadata/);
    await helm([...args, "--take-ownership"], IMAGE);
    const crd = await client.get(CRDS, "repos.com.dstancu.databricks");
    assert.equal(crd.metadata.annotations?.["meta.helm.sh/release-name"], RELEASE);
    assert.equal(crd.metadata.annotations?.["helm.sh/resource-policy"], "keep");
  },
);

serverTest(
  "the API server accepts deploy/install.yaml and the kustomize base in any namespace",
  async ({ client, kubectl }) => {
    await kubectl(["apply", "-f", "deploy/install.yaml"]);
    const own = { ...DEPLOYMENTS, namespace: "databricks-kube-operator" };
    assert.equal((await client.get(own, "databricks-kube-operator")).spec?.replicas, 1);
    const folder = await Deno.makeTempDir();
    await new Deno.Command("cp", { args: ["-r", "deploy/kustomize", `${folder}/base`] }).output();
    await Deno.mkdir(`${folder}/overlay`);
    await Deno.writeTextFile(
      `${folder}/overlay/kustomization.yaml`,
      stringify({ namespace: "other", resources: ["../base"] }),
    );
    await client.create(NAMESPACES, { metadata: { name: "other" } });
    const objects = objectsOf(await kubectl(["kustomize", `${folder}/overlay`]));
    for (const { kind = "", metadata } of objects) {
      if (!["CustomResourceDefinition", "ClusterRole"].includes(kind)) assert.equal(metadata.namespace, "other", kind);
    }
    const subjects = objects.flatMap((object) => (object as { subjects?: { namespace: string }[] }).subjects ?? []);
    assert.deepEqual(subjects.map(({ namespace }) => namespace), ["other", "other"]);
    const applied = await kubectl(["apply", "--server-side", "--force-conflicts", "-k", `${folder}/overlay`]);
    assert.equal(applied.trim().split("\n").length, objects.length);
    await Deno.remove(folder, { recursive: true });
  },
);

serverTest(
  "a ServiceMonitor without its CRD is rejected with a remedy, and helm template renders it",
  async ({ client, kubeconfig }) => {
    await client.create(NAMESPACES, { metadata: { name: "ns" } });
    const values = { ...IMAGE, serviceMonitor: { enabled: true } };
    const install = ["install", RELEASE, CHART, "--namespace", "ns", "--kubeconfig", kubeconfig];
    await assert.rejects(
      () => helm(install, values),
      /serviceMonitor\.enabled: the cluster does not know the kind ServiceMonitor .*install the Prometheus Operator's CRDs/,
    );
    assert.ok((await render(values)).some(({ kind }) => kind === "ServiceMonitor"));
    for (const [kind, plural] of STAND_INS) await client.create(CRDS, standIn(kind, plural));
    await eventually("the stand-ins are served", async () => {
      return (await client.discover("monitoring.coreos.com", "v1")).size === STAND_INS.length;
    });
    assert.match(await helm(install, values), /deployed/);
  },
);

serverTest(
  "users who may view or edit a namespace may view or edit its Databricks objects, and others may not",
  async ({ client, kubeconfig, kubectl }) => {
    await client.create(NAMESPACES, { metadata: { name: "ns" } });
    await helm(["install", RELEASE, CHART, "--namespace", "ns", "--kubeconfig", kubeconfig], IMAGE);
    for (const role of ["view", "edit"]) {
      await kubectl(["create", "rolebinding", role, "-n", "ns", `--clusterrole=${role}`, `--user=${role}er`]);
    }
    const may = async (user: string, verb: string) =>
      (await kubectl(["auth", "can-i", verb, "databricksjobs", "-n", "ns", `--as=${user}`]).catch(() => "no")).trim();
    await eventually("the roles contain the added rules", async () => await may("viewer", "list") === "yes");
    await eventually("the roles contain the added rules", async () => await may("editer", "create") === "yes");
    assert.deepEqual([await may("viewer", "create"), await may("nobody", "list")], ["no", "no"]);
  },
);

function standIn(kind: string, plural: string) {
  const group = "monitoring.coreos.com";
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

/** A copy of the chart from before a field was added to a CRD. */
async function olderChart(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await new Deno.Command("cp", { args: ["-r", `${CHART}/.`, folder] }).output();
  const path = `${folder}/files/crds/repos.yaml`;
  const [crd] = objectsOf(await Deno.readTextFile(path));
  const text = JSON.stringify(crd).replaceAll('"sparse_checkout"', '"narrow_checkout"');
  await Deno.writeTextFile(path, text);
  return folder;
}
