/** The route to a workspace: company CAs, proxies, and hosts that serve several workspaces. */
import assert from "node:assert/strict";
import { certificate } from "../../mock/certificate.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { listen } from "../../mock/served.ts";
import { httpTransport, shared } from "../../src/databricks/call/transport.ts";
import { clusterTest, job, manifest, secret, type World } from "../support/harness.ts";

const NOT_CONNECTED = { settings: null, start: false } as const;

/** A workspace with a certificate from a private CA, as behind a company's inspecting proxy. */
async function inspected(workspace: MockWorkspace): Promise<{ host: string; ca: string } & AsyncDisposable> {
  const made = await certificate();
  const answer = (request: Request) => workspace.fetch(request);
  const server = await listen(answer, { port: 0, hostname: "127.0.0.1", tls: { certificate: made } });
  return { host: `https://127.0.0.1:${server.port}`, ca: made.ca, [Symbol.asyncDispose]: server.close };
}

async function connect(world: World, host: string, settings: Record<string, string> = {}, namespace = world.namespace) {
  await world.apply(secret("databricks-api-secret", { host, token: "token" }), namespace);
  const data = { api_secret_name: "databricks-api-secret", ingest: "false", rate_limit: "0", ...settings };
  const metadata = { name: "databricks-kube-operator" };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data }, namespace);
}

clusterTest(
  "the condition names an unknown CA, and with it in the ConfigMap the job is created",
  async (world) => {
    await using server = await inspected(world.workspace);
    await connect(world, server.host);
    const other = await world.addNamespace("other");
    await connect(world, server.host, { "ca.crt": server.ca }, other);
    await world.startOperator({
      transport: shared(httpTransport),
      allowLoopback: true,
      namespaces: [world.namespace, other],
    });
    await world.apply(job("etl"));
    await world.apply(job("neighbour"), other);
    await world.ready("DatabricksJob", "neighbour", other);
    const { message } = await world.blocked("DatabricksJob", "etl", "Unavailable");
    assert.match(
      message,
      /UnknownIssuer, "CN=stand-in authority"; .*put its certificate \(PEM\) as ca\.crt into the ConfigMap/,
    );
    assert.equal(world.workspace.jobs.ids().length, 1, "a CA of one namespace is not used for another");
    await connect(world, server.host, { "ca.crt": server.ca });
    await world.ready("DatabricksJob", "etl");
  },
  NOT_CONNECTED,
);

clusterTest(
  "a connection trusts the CA in its ConfigMap or Secret, also if it is added later",
  async (world) => {
    await using server = await inspected(world.workspace);
    await world.apply(secret("login", { host: server.host, token: "token" }));
    const connection = (name: string, ca: Record<string, string>) =>
      world.apply(manifest("DatabricksConnection", name, { auth: { secret_name: "login" }, ingest: false, ca }));
    await connection("default", { config_map_name: "company", key: "bundle.pem" });
    await connection("other", { secret_name: "company" });
    await world.startOperator({ transport: shared(httpTransport), allowLoopback: true });
    await world.apply(job("first"));
    const { spec, ...rest } = job("second");
    await world.apply({ ...rest, spec: { ...spec, connection: "other" } });
    const { message } = await world.blocked("DatabricksJob", "first", "CredentialsMissing");
    assert.match(message, /spec\.ca: ConfigMap ".*\/company" does not exist: create it with the key bundle\.pem/);
    const bundle = (data: Record<string, string>) =>
      world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "company" }, data });
    await bundle({ "ca.crt": server.ca });
    const wrong = await world.blocked("DatabricksJob", "first", "CredentialsInvalid");
    assert.match(wrong.message, /spec\.ca: ConfigMap ".*\/company" has no key "bundle\.pem": add it/);
    await bundle({ "bundle.pem": server.ca });
    await world.apply(secret("company", { "ca.crt": server.ca }));
    for (const name of ["first", "second"]) await world.ready("DatabricksJob", name);
  },
  NOT_CONNECTED,
);

clusterTest("an invalid ca.crt is reported, and no request is sent", async (world) => {
  await using server = await inspected(world.workspace);
  await connect(world, server.host, { "ca.crt": "MIIB..." });
  await world.startOperator({ transport: shared(httpTransport), allowLoopback: true });
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
  assert.match(message, /key "ca\.crt" holds no certificate: write it as PEM/);
  await connect(world, server.host, { "ca.crt": server.ca });
  await world.ready("DatabricksJob", "etl");
}, NOT_CONNECTED);

clusterTest("objects of two workspaces of one host are not confused", async (world) => {
  const ids = new Set<string | null>();
  const send = async (request: Request) => {
    ids.add(request.headers.get("x-databricks-workspace-id"));
    return await world.workspace.transport.send(request);
  };
  await connect(world, world.workspace.host, { workspace_id: "1" });
  await world.startOperator({ transport: () => ({ send }) });
  await world.apply(job("etl"));
  const made = await world.ready("DatabricksJob", "etl");
  assert.deepEqual([...ids], ["1"]);
  assert.equal((made.status as { workspace?: string }).workspace, `${world.workspace.host}/?o=1`);
  await connect(world, world.workspace.host, { workspace_id: "2" });
  await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
  assert.equal(world.workspace.jobs.ids().length, 1);
}, NOT_CONNECTED);
