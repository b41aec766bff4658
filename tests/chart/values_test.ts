/** The effects of single values of the chart. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { valuesOf } from "../../tools/chart_readme.ts";
import { CHART, helmTest, list, ofKind, type Pod, podOf, render, valueSets } from "./helm.ts";

Deno.test("every value of the chart has a comment in values.yaml", async () => {
  const values = valuesOf(await Deno.readTextFile(`${CHART}/values.yaml`));
  assert.ok(values.length > 50);
  assert.deepEqual(values.filter(({ comment }) => comment === "").map(({ path }) => path), []);
});

helmTest("the roles view, edit and admin include the kinds, unless turned off", async () => {
  const roles = ofKind(await render(), "ClusterRole") as unknown as Pod[];
  const found = roles.map(({ metadata, rules }) => [
    Object.keys(metadata.labels).filter((label) => label.startsWith("rbac.")).map((label) => label.split("-to-")[1]),
    rules[0].verbs,
  ]);
  assert.deepEqual(found, [
    [["view", "edit", "admin"], ["get", "list", "watch"]],
    [["edit", "admin"], ["create", "delete", "deletecollection", "patch", "update"]],
  ]);
  for (const rbac of [{ aggregateToDefaultRoles: false }, { create: false }]) {
    assert.deepEqual(ofKind(await render({ rbac }), "ClusterRole"), []);
  }
});

helmTest("each watched namespace gets its settings as text, and the Secret that they name", async () => {
  const objects = await render(valueSets["settings of its own"]);
  assert.deepEqual(list([...ofKind(objects, "ConfigMap"), ...ofKind(objects, "Secret")]), [
    "ConfigMap team-a/databricks-kube-operator",
    "ConfigMap team-b/databricks-kube-operator",
    "Secret team-a/api",
    "Secret team-b/api",
  ]);
  const [{ data }, { stringData }] = [ofKind(objects, "ConfigMap"), ofKind(objects, "Secret")].map(([one]) =>
    one as Pod
  );
  assert.deepEqual(data, { api_secret_name: "api", default_requeue_interval: "60", ingest: "false" });
  assert.equal(stringData.access_token, "token");
  const none = await render();
  assert.deepEqual([ofKind(none, "ConfigMap"), ofKind(none, "Secret")], [[], []]);
});

helmTest("a digest overrides the image tag", async () => {
  const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
  const { spec } = podOf(await render({ image: { repository: "r/operator", tag: "1", digest } }));
  assert.equal(spec.containers[0].image, `r/operator@${digest}`);
});

helmTest("all objects except CRDs have the common labels, and selectors do not use them", async () => {
  const objects = (await render({ ...valueSets.everything, extraObjects: [] }))
    .filter(({ kind }) => kind !== "CustomResourceDefinition");
  const without = objects.filter(({ metadata }) => metadata.labels?.["example.com/owner"] !== "platform");
  assert.deepEqual(list(without), []);
  const [deployment] = ofKind(objects, "Deployment") as Pod[];
  assert.equal(deployment.spec.selector.matchLabels["example.com/owner"], undefined);
});

helmTest("additional volumes, hosts and objects are added to the chart's own", async () => {
  const objects = await render(valueSets.everything);
  const { spec } = podOf(objects);
  assert.deepEqual(spec.volumes.map(({ name }: { name: string }) => name), ["databricks-token", "ca-bundle", "more"]);
  const mounts = spec.containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.deepEqual(mounts, ["/var/run/secrets/databricks", "/etc/databricks-kube-operator/ca", "/more"]);
  assert.deepEqual(spec.hostAliases, valueSets.everything?.hostAliases);
  const names = ofKind(objects, "ConfigMap").map(({ metadata }) => metadata.name);
  assert.deepEqual(names.filter((name) => name?.startsWith("dko-") && !name.endsWith("dashboard")).sort(), [
    "dko-more",
    "dko-text",
  ]);
});

helmTest("a CA from a ConfigMap or Secret becomes a file that the runtime reads", async () => {
  for (
    const [caBundle, volume] of [
      [{ configMap: "ours", key: "bundle.pem" }, { configMap: { name: "ours" } }],
      [{ secret: "ours", key: "bundle.pem" }, { secret: { secretName: "ours" } }],
    ]
  ) {
    const { spec } = podOf(await render({ caBundle }));
    assert.deepEqual(spec.volumes, [{ name: "ca-bundle", ...volume }]);
    const { value } = spec.containers[0].env.find(({ name }: { name: string }) => name === "DENO_CERT");
    const [{ mountPath }] = spec.containers[0].volumeMounts;
    assert.equal(value, `${mountPath}/bundle.pem`);
  }
});

helmTest("on OpenShift the pod sets no user, and stays restricted", async () => {
  const { spec } = podOf(await render({ openshift: true }));
  assert.deepEqual(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  assert.equal(spec.containers[0].securityContext.readOnlyRootFilesystem, true);
});

helmTest(
  "the values for high availability in docs/operations.md spread two replicas, and keep one available",
  async () => {
    const page = await Deno.readTextFile("docs/operations.md");
    const [, text = ""] = page.match(/^## High availability$[\s\S]*?^```yaml\n([\s\S]*?)^```/m) ?? [];
    const objects = await render(parse(text));
    const [workload] = ofKind(objects, "Deployment") as unknown as Pod[];
    assert.equal(workload?.spec.replicas, 2);
    const { metadata, spec } = podOf(objects);
    const [spread] = spec.topologySpreadConstraints;
    for (const [label, value] of Object.entries(spread.labelSelector.matchLabels)) {
      assert.equal(metadata.labels[label], value);
    }
    const [budget] = ofKind(objects, "PodDisruptionBudget") as unknown as Pod[];
    assert.equal(budget?.spec.maxUnavailable, 1);
    const alerts = JSON.stringify(ofKind(objects, "PrometheusRule"));
    const [, section = ""] = page.split("## High availability");
    for (const [, name] of section.split("\n## ")[0]?.matchAll(/`(Databricks\w+)`/g) ?? []) {
      assert.ok(alerts.includes(`"alert":"${name}"`), name);
    }
  },
);
