/** Approvals of parts (permissions, keys), of adoptions and of deletions; no secret appears in a plan. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { Resource } from "../../src/resource.ts";
import { databricksClusterPolicy } from "../../src/resources/databricks_cluster_policy.ts";
import { captureLog } from "../support/captured_log.ts";
import type { World } from "../support/harness.ts";
import { clusterTest, eventually, job, manifest, notebook, problem, secret, sweeps } from "../support/harness.ts";
import { approve, ON_APPROVAL, planOf, settled, writes } from "../support/plans.ts";

const JOBS = "/jobs/list";
const CREATE = "POST /api/2.2/jobs/create";
const RESET = "POST /api/2.2/jobs/reset";
const PERMISSIONS = "PUT /api/2.0/permissions/jobs/1";
const ME = "operator@example.com";
const analysts = (level: string) => ({ group_name: "analysts", level });
const AUTO = { settings: { ingest: "false" } };
const logged = captureLog();

function shared(settings: Record<string, unknown>, permissions: readonly Record<string, string>[]): KubeObject {
  return manifest("DatabricksJob", "etl", { job: { settings: { ...notebook(), ...settings } }, permissions });
}

/** Sets other permissions on the only job, as a person does in the web application. */
function grant({ workspace }: World, level: string): void {
  const [id = ""] = workspace.jobs.ids();
  workspace.permissions.setAccess(workspace.jobs.require(id), [
    { user_name: ME, permission_level: "IS_OWNER" },
    { group_name: "analysts", permission_level: level },
  ]);
}

clusterTest("one approval covers a create with its permissions, and one covers an edit of both", async (world) => {
  await world.apply(shared({ max_concurrent_runs: 2 }, [analysts("CAN_VIEW")]));
  const made = await planOf(world, "etl");
  assert.ok(made.changes.some(({ path, to }) => path === "permissions[group:analysts]" && to === '"CAN_VIEW"'));
  await approve(world, { name: "etl", digest: made.digest });
  await settled(world, "etl");
  assert.deepEqual(writes(world), [CREATE, PERMISSIONS]);
  await world.apply(shared({ max_concurrent_runs: 4 }, [analysts("CAN_MANAGE_RUN")]));
  const edit = await planOf(world, "etl");
  assert.deepEqual(edit.changes.map(({ path, from, to }) => `${path} ${from} ${to}`).sort(), [
    "max_concurrent_runs 2 4",
    'permissions[group:analysts] "CAN_VIEW" "CAN_MANAGE_RUN"',
  ]);
  await sweeps(world.workspace, JOBS);
  assert.deepEqual(writes(world), [CREATE, PERMISSIONS]);
  await approve(world, { name: "etl", digest: edit.digest });
  await settled(world, "etl");
  assert.deepEqual(writes(world), [CREATE, PERMISSIONS, RESET, PERMISSIONS]);
}, ON_APPROVAL);

clusterTest("a repair of changed permissions waits for approval", async (world) => {
  await world.apply(shared({}, [analysts("CAN_VIEW")]));
  await approve(world, { name: "etl", digest: (await planOf(world, "etl")).digest });
  await settled(world, "etl");
  grant(world, "CAN_MANAGE");
  const plan = await planOf(world, "etl");
  assert.deepEqual([plan.cause, plan.changes], ["drift", [{
    path: "permissions[group:analysts]",
    from: '"CAN_MANAGE"',
    to: '"CAN_VIEW"',
    reason: "drift",
  }]]);
  assert.deepEqual(writes(world), [CREATE, PERMISSIONS]);
  await approve(world, { name: "etl", digest: plan.digest });
  await settled(world, "etl");
  assert.deepEqual(writes(world), [CREATE, PERMISSIONS, PERMISSIONS]);
}, ON_APPROVAL);

clusterTest("with drift: report, changed permissions are shown and stay", async (world) => {
  await world.apply(shared({}, [analysts("CAN_VIEW")]));
  await settled(world, "etl");
  grant(world, "CAN_MANAGE");
  assert.match(await world.event("etl", "DriftReported"), /permissions\[group:analysts\]/);
  await sweeps(world.workspace, JOBS);
  assert.deepEqual(writes(world), [CREATE, PERMISSIONS]);
}, { settings: { drift: "report", ingest: "false" } });

clusterTest("keys wait for approval, and neither their values nor hashes of them appear anywhere", async (world) => {
  world.workspace.secrets.addScope("team");
  const value = (count: number) => `c4nary v4lue ${count}`;
  const puts = () => world.workspace.ledger.find("POST", "/secrets/put").length;
  const of = { kind: "DatabricksSecret" };
  await world.apply(secret("source", { password: value(1), user: "etl" }));
  await world.apply(manifest("DatabricksSecret", "keys", { scope: "team", secret_name: "source" }));
  const first = await planOf(world, "keys", of);
  assert.deepEqual(first.changes.map(({ path, from, to }) => [path, from, to]).sort(), [
    ["keys[password]", undefined, "***"],
    ["keys[user]", undefined, "***"],
  ]);
  assert.equal(puts(), 0);
  await approve(world, { ...of, name: "keys", digest: first.digest });
  await eventually("both keys exist", () => puts() === 2);
  await world.ready("DatabricksSecret", "keys");
  await world.apply(secret("source", { password: value(2), user: "etl" }));
  const second = await planOf(world, "keys", { ...of, before: first.digest });
  assert.deepEqual(second.changes.map(({ path, from, to }) => [path, from, to]), [["keys[password]", "***", "***"]]);
  assert.equal(puts(), 2);
  await approve(world, { ...of, name: "keys", digest: second.digest });
  await eventually("the new value is sent", () => puts() === 3);
  await world.ready("DatabricksSecret", "keys");
  const said = JSON.stringify([
    await world.list("DatabricksSecret"),
    await world.list("Event"),
    logged.map(({ message, properties }) => [message, properties]),
  ]);
  assert.doesNotMatch(said, /c4nary/);
}, ON_APPROVAL);

clusterTest("a new value of a credential waits for approval, and is not shown", async (world) => {
  const of = { kind: "GitCredential" };
  const spec = { credential: { git_provider: "gitHub", git_username: "ann" }, secret_name: "token" };
  await world.apply(secret("token", { personal_access_token: "c4nary-1" }));
  await world.apply(manifest("GitCredential", "git", spec));
  await approve(world, { ...of, name: "git", digest: (await planOf(world, "git", of)).digest });
  await settled(world, "git", of.kind);
  const before = writes(world).length;
  await world.apply(secret("token", { personal_access_token: "c4nary-2" }));
  const plan = await planOf(world, "git", of);
  assert.deepEqual([plan.cause, plan.changes.map(({ to }) => to)], ["rotation", ["***"]]);
  assert.equal(writes(world).length, before);
  await approve(world, { ...of, name: "git", digest: plan.digest });
  await settled(world, "git", of.kind);
  assert.equal(writes(world).length, before + 1);
  assert.doesNotMatch(JSON.stringify([await world.list(of.kind), await world.list("Event")]), /c4nary/);
}, ON_APPROVAL);

clusterTest("confidential settings are masked in a plan and its Events", async (world) => {
  const of = { kind: "DatabricksCluster" };
  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", autotermination_minutes: 20 };
  const spec = { cluster: { ...cluster, num_workers: 1, spark_env_vars: { PASSWORD: "c4nary" } } };
  await world.apply(manifest(of.kind, "shared", spec));
  const plan = await planOf(world, "shared", of);
  assert.ok(plan.changes.some(({ path, to }) => path === "spark_env_vars" && to === "***"));
  await world.event("shared", "PlanReady");
  const { status } = await world.get(of.kind, "shared") ?? {};
  assert.doesNotMatch(JSON.stringify([status, await world.list("Event")]), /c4nary/);
}, ON_APPROVAL);

/** Creates a job that is not managed yet, and an object that is to adopt it. */
async function adopting(world: World): Promise<string> {
  await world.apply(job("etl", { timeout_seconds: 60 }, { "deletion-policy": "retain" }));
  const id = String((await settled(world, "etl")).status?.id);
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  world.workspace.settle();
  world.workspace.ledger.clear();
  await world.apply(job("etl", { timeout_seconds: 70 }, { adopt: "true", apply: "on-approval" }));
  return id;
}

clusterTest("an adoption shows its changes, and makes them after an approval", async (world) => {
  const id = await adopting(world);
  const plan = await planOf(world, "etl");
  assert.equal(plan.action, "adopt");
  assert.deepEqual(plan.changes, [{ path: "timeout_seconds", from: "60", to: "70", reason: "manifest" }]);
  assert.deepEqual(writes(world), []);
  await approve(world, { name: "etl", digest: plan.digest });
  await settled(world, "etl");
  assert.equal(world.workspace.jobs.require(id).settings.timeout_seconds, 70);
}, AUTO);

clusterTest("deleting an object with an unapproved adoption deletes nothing in Databricks", async (world) => {
  const id = await adopting(world);
  await planOf(world, "etl");
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual([world.workspace.jobs.ids(), writes(world)], [[id], []]);
}, AUTO);

/** A kind whose resources hold data. */
const tables: Resource = { ...databricksClusterPolicy, dangers: { deletesData: "all its tables" } };
const POLICY = "DatabricksClusterPolicy";
const own = { start: false, settings: { apply: "guarded", ingest: "false" } };

async function holding(world: World): Promise<string> {
  await world.startOperator({ resources: [tables] });
  await world.apply(manifest(POLICY, "small", { policy: { definition: "{}" } }, { "deletion-policy": "delete" }));
  return String((await world.ready(POLICY, "small")).status?.id);
}

clusterTest("a deletion of data waits for its own approval", async (world) => {
  const id = await holding(world);
  await world.delete(POLICY, "small");
  const plan = await planOf(world, "small", { kind: POLICY });
  assert.deepEqual([plan.action, plan.cause, plan.destructive], ["delete", "deletion", "all its tables"]);
  assert.match(await world.event("small", "PlanReady"), /databricks-operator\/approve=/);
  await approve(world, { kind: POLICY, name: "small", digest: "0123456789abcdef" });
  await world.event("small", "ApprovalStale");
  assert.notEqual(world.workspace.kinds.policies.get(id), undefined);
  await approve(world, { kind: POLICY, name: "small", digest: plan.digest });
  await world.gone(POLICY, "small");
  assert.equal(world.workspace.kinds.policies.get(id), undefined);
}, own);

clusterTest("a namespace can be deleted while a deletion of data in it waits, and the data stays", async (world) => {
  const id = await holding(world);
  await world.kube.delete({ group: "", version: "v1", plural: "namespaces" }, world.namespace);
  await world.gone(POLICY, "small");
  assert.notEqual(world.workspace.kinds.policies.get(id), undefined);
}, { ...own, ownApi: true });

clusterTest("a resource without data is deleted without an approval", async (world) => {
  await world.apply(job("etl"));
  await approve(world, { name: "etl", digest: (await planOf(world, "etl")).digest });
  await settled(world, "etl");
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  await eventually("the job is gone", () => world.workspace.jobs.ids().length === 0 || problem("it exists"));
}, ON_APPROVAL);
