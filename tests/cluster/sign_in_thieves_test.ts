/** Tenants who can write everything in their own namespace, and try to act as somebody else. */
import assert from "node:assert/strict";
import { MockEntra } from "../../mock/databricks/entra.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { issueToken } from "../../mock/kubernetes/tokens.ts";
import { noIdentity } from "../../src/reconcile/connect/identity.ts";
import { ownIdentityRule } from "../../src/reconcile/connect/own_identity.ts";
import { clusterTest, eventually, job, manifest, secret, type World } from "../support/harness.ts";

const NOT_CONNECTED = { settings: null, start: false, needs: ["kubectl"] } as const;
const quick = { ingest: "false", rate_limit: "0", default_requeue_interval: "1" };

async function configure(world: World, data: Record<string, string>, namespace = world.namespace): Promise<void> {
  const metadata = { name: "databricks-kube-operator" };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { ...quick, ...data } }, namespace);
}

/** A network that records every request with its content. */
function noting(answer: (request: Request) => Promise<Response>) {
  const sent: string[] = [];
  const send = async (request: Request) => {
    sent.push(`${request.url} ${[...request.headers].join(" ")} ${await request.clone().text()}`);
    return await answer(request);
  };
  return { sent, transport: () => ({ send }) };
}

/** The operator's own proof of identity, as mounted into its pod. */
const PROOF = issueToken({
  namespace: "operators",
  name: "databricks-kube-operator",
  uid: "1",
  audiences: ["databricks"],
  now: Date.now(),
  seconds: 3600,
});
const own = {
  ...noIdentity,
  readFile: () => Promise.resolve(PROOF),
  environment: (name: string) => ({ AZURE_TENANT_ID: "tenant-1", AZURE_CLIENT_ID: "app-1" })[name],
  allowManagedIdentity: true,
};

const borrowed: Record<string, Record<string, string>> = {
  "Entra Workload ID": { auth_type: "azure-workload-identity" },
  "Entra Workload ID as an application of another team": {
    auth_type: "azure-workload-identity",
    azure_client_id: "app-of-another-team",
  },
  "the machine's identity": { azure_use_msi: "true" },
};

for (const [what, keys] of Object.entries(borrowed)) {
  clusterTest(`a tenant cannot have the operator's own ${what} sent to a host of his`, async (world) => {
    const entra = new MockEntra();
    entra.machineIdentities.push("machine-1");
    const network = noting((request) => entra.fetch(request));
    await configure(world, { host: "https://thief.example", ...keys });
    await world.startOperator({ transport: network.transport, identity: own });
    await world.apply(job("etl"));
    const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
    assert.match(message, /may not be used with the operator's own identity here/);
    assert.deepEqual(network.sent, []);
  }, NOT_CONNECTED);
}

const ways: Record<string, [Record<string, string>, RegExp]> = {
  "another host": [
    { host: "https://thief.example" },
    /"https:\/\/thief\.example" is no address of Databricks.*@<host>/,
  ],
  "a host that only ends like one of Databricks": [
    { host: "https://thief-azuredatabricks.net" },
    /is no address of Databricks/,
  ],
  "a host without TLS": [{ host: "http://adb-1.azuredatabricks.net" }, /is no address of Databricks/],
  "a proxy": [{ host: "https://adb-1.azuredatabricks.net", proxy: "http://thief.example:3128" }, /remove proxy/],
};

for (const [what, [keys, said]] of Object.entries(ways)) {
  clusterTest(`the operator's own token is not sent through ${what} of an allowed namespace`, async (world) => {
    const network = noting(() => Promise.resolve(Response.json({})));
    await configure(world, { auth_type: "file-oidc", client_id: "sp-1", ...keys });
    const identity = { ...own, ownProblem: ownIdentityRule("operators", [`${world.namespace}=sp-1`]) };
    await world.startOperator({ transport: network.transport, identity });
    await world.apply(job("etl"));
    const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
    assert.match(message, said);
    assert.deepEqual(network.sent, []);
  }, NOT_CONNECTED);
}

// The embedded API's key signs the operator's own token.
clusterTest("a namespace that may use one principal at one host signs in only there", async (world) => {
  const { host } = world.workspace;
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "operator" } });
  world.workspace.auth.policies.push({
    clientId: "sp-1",
    issuer: "https://kubernetes.default.svc.cluster.local",
    subject: "system:serviceaccount:operators:databricks-kube-operator",
    audiences: ["databricks"],
    jwks: JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"])),
  });
  await configure(world, { host, auth_type: "file-oidc", client_id: "sp-1" });
  const ownProblem = ownIdentityRule("operators", [`${world.namespace}=sp-1@${new URL(host).host}`]);
  await world.startOperator({ identity: { ...own, ownProblem } });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await configure(world, { host: "https://adb-1.azuredatabricks.net", auth_type: "file-oidc", client_id: "sp-1" });
  await world.apply(job("second"));
  await world.blocked("DatabricksJob", "second", "CredentialsInvalid");
}, { ...NOT_CONNECTED, ownApi: true });

clusterTest("a tenant gets no token that the Kubernetes API accepts", async (world) => {
  const network = noting(() => Promise.resolve(Response.json({})));
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "admin" } });
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const keys = { host: "https://thief.example", client_id: "any", service_account: "admin", audience: String(issuer) };
  await configure(world, keys);
  await world.startOperator({ transport: network.transport });
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
  assert.match(message, /audience ".*" is the Kubernetes API's own.*: choose another one, such as "databricks"/);
  assert.ok(!network.sent.some((line) => line.includes("eyJ")), network.sent.join("\n"));
}, NOT_CONNECTED);

clusterTest("a wrong secret for another tenant's client_id does not slow that tenant down", async (world) => {
  const workspace = new MockWorkspace({ clients: { robot: "right-s3cret" } });
  const other = await world.addNamespace("other");
  const client = (client_secret: string) =>
    secret("databricks-api-secret", { host: workspace.host, client_id: "robot", client_secret });
  await world.apply(client("right-s3cret"));
  await configure(world, { api_secret_name: "databricks-api-secret" });
  await world.startOperator({ namespaces: [world.namespace, other], workspaces: [workspace] });
  await world.apply(job("first"));
  await world.ready("DatabricksJob", "first");
  await world.apply(client("guessed"), other);
  await configure(
    world,
    { api_secret_name: "databricks-api-secret", rate_limit: "0.001", rate_limit_burst: "1" },
    other,
  );
  await world.apply(job("thief"), other);
  await world.blocked("DatabricksJob", "thief", "Unauthenticated", other);
  await world.apply(job("second"));
  await world.apply(job("third"));
  for (const name of ["second", "third"]) await world.ready("DatabricksJob", name);
}, NOT_CONNECTED);

clusterTest("a person's own sign-in does not use a namespace's proxy or CA", async (world) => {
  const network = noting((request) => world.workspace.fetch(request));
  const identity = { ...noIdentity, profile: { host: world.workspace.host, token: "token" } };
  await configure(world, { proxy: "http://thief.example:3128" });
  await world.startOperator({ transport: network.transport, identity });
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
  assert.match(message, /key "proxy" may not stand beside your own sign-in: remove it, or name a host/);
  assert.deepEqual(network.sent, []);
  await configure(world, {});
  await world.ready("DatabricksJob", "etl");
}, NOT_CONNECTED);

clusterTest("a connection whose host changes does not reuse the old host's token", async (world) => {
  const network = noting((request) =>
    request.url.startsWith(world.workspace.host) ? world.workspace.fetch(request) : Promise.resolve(Response.json({}))
  );
  await world.apply(secret("login", { client_id: "robot", client_secret: "right-s3cret" }));
  const connection = (host: string) =>
    world.apply(manifest("DatabricksConnection", "default", { host, auth: { secret_name: "login" }, ingest: false }));
  await connection(world.workspace.host);
  await world.startOperator({ transport: network.transport });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await connection("https://thief.example");
  await eventually("the new host is asked", () => network.sent.some((line) => line.startsWith("https://thief")));
  await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
  const given = network.sent.filter((line) => line.startsWith("https://thief") && /Bearer /.test(line));
  assert.deepEqual(given, []);
}, { ...NOT_CONNECTED, mock: { clients: { robot: "right-s3cret" } } });
