/** An uninstall on a real API server, in which discovery and deletion are separate components. */
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { startProcess } from "../support/api_servers.ts";
import { installCrds, World } from "../support/harness.ts";
import { assertAllKept, crdsGoAndCome, deleteCrds, makeOneOfEach } from "../support/uninstall.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : "";

Deno.test({
  name: `an uninstall on a real API server deletes nothing in Databricks${needs}`,
  ignore: binary === undefined,
  fn: async () => {
    await using server = await startProcess(binary ?? "");
    const { client } = await connect({ kubeconfig: server.kubeconfig });
    const { kubeconfig } = server;
    const world = new World({ kube: client, namespace: "uninstall", workspace: new MockWorkspace(), kubeconfig });
    await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "uninstall" } });
    await installCrds(client);
    await world.connect();
    const operator = await world.startOperator();
    await makeOneOfEach(world);
    await deleteCrds(world);
    await crdsGoAndCome(world);
    assertAllKept(world);
    await world.stopOperator(operator);
    client.close();
  },
});
