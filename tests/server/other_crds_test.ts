/**
 * CRDs that are missing, or of another version: the operator waits or reports it, and creates nothing in Databricks.
 */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { toCrd } from "../../src/generate/crd.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { kinds } from "../../src/kinds.ts";
import { startProcess } from "../support/api_servers.ts";
import { installCrds, job, World } from "../support/harness.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : "";
const crds = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** Installs CRDs without status fields, like the predecessor's. */
async function installOldCrds(client: KubeClient): Promise<void> {
  for (const resource of kinds) {
    const crd = structuredClone(toCrd(resource)) as unknown as {
      metadata: { name: string };
      spec: { versions: { schema: { openAPIV3Schema: { properties: Record<string, unknown> } } }[] };
    };
    for (const version of crd.spec.versions) version.schema.openAPIV3Schema.properties.status = { type: "object" };
    await client.patch(crds, crd.metadata.name, crd, { type: "apply", force: true, fieldManager: "test" });
  }
}

Deno.test({
  name: `the operator waits for its CRDs, reports outdated ones, and continues with new ones${needs}`,
  ignore: binary === undefined,
  fn: async () => {
    await using server = await startProcess(binary ?? "");
    const { client } = await connect({ kubeconfig: server.kubeconfig });
    const world = new World({
      kube: client,
      namespace: "crds",
      workspace: new MockWorkspace(),
      kubeconfig: server.kubeconfig,
    });
    await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "crds" } });
    await world.connect();
    const started = world.startOperator();
    await installOldCrds(client);
    const operator = await started;
    await world.apply(job("etl"));
    await world.event("etl", "CrdOutdated");
    assert.equal(world.workspace.ledger.count("POST"), 0, "nothing is created while its id could not be recorded");
    await installCrds(client);
    await world.apply(job("other"));
    await world.ready("DatabricksJob", "other");
    await world.ready("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.ids().length, 2);
    // The namespace ends with the API server.
    await world.stopOperator(operator);
    client.close();
  },
});
