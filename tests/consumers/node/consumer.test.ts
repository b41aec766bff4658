/** A Node project uses the package: it tests its own calls to Databricks and Kubernetes. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { WorkspaceClient } from "@databricks/sdk-experimental";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { MockWorkspace, serve, serveKubernetes } from "databricks-kube-operator-testing";
import { setupServer } from "msw/node";

const headers = { authorization: "Bearer token", "content-type": "application/json" };

test("a workspace on a port responds like Databricks", async () => {
  const workspace = new MockWorkspace();
  await using served = await serve(workspace);
  const body = JSON.stringify({ name: "etl" });
  const response = await fetch(`${served.url}/api/2.2/jobs/create`, { method: "POST", headers, body });
  const { job_id } = JSON.parse((await response.text()).replace(/("job_id":)(\d+)/, '$1"$2"'));
  assert.deepEqual(workspace.jobs.ids(), [job_id]);
});

test("a workspace's handlers intercept the process's requests to its host", async () => {
  const workspace = new MockWorkspace({ host: "https://my-tenant.cloud.databricks.com" });
  const server = setupServer(...workspace.handlers);
  server.listen();
  after(() => server.close());
  const me = await fetch(`${workspace.host}/api/2.0/preview/scim/v2/Me`, { headers });
  assert.equal((await me.json()).userName, "operator@example.com");
  const refused = await fetch(`${workspace.host}/api/2.2/jobs/list`);
  assert.equal(refused.status, 401);
});

test("a workspace's handlers intercept the official SDK, which uses node:https", async () => {
  const workspace = new MockWorkspace({ host: "https://sdk.cloud.databricks.com" });
  const server = setupServer(...workspace.handlers);
  server.listen();
  after(() => server.close());
  const client = new WorkspaceClient({ host: workspace.host, token: "token", authType: "pat" });
  assert.equal((await client.currentUser.me()).userName, "operator@example.com");
  await client.jobs.create({ name: "etl" });
  const names: (string | undefined)[] = [];
  for await (const job of client.jobs.list({})) names.push(job.settings?.name);
  assert.deepEqual([names, workspace.jobs.ids().length], [["etl"], 1]);
});

test("an embedded Kubernetes API serves the typed clients over TLS", async () => {
  await using served = await serveKubernetes();
  const config = new KubeConfig();
  config.loadFromString(served.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name: "a" }, data: { b: "c" } } });
  const { data } = await core.readNamespacedConfigMap({ namespace: "default", name: "a" });
  assert.deepEqual(data, { b: "c" });
});
