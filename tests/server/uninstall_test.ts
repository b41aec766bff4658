/** The CRDs are deleted while the operator runs: its objects go, and what they made in Databricks stays. */
import assert from "node:assert/strict";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { MockWorkspace } from "../../mock/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { GROUP } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { startProcess } from "../api_servers.ts";
import { eventually, installCrds, job, manifest, World } from "../harness.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : "";
const crds = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

Deno.test("deleting the CRDs deletes nothing in Databricks, on the embedded API", async () => {
  await using served = await serveKubernetes();
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.writeTextFile(kubeconfig, served.kubeconfig);
  await uninstall(kubeconfig);
  await Deno.remove(kubeconfig);
});

Deno.test({
  name: `deleting the CRDs deletes nothing in Databricks, on a real API server${needs}`,
  ignore: binary === undefined,
  fn: async () => {
    await using server = await startProcess(binary ?? "");
    await uninstall(server.kubeconfig);
  },
});

async function uninstall(kubeconfig: string): Promise<void> {
  const { client } = await connect({ kubeconfig });
  await installCrds(client);
  const namespace = "uninstall";
  await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
  const world = new World({ kube: client, namespace, workspace: new MockWorkspace(), kubeconfig });
  await world.connect();
  // As in a cluster: a CRD's deletion may be told after that of its objects.
  const operator = await world.startOperator({ timings: { settleMs: 500, baselineMs: 100, missMs: 200 } });
  const jobs = Array.from({ length: 20 }, (_, index) => `job-${index}`);
  for (const name of jobs) await world.apply(job(name));
  await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: "scope" } }));
  for (const name of jobs) await world.ready("DatabricksJob", name);
  await world.ready("DatabricksSecretScope", "scope");

  for (const { plural } of resources) await client.delete(crds, `${plural}.${GROUP}`);

  await eventually("the CRDs are gone", async () => (await client.list(crds)).items.length === 0);
  assert.equal(world.workspace.jobs.ids().length, jobs.length);
  assert.deepEqual(world.workspace.ledger.find("POST", /delete/), []);
  await world.stopOperator(operator);
  client.close();
}
