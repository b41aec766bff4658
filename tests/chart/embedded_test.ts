/** Helm on the embedded API: the chart is installed, upgraded and uninstalled without a cluster. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { kinds } from "../../src/kinds.ts";
import { CHART, helm, helmTest, IMAGE, RELEASE } from "./helm.ts";

const DEPLOYMENTS = { group: "apps", version: "v1", plural: "deployments", namespace: "default" };
const CRDS = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

helmTest("Helm installs, upgrades and uninstalls the chart on the embedded API, and the CRDs stay", async () => {
  await using served = await serveKubernetes();
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.writeTextFile(kubeconfig, served.kubeconfig);
  const { client } = await connect({ kubeconfig });
  const to = ["--kubeconfig", kubeconfig];
  await helm(["install", RELEASE, CHART, ...to], IMAGE);
  const image = async () => {
    const { items: [deployment] } = await client.list(DEPLOYMENTS);
    const { template } = deployment?.spec as { template: { spec: { containers: { image: string }[] } } };
    return template.spec.containers[0]?.image;
  };
  assert.match(await image() ?? "", /^databricks-kube-operator:/);
  await helm(["upgrade", RELEASE, CHART, ...to], { image: { repository: "other", tag: "2" } });
  assert.equal(await image(), "other:2");
  await helm(["uninstall", RELEASE, ...to]);
  assert.deepEqual((await client.list(DEPLOYMENTS)).items, []);
  assert.equal((await client.list(CRDS)).items.length, kinds.length);
  client.close();
  await Deno.remove(kubeconfig);
});

helmTest("Helm installs and uninstalls a chart with objects in a kind: List on the embedded API", async () => {
  await using served = await serveKubernetes();
  const chart = await Deno.makeTempDir({ prefix: "chart-" });
  await Deno.writeTextFile(`${chart}/kubeconfig`, served.kubeconfig);
  await Deno.writeTextFile(`${chart}/Chart.yaml`, "apiVersion: v2\nname: lists\nversion: 1.0.0\n");
  await Deno.mkdir(`${chart}/templates`);
  const items = ["a", "b"].map((name) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }));
  await Deno.writeTextFile(`${chart}/templates/list.yaml`, stringify({ apiVersion: "v1", kind: "List", items }));
  const { client } = await connect({ kubeconfig: `${chart}/kubeconfig` });
  const names = async () => {
    const list = await client.list({ group: "", version: "v1", plural: "configmaps", namespace: "default" });
    return list.items.map(({ metadata }) => metadata.name).filter((name) => name !== "kube-root-ca.crt");
  };
  await helm(["install", "lists", chart, "--kubeconfig", `${chart}/kubeconfig`]);
  assert.deepEqual(await names(), ["a", "b"]);
  await helm(["uninstall", "lists", "--kubeconfig", `${chart}/kubeconfig`]);
  assert.deepEqual(await names(), []);
  client.close();
  await Deno.remove(chart, { recursive: true });
});
