/** Federation on a real API server: its TokenRequest, its issuer and its keys, without any Secret. */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { startProcess } from "../support/api_servers.ts";
import { condition, eventually, installCrds, job, manifest, problem, World } from "../support/harness.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : "";
const NAMESPACE = "federation";
const core = (plural: string) => ({ group: "", version: "v1", plural, namespace: NAMESPACE });

/** A connection that would send its host a token accepted by the API server itself is refused before it gets one. */
async function refuseOwnAudience(world: World): Promise<void> {
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const auth = { client_id: "any", service_account: "databricks", audience: String(issuer) };
  await world.apply(manifest("DatabricksConnection", "thief", { host: world.workspace.host, auth, ingest: false }));
  await eventually("the connection is rejected", async () => {
    const ready = condition(await world.get("DatabricksConnection", "thief"), "Ready");
    return ready?.reason === "CredentialsInvalid" && /is the Kubernetes API's own/.test(ready.message) ||
      problem(JSON.stringify(ready));
  });
  await world.delete("DatabricksConnection", "thief");
  await world.gone("DatabricksConnection", "thief");
}

/** Connects the namespace as docs/connect.md does, with a policy made from the API server's documents. */
async function federate(world: World): Promise<void> {
  const { kube, workspace } = world;
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const jwks = JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"])) as JSONWebKeySet;
  const subject = `system:serviceaccount:${NAMESPACE}:databricks`;
  workspace.auth.policies.push({ clientId: "sp-1", issuer: String(issuer), subject, audiences: ["databricks"], jwks });
  await kube.create(core("serviceaccounts"), { metadata: { name: "databricks" } });
  const auth = { client_id: "sp-1", service_account: "databricks", audience: "databricks" };
  await world.apply(manifest("DatabricksConnection", "default", { host: workspace.host, auth, ingest: false }));
}

Deno.test({
  name:
    `a namespace without any Secret acts as the principal that trusts its ServiceAccount on a real API server${needs}`,
  ignore: binary === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startProcess(binary ?? "");
    const { kubeconfig } = server;
    const { client } = await connect({ kubeconfig });
    const world = new World({ kube: client, namespace: NAMESPACE, workspace: new MockWorkspace(), kubeconfig });
    await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: NAMESPACE } });
    await installCrds(client);
    await federate(world);
    const operator = await world.startOperator();
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.all()[0]?.creator_user_name, "sp-1");
    const shown = await eventually("the connection shows its identity", async () => {
      const connection = await world.get("DatabricksConnection", "default");
      const isReady = condition(connection, "Ready")?.status === "True" && connection?.status?.objects === 1;
      return isReady ? connection?.status : problem(JSON.stringify(connection?.status));
    });
    assert.deepEqual([shown?.principal, shown?.auth_type], ["sp-1", "file-oidc"]);
    assert.match(await world.kubectl(["explain", "databricksconnection.spec.auth.audience"]), /federation policy/);
    const table = await world.kubectl(["get", "dbconnection"]);
    assert.match(table, /NAME\s+WORKSPACE\s+PRINCIPAL\s+OBJECTS\s+READY\s+REASON\s+AGE\n.*sp-1\s+1\s+True\s+Connected/);
    await refuseOwnAudience(world);
    await world.delete("DatabricksConnection", "default");
    await eventually("the deletion waits, and says why", async () => {
      const ready = condition(await world.get("DatabricksConnection", "default"), "Ready");
      return ready?.reason === "InUse" && ready.message.includes("DatabricksJob etl") || problem(JSON.stringify(ready));
    });
    await world.delete("DatabricksJob", "etl");
    await world.gone("DatabricksConnection", "default");
    assert.deepEqual(world.workspace.jobs.ids(), []);
    const { items } = await client.list(core("secrets"));
    assert.deepEqual(items.map(({ metadata }) => metadata.name), []);
    await world.stopOperator(operator);
    client.close();
  },
});
