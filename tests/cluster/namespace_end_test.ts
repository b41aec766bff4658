/** A namespace that is deleted with everything in it: it ends, and what cannot be deleted in Databricks is told. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, condition, eventually, job, manifest, problem, type World } from "../support/harness.ts";

const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
const QUIET = { settings: { ingest: "false" } };

/** All that the operators of this file's tests log. */
const log = captureLog();

/** Deletes the world's namespace, and waits until its objects are gone. */
async function end(world: World): Promise<void> {
  await world.kube.delete(NAMESPACES, world.namespace);
  await world.gone("DatabricksJob", "x");
}

clusterTest("a namespace whose ConfigMap and Secret go first leaves nothing behind in Databricks", async (world) => {
  await world.apply(job("x"));
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }));
  await world.ready("DatabricksJob", "x");
  await world.ready("DatabricksSecretScope", "x");
  await world.delete("ConfigMap", "databricks-kube-operator");
  await world.delete("Secret", "databricks-api-secret");
  await end(world);
  await world.gone("DatabricksSecretScope", "x");
  assert.deepEqual([world.workspace.jobs.ids(), world.workspace.secrets.scopes()], [[], []]);
}, QUIET);

clusterTest(
  "credentials that nobody knows do not hold a namespace that ends, and the log says what stays",
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

clusterTest(
  "a token that was revoked holds an object in a namespace that lives, and none in one that ends",
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
  "an object of another workspace than the Secret names is let go in a namespace that ends, untouched",
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
  "a deletion without credentials waits for them in a namespace that lives, and says how to go on",
  async (world) => {
    const operator = await world.startOperator();
    await world.apply(job("x"));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    await world.stopOperator(operator);
    await world.delete("Secret", "databricks-api-secret");
    await world.startOperator();
    await world.delete("DatabricksJob", "x");
    await eventually("it says how to go on", async () => {
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
