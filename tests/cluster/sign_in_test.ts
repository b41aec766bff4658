/** Sign-in without a personal access token, through the whole operator. */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { clusterTest, condition, eventually, job, secret, type World } from "../support/harness.ts";

const NOT_CONNECTED = { settings: null, start: false, needs: ["kubectl"] } as const;

/** Writes a ConfigMap that defines the sign-in without naming a Secret; there is none. */
async function signInBy(world: World, data: Record<string, string>, namespace = world.namespace): Promise<void> {
  const quick = { default_requeue_interval: "1", status_poll_interval: "1", rate_limit: "0", ingest: "false" };
  const metadata = { name: "databricks-kube-operator" };
  const config = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: { ...quick, host: world.workspace.host, ...data },
  };
  await world.apply(config, namespace);
}

/** Makes a service principal of the workspace trust a ServiceAccount, as in docs/connect.md. */
async function trust(world: World, clientId: string, account: string, namespace = world.namespace): Promise<void> {
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account } }, namespace);
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const jwks = JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"]));
  const subject = `system:serviceaccount:${namespace}:${account}`;
  world.workspace.auth.policies.push({
    clientId,
    issuer: String(issuer),
    subject,
    audiences: ["databricks"],
    jwks: jwks as JSONWebKeySet,
  });
}

clusterTest(
  "without a Secret, a namespace acts as the service principal that trusts its ServiceAccount",
  async (world) => {
    await trust(world, "sp-of-team", "etl");
    await signInBy(world, { client_id: "sp-of-team", service_account: "etl", audience: "databricks" });
    await world.startOperator();
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.ids().length, 1);
    const { items } = await world.kube.list({
      group: "",
      version: "v1",
      plural: "secrets",
      namespace: world.namespace,
    });
    assert.deepEqual(items.map(({ metadata }) => metadata.name), []);
  },
  NOT_CONNECTED,
);

clusterTest(
  "a namespace that names another team's client_id gets nothing, with the reason, and stops nobody",
  async (world) => {
    const other = await world.addNamespace("other");
    await trust(world, "sp-of-team", "etl");
    await signInBy(world, { client_id: "sp-of-team", service_account: "etl", audience: "databricks" });
    // The namespace has a ServiceAccount that the principal does not trust, and no right to the operator's own token.
    await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "thief" } }, other);
    await signInBy(world, { client_id: "sp-of-team", service_account: "thief", audience: "databricks" }, other);
    await world.startOperator({ namespaces: [world.namespace, other] });
    await world.apply(job("stolen"), other);
    const refused = await world.blocked("DatabricksJob", "stolen", "Unauthenticated", other);
    assert.match(
      refused.message,
      /invalid_grant.*federation policy with issuer .*subject "system:serviceaccount:.*-other:thief"/,
    );
    await signInBy(world, { client_id: "sp-of-team", auth_type: "file-oidc" }, other);
    const blocked = await world.blocked("DatabricksJob", "stolen", "CredentialsInvalid", other);
    assert.match(blocked.message, /may not be used with the operator's own identity here: name a ServiceAccount/);
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.ids().length, 1);
  },
  NOT_CONNECTED,
);

clusterTest("a missing ServiceAccount is named, and works as soon as it exists", async (world) => {
  await signInBy(world, { client_id: "sp-of-team", service_account: "etl", audience: "databricks" });
  await world.startOperator();
  await world.apply(job("etl"));
  const { message } = await world.blocked("DatabricksJob", "etl", "CredentialsInvalid");
  assert.match(message, /ServiceAccount ".*\/etl", which service_account names, does not exist: create it/);
  await trust(world, "sp-of-team", "etl");
  await world.annotate("DatabricksJob", "etl", "paused", "false");
  await world.ready("DatabricksJob", "etl");
}, NOT_CONNECTED);

const client = (host: string, client_secret: string) =>
  secret("databricks-api-secret", { host, client_id: "robot", client_secret });

clusterTest(
  "a client and its secret sign in; a wrong secret is reported with OAuth's error, and a rotated one is used",
  async (world) => {
    await world.configure({ ingest: "false" });
    await world.apply(client(world.workspace.host, "wr0ng-s3cret"));
    await world.startOperator();
    await world.apply(job("etl"));
    const { message } = await world.blocked("DatabricksJob", "etl", "Unauthenticated");
    assert.match(
      message,
      /401 invalid_client.*check client_id and client_secret in Secret "[^"/]+\/databricks-api-secret"/,
    );
    assert.ok(!message.includes("wr0ng"), message);
    await world.apply(client(world.workspace.host, "right-s3cret"));
    await world.ready("DatabricksJob", "etl");
  },
  { ...NOT_CONNECTED, mock: { clients: { robot: "right-s3cret" } } },
);

clusterTest("a token that is revoked during a create is requested again, and one job is created", async (world) => {
  await world.configure({ ingest: "false" });
  await world.apply(client(world.workspace.host, "right-s3cret"));
  await world.startOperator();
  await world.apply(job("first"));
  await world.ready("DatabricksJob", "first");
  world.workspace.auth.revokeIssued();
  await world.apply(job("second"));
  const object = await world.ready("DatabricksJob", "second");
  assert.equal(world.workspace.jobs.ids().length, 2);
  assert.equal(condition(object, "Stalled"), undefined);
}, { ...NOT_CONNECTED, mock: { clients: { robot: "right-s3cret" } } });

clusterTest(
  "without a token no create is pending: the job is created once the endpoint is back",
  async (world) => {
    await world.configure({ ingest: "false" });
    await world.apply(client(world.workspace.host, "right-s3cret"));
    const fault = world.workspace.faults.add({
      match: "POST /oidc/v1/token",
      status: 400,
      body: "<html>a gateway</html>",
    });
    await world.startOperator();
    await world.apply(job("etl"));
    await world.blocked("DatabricksJob", "etl", "Unavailable");
    const object = await world.get("DatabricksJob", "etl");
    assert.equal(
      (object?.status as { pending?: unknown }).pending,
      undefined,
      "no create was sent, so no search is made",
    );
    fault[Symbol.dispose]();
    await world.ready("DatabricksJob", "etl");
    await eventually("one job", () => Promise.resolve(world.workspace.jobs.ids().length === 1));
  },
  { ...NOT_CONNECTED, mock: { clients: { robot: "right-s3cret" } } },
);

clusterTest("an object shows its identity also with a connection by ConfigMap", async (world) => {
  const other = await world.addNamespace("other");
  await world.apply(client(world.workspace.host, "right-s3cret"));
  await world.configure({ ingest: "false" });
  await world.apply(secret("api", { host: world.workspace.host, token: "token" }), other);
  await signInBy(world, { api_secret_name: "api" }, other);
  await world.startOperator({ namespaces: [world.namespace, other] });
  for (const namespace of [world.namespace, other]) await world.apply(job("etl"), namespace);
  const [robot, token] = [
    await world.ready("DatabricksJob", "etl"),
    await world.ready("DatabricksJob", "etl", other),
  ];
  assert.deepEqual([robot.status?.principal, token.status?.principal], ["robot", "pat of Secret api"]);
  assert.deepEqual([robot.status?.workspace, token.status?.workspace], [world.workspace.host, world.workspace.host]);
  const described = await world.kubectl(["describe", "databricksjob", "etl"]);
  assert.match(described, /Principal: +robot\n[\s\S]*Workspace: +https:/);
}, { ...NOT_CONNECTED, mock: { clients: { robot: "right-s3cret" } } });
