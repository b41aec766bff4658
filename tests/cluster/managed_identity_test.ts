/** A managed identity of Azure, with a stand-in for the metadata service on this machine. */
import assert from "node:assert/strict";
import { MockEntra } from "../../mock/databricks/entra.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { listen } from "../../mock/served.ts";
import { httpTransport, shared } from "../../src/databricks/call/transport.ts";
import { noIdentity } from "../../src/reconcile/connect/identity.ts";
import { clusterTest, job, type World } from "../support/harness.ts";

const entra = new MockEntra();
entra.machineIdentities.push("machine-1");
const NOT_CONNECTED = { settings: null, start: false } as const;

async function signIn(world: World, workspace: MockWorkspace): Promise<void> {
  const data = { host: workspace.host, azure_use_msi: "true", ingest: "false", rate_limit: "0" };
  const metadata = { name: "databricks-kube-operator" };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
}

clusterTest(
  "a managed identity signs in if allowed, through its one address and without a stored secret",
  async (world) => {
    const workspace = new MockWorkspace({ entra });
    const service = await listen((request) => entra.fetch(request), { port: 0, hostname: "127.0.0.1" });
    await using _closed = { [Symbol.asyncDispose]: service.close };
    await signIn(world, workspace);
    const network = shared(httpTransport);
    const metadataAddress = `http://127.0.0.1:${service.port}`;
    await world.startOperator({
      transport: (host) => host === workspace.host ? workspace.transport : network(host),
      identity: { ...noIdentity, ownProblem: () => undefined, allowManagedIdentity: true, metadataAddress },
    });
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    assert.equal(workspace.jobs.all()[0]?.creator_user_name, "machine-1");
  },
  NOT_CONNECTED,
);

clusterTest("no request is sent to the metadata service without --allow-managed-identity", async (world) => {
  const asked: string[] = [];
  const send = (request: Request) => {
    asked.push(request.url);
    return Promise.resolve(new Response("{}"));
  };
  await signIn(world, world.workspace);
  await world.startOperator({ transport: () => ({ send }) });
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
  assert.match(message, /not allowed: run with --allow-managed-identity, or use azure-workload-identity/);
  assert.deepEqual(asked, []);
}, NOT_CONNECTED);

clusterTest("a binary without the permission for the metadata service names the one that has it", async (world) => {
  const denied = () => Promise.reject(new Deno.errors.NotCapable('Requires net access to "169.254.169.254:80"'));
  await signIn(world, world.workspace);
  await world.startOperator({
    transport: () => ({ send: denied }),
    identity: { ...noIdentity, ownProblem: () => undefined, allowManagedIdentity: true },
  });
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
  assert.match(
    message,
    /may not connect to the metadata service at 169\.254\.169\.254: use one that was compiled with/,
  );
}, NOT_CONNECTED);
