/**
 * A namespace that is deleted with all its objects: it ends, and resources that cannot be deleted in Databricks are
 * reported.
 */
import assert from "node:assert/strict";
import type { JSONWebKeySet } from "jose";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { Status } from "../../src/reconcile/object/status.ts";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, condition, eventually, job, manifest, problem, type World } from "../support/harness.ts";

const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
const TIMINGS = { settleMs: 500, baselineMs: 100, missMs: 200, graceMs: 300, uninstallMs: 50 };
const QUIET = { settings: { ingest: "false" } };

/** The log of the operators in this file's tests. */
const log = captureLog();

/** Deletes the world's namespace, and waits until its objects are gone. */
async function end(world: World): Promise<void> {
  await world.kube.delete(NAMESPACES, world.namespace);
  await world.gone("DatabricksJob", "x");
}

clusterTest(
  "a namespace whose ConfigMap and Secret are deleted first leaves nothing behind in Databricks",
  async (world) => {
    await world.apply(job("x"));
    await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }));
    await world.ready("DatabricksJob", "x");
    await world.ready("DatabricksSecretScope", "x");
    await world.delete("ConfigMap", "databricks-kube-operator");
    await world.delete("Secret", "databricks-api-secret");
    await end(world);
    await world.gone("DatabricksSecretScope", "x");
    assert.deepEqual([world.workspace.jobs.ids(), world.workspace.secrets.scopes()], [[], []]);
  },
  QUIET,
);

clusterTest(
  "lost credentials do not block the deletion of a namespace, and the log names the resources that stay",
  async (world) => {
    const operator = await world.startOperator();
    await world.apply(job("x"));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    await world.stopOperator(operator);
    await world.delete("Secret", "databricks-api-secret");
    await world.startOperator();
    await world.blocked("DatabricksJob", "x", "CredentialsMissing");
    await end(world);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
    const said =
      `Left job ${id} behind in workspace "${world.workspace.host}": namespace "${world.namespace}" is being ` +
      `deleted, and no credentials that work are known; delete it there by hand`;
    const told = log.map(({ rawMessage }) => String(rawMessage));
    assert.ok(told.some((line) => line.includes(said)), told.join("\n"));
  },
  { start: false, ...QUIET },
);

clusterTest("in a namespace in deletion no message advises to create objects there", async (world) => {
  const operator = await world.startOperator();
  await world.apply(job("x"));
  await world.ready("DatabricksJob", "x");
  await world.stopOperator(operator);
  await world.delete("Secret", "databricks-api-secret");
  await world.startOperator({ timings: { ...TIMINGS, abandonMs: 60_000 } });
  assert.match((await world.blocked("DatabricksJob", "x", "CredentialsMissing")).message, /create it/);
  await world.kube.delete(NAMESPACES, world.namespace);
  const told = await eventually("the deletion is reported", async () => {
    const { conditions = [] } = (await world.get("DatabricksJob", "x"))?.status as Status;
    return conditions.some(({ type, reason }) => type === "Reconciling" && reason === "Deleting") && conditions;
  });
  assert.ok(told.some(({ message }) => /is being deleted: waiting for the credentials to delete job/.test(message)));
  assert.deepEqual(told.filter(({ type, message }) => type === "Stalled" || /create/.test(message)), []);
  await assert.rejects(world.connect(QUIET), /being terminated/);
  await world.annotate("DatabricksJob", "x", "deletion-policy", "retain");
  await world.gone("DatabricksJob", "x");
}, { start: false, ...QUIET });

clusterTest(
  "a revoked token blocks a deletion in an active namespace, but not in one in deletion",
  async (world) => {
    await world.apply(job("x"));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    world.workspace.setToken("another");
    await world.delete("DatabricksJob", "x");
    await world.blocked("DatabricksJob", "x", "Unauthenticated");
    await world.kube.delete(NAMESPACES, world.namespace);
    await world.annotate("DatabricksJob", "x", "deletion-policy", "delete");
    await world.gone("DatabricksJob", "x");
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  QUIET,
);

clusterTest(
  "in a namespace in deletion an object of another workspace is released, and its resource stays",
  async (world) => {
    const other = new MockWorkspace();
    await world.startOperator({ workspaces: [world.workspace, other] });
    await world.apply(job("x"));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    other.jobs.add({ name: "theirs" });
    await world.connect({ workspace: other, ...QUIET });
    await world.blocked("DatabricksJob", "x", "WorkspaceChanged");
    await end(world);
    assert.deepEqual([world.workspace.jobs.ids(), other.jobs.ids().length, other.ledger.writes()], [[id], 1, []]);
  },
  { start: false, ...QUIET },
);

clusterTest(
  "in an active namespace a deletion without credentials waits for them, and says how to continue",
  async (world) => {
    const operator = await world.startOperator();
    await world.apply(job("x"));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    await world.stopOperator(operator);
    await world.delete("Secret", "databricks-api-secret");
    await world.startOperator();
    await world.delete("DatabricksJob", "x");
    await eventually("it says how to continue", async () => {
      const stalled = condition(await world.get("DatabricksJob", "x"), "Stalled");
      return stalled?.message.includes("deletion-policy: retain") || problem(JSON.stringify(stalled));
    });
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
    await world.annotate("DatabricksJob", "x", "deletion-policy", "retain");
    await world.gone("DatabricksJob", "x");
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { start: false, ...QUIET },
);

clusterTest(
  "a namespace that signs in by a ServiceAccount can be deleted, even after the account and its token",
  async (world) => {
    const settings = await signInByAccount(world);
    await world.startOperator();
    await world.apply(job("x"));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    const body = { error_code: "UNAUTHENTICATED", message: "token expired" };
    world.workspace.faults.add({ match: /jobs/, status: 401, body });
    await world.delete("ServiceAccount", settings.service_account);
    await end(world);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { settings: null, start: false },
);

/** Makes a service principal trust a ServiceAccount of the namespace, and the namespace sign in with it. */
async function signInByAccount(world: World) {
  const settings = { client_id: "sp", service_account: "etl", audience: "databricks" };
  await world.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: settings.service_account } });
  const { issuer } = JSON.parse(await world.kubectl(["get", "--raw", "/.well-known/openid-configuration"]));
  const jwks = JSON.parse(await world.kubectl(["get", "--raw", "/openid/v1/jwks"])) as JSONWebKeySet;
  const subject = `system:serviceaccount:${world.namespace}:${settings.service_account}`;
  const policy = { clientId: settings.client_id, issuer: String(issuer), subject, audiences: ["databricks"], jwks };
  world.workspace.auth.policies.push(policy);
  const metadata = { name: "databricks-kube-operator" };
  const data = { ...QUIET.settings, rate_limit: "0", host: world.workspace.host, ...settings };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
  return settings;
}
