/** Changes that wait for an approval: nothing else is written, and an approval covers one change only. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { captureLog } from "../support/captured_log.ts";
import type { World } from "../support/harness.ts";
import { clusterTest, condition, eventually, job, manifest, problem, sweeps } from "../support/harness.ts";
import { approve, ON_APPROVAL, planOf, settled, writes } from "../support/plans.ts";

const JOBS = "/jobs/list";
const KIND = "DatabricksJob";
const CREATE = "POST /api/2.2/jobs/create";
const RESET = "POST /api/2.2/jobs/reset";
const logged = captureLog();

/** Creates a job whose changes wait from now on. */
async function existing(world: World, settings: Record<string, unknown> = {}): Promise<string> {
  await world.apply(job("etl", settings));
  const { status } = await settled(world, "etl");
  await world.configure({ ...ON_APPROVAL.settings });
  await world.apply(job("etl", settings, { apply: "on-approval" }));
  return String(status?.id);
}

const AUTO = { settings: { ingest: "false" } };

clusterTest(
  "nothing is created before the plan is approved, and the command in the condition approves it",
  async (world) => {
    await world.apply(job("etl", { timeout_seconds: 60 }));
    const plan = await planOf(world, "etl");
    assert.deepEqual([plan.action, plan.cause], ["create", "manifest"]);
    const created = plan.changes.find(({ path }) => path === "timeout_seconds");
    assert.deepEqual(created, { path: "timeout_seconds", to: "60", reason: "manifest" });
    await sweeps(world.workspace, JOBS);
    assert.deepEqual(writes(world), []);
    const object = await world.get(KIND, "etl");
    assert.equal(condition(object, "Ready")?.status, "False");
    assert.equal(condition(object, "Reconciling")?.status, "True");
    const [, command = ""] = /kubectl (annotate .*)$/.exec(condition(object, "Synced")?.message ?? "") ?? [];
    assert.match(await world.event("etl", "PlanReady"), /timeout_seconds from nothing to 60/);
    await world.kubectl(command.split(" "));
    const made = await settled(world, "etl");
    assert.deepEqual(writes(world), [CREATE]);
    assert.match(await world.event("etl", "PlanApproved"), new RegExp(plan.digest));
    const { at: _at, ...approved } = made.status?.approved as Record<string, unknown>;
    assert.deepEqual(approved, { digest: plan.digest, annotation: plan.digest, used: true });
  },
  { ...ON_APPROVAL, needs: ["kubectl"] },
);

clusterTest("an approval of one plan does not approve another one, and an Event says so", async (world) => {
  await existing(world, { timeout_seconds: 60 });
  await world.apply(job("etl", { timeout_seconds: 70 }, { apply: "on-approval" }));
  const first = await planOf(world, "etl");
  assert.deepEqual(first.changes, [{ path: "timeout_seconds", from: "60", to: "70", reason: "manifest" }]);
  await world.apply(job("etl", { timeout_seconds: 80 }, { apply: "on-approval", approve: first.digest }));
  const second = await planOf(world, "etl", { before: first.digest });
  assert.match(await world.event("etl", "ApprovalStale"), new RegExp(first.digest));
  await sweeps(world.workspace, JOBS);
  assert.deepEqual(writes(world), [CREATE]);
  await approve(world, { name: "etl", digest: second.digest });
  await settled(world, "etl");
  assert.deepEqual(writes(world), [CREATE, RESET]);
}, AUTO);

clusterTest("a change in Databricks after an approval voids it", async (world) => {
  const id = await existing(world, { timeout_seconds: 60 });
  await world.apply(job("etl", { timeout_seconds: 70 }, { apply: "on-approval" }));
  const first = await planOf(world, "etl");
  await world.stopOperators();
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 65));
  await approve(world, { name: "etl", digest: first.digest });
  await world.startOperator();
  const second = await planOf(world, "etl", { before: first.digest });
  assert.deepEqual(second.changes, [{ path: "timeout_seconds", from: "65", to: "70", reason: "manifest" }]);
  assert.deepEqual(writes(world), [CREATE]);
}, AUTO);

clusterTest(
  "an update also shows the edits of other fields that it reverts",
  async (world) => {
    const id = await existing(world, { timeout_seconds: 60 });
    await world.stopOperators();
    world.workspace.jobs.edit(id, (settings) => {
      settings.max_concurrent_runs = 9;
      settings.schedule = { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" };
    });
    await world.apply(job("etl", { timeout_seconds: 70, max_concurrent_runs: 1 }, { apply: "on-approval" }));
    await world.startOperator();
    const plan = await planOf(world, "etl");
    const told = plan.changes.map(({ path, from, to, reason }) => `${path} ${from} ${to} ${reason}`).sort();
    assert.equal(told.length, 3, told.join("\n"));
    assert.match(told.join("\n"), /^max_concurrent_runs 9 1 manifest$/m);
    assert.match(told.join("\n"), /^schedule \{.*0 0 3.*\} undefined drift$/m);
    assert.match(told.join("\n"), /^timeout_seconds 60 70 manifest$/m);
  },
  AUTO,
);

clusterTest(
  "an approval in the same commit as the change is accepted, also for another object with other labels",
  async (world) => {
    await world.apply(job("etl", { timeout_seconds: 60 }));
    const { digest } = await planOf(world, "etl");
    await world.delete(KIND, "etl");
    await world.gone(KIND, "etl");
    const again = job("etl", { timeout_seconds: 60 }, { approve: `${digest} reviewed in #12` });
    await world.apply({ ...again, metadata: { ...again.metadata, labels: { team: "data" } } });
    await settled(world, "etl");
    assert.deepEqual(writes(world), [CREATE]);

    await world.apply(job("etl", { timeout_seconds: 70 }));
    const edit = await planOf(world, "etl");
    await world.apply(job("etl", { timeout_seconds: 60 }));
    await settled(world, "etl");
    await world.apply(job("etl", { timeout_seconds: 70 }, { approve: edit.digest }));
    await settled(world, "etl");
    assert.deepEqual(writes(world), [CREATE, RESET]);
  },
  ON_APPROVAL,
);

clusterTest(
  "drift waits and leaves the object Ready; a used approval does not apply again, one with another text does",
  async (world) => {
    const id = await existing(world, { timeout_seconds: 60 });
    const drift = () => world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
    drift();
    const plan = await planOf(world, "etl");
    assert.deepEqual([plan.action, plan.cause], ["update", "drift"]);
    assert.deepEqual(plan.changes, [{ path: "timeout_seconds", from: "99", to: "60", reason: "drift" }]);
    assert.equal(condition(await world.get(KIND, "etl"), "Ready")?.status, "True");
    assert.equal(condition(await world.get(KIND, "etl"), "Reconciling"), undefined);
    await approve(world, { name: "etl", digest: plan.digest });
    await settled(world, "etl");
    assert.deepEqual(writes(world), [CREATE, RESET]);
    drift();
    const again = await planOf(world, "etl");
    assert.equal(again.digest, plan.digest);
    await sweeps(world.workspace, JOBS, 3);
    assert.deepEqual(writes(world), [CREATE, RESET]);
    assert.match(condition(await world.get(KIND, "etl"), "Synced")?.message ?? "", /was used before/);
    await approve(world, { name: "etl", digest: plan.digest, text: "again" });
    await settled(world, "etl");
    assert.deepEqual(writes(world), [CREATE, RESET, RESET]);
  },
  AUTO,
);

clusterTest(
  "a restart neither forgets a plan nor announces it twice, and a used approval stays used",
  async (world) => {
    const id = await existing(world, { timeout_seconds: 60 });
    world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
    const before = await planOf(world, "etl");
    await world.event("etl", "PlanReady");
    await world.stopOperators();
    const first = await world.startOperator();
    await sweeps(world.workspace, JOBS, 2);
    const after = await planOf(world, "etl");
    assert.equal(after.since, before.since);
    await world.stopOperator(first);
    await approve(world, { name: "etl", digest: before.digest });
    const second = await world.startOperator();
    await settled(world, "etl");
    assert.deepEqual(writes(world), [CREATE, RESET]);
    assert.equal((await world.events("etl")).filter((event) => event.startsWith("PlanReady")).length, 1);
    await world.stopOperator(second);
    world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
    await world.startOperator();
    await planOf(world, "etl");
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(writes(world), [CREATE, RESET]);
  },
  AUTO,
);

clusterTest("an approved write that fails is retried without another approval", async (world) => {
  await existing(world, { timeout_seconds: 60 });
  const fault = world.workspace.faults.add({ match: "jobs/reset", status: 503, times: 3 });
  await world.apply(job("etl", { timeout_seconds: 70 }, { apply: "on-approval" }));
  const { digest } = await planOf(world, "etl");
  await approve(world, { name: "etl", digest });
  await settled(world, "etl");
  assert.equal(fault.hits, 3);
  assert.equal((await world.events("etl")).filter((event) => event.startsWith("PlanApproved")).length, 1);
}, AUTO);

clusterTest("a create whose response was lost is found again, and needs no other approval", async (world) => {
  world.workspace.faults.add({ match: "jobs/create", effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(job("etl"));
  const { digest } = await planOf(world, "etl");
  await approve(world, { name: "etl", digest });
  await settled(world, "etl");
  assert.equal(world.workspace.jobs.ids().length, 1);
}, ON_APPROVAL);

clusterTest("a job that somebody deleted is created again only after an approval", async (world) => {
  const id = await existing(world);
  world.workspace.jobs.remove(id);
  const plan = await planOf(world, "etl");
  assert.deepEqual([plan.action, plan.cause], ["recreate", "drift"]);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.jobs.ids(), []);
  await approve(world, { name: "etl", digest: plan.digest });
  await settled(world, "etl");
  assert.equal(world.workspace.jobs.ids().length, 1);
}, AUTO);

clusterTest(
  "with apply: guarded, changes that cost money wait, and others are written immediately",
  async (world) => {
    const warehouse = (more: Record<string, unknown>) => {
      const settings = { cluster_size: "2X-Small", auto_stop_mins: 10, ...more };
      return manifest("DatabricksSQLWarehouse", "reports", { warehouse: settings });
    };
    const of = { kind: "DatabricksSQLWarehouse" };
    await world.apply(job("etl"));
    await world.ready(KIND, "etl");
    await world.apply(warehouse({}));
    const made = await planOf(world, "reports", of);
    assert.match(made.cost ?? "", /clusters/);
    assert.match(made.summary, /costs its clusters/);
    await approve(world, { ...of, name: "reports", digest: made.digest });
    await settled(world, "reports", of.kind);
    await world.apply(warehouse({ tags: { custom_tags: [{ key: "team", value: "data" }] } }));
    await settled(world, "reports", of.kind);
    await world.apply(warehouse({ cluster_size: "Large" }));
    const larger = await planOf(world, "reports", of);
    assert.deepEqual(larger.changes.map(({ path }) => path).sort(), ["cluster_size", "tags"]);
  },
  { settings: { apply: "guarded", ingest: "false" } },
);

clusterTest("with apply: never nothing is written: no create, no repair, no run, no deletion", async (world) => {
  const id = await existing(world, { timeout_seconds: 60 });
  await world.apply(job("etl", { timeout_seconds: 60 }, { apply: "never" }));
  await world.apply(job("new", {}, { apply: "never" }));
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
  const plan = await planOfNever(world, "etl");
  await approve(world, { name: "etl", digest: plan.digest });
  await planOfNever(world, "new");
  await world.patch(KIND, "etl", { spec: { run: { attempt: 1 } } });
  await sweeps(world.workspace, JOBS, 3);
  await world.delete(KIND, "etl");
  await world.gone(KIND, "etl");
  await world.delete(KIND, "new");
  await world.gone(KIND, "new");
  assert.deepEqual(writes(world), [CREATE]);
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}, AUTO);

async function planOfNever(world: World, name: string) {
  return await eventually(`${name} has a plan that is never executed`, async () => {
    const object = await world.get(KIND, name);
    const isShown = /nothing is written/.test(condition(object, "Synced")?.message ?? "");
    return isShown ? object?.status?.plan as { digest: string } : problem(JSON.stringify(object?.status));
  });
}

clusterTest("a sweep does not write a waiting plan to Kubernetes again", async (world) => {
  await existing(world, { timeout_seconds: 60 });
  await world.apply(job("etl", { timeout_seconds: 70 }, { apply: "on-approval" }));
  await planOf(world, "etl");
  const before = (await world.get(KIND, "etl"))?.metadata.resourceVersion;
  await world.annotate(KIND, "etl", "approve", "0123456789abcdef");
  await world.event("etl", "ApprovalStale");
  await world.annotate(KIND, "etl", "approve", null);
  await eventually("the remark is removed", async () => {
    return !/another plan/.test(condition(await world.get(KIND, "etl"), "Synced")?.message ?? "");
  });
  const waiting = (await world.get(KIND, "etl"))?.metadata.resourceVersion;
  assert.notEqual(waiting, before);
  await sweeps(world.workspace, JOBS, 4);
  assert.equal((await world.get(KIND, "etl"))?.metadata.resourceVersion, waiting);
}, AUTO);

clusterTest("an object whose changes do not wait has no plan and no approval in its status", async (world) => {
  await world.apply(job("etl", { timeout_seconds: 60 }));
  const { status } = await settled(world, "etl");
  assert.deepEqual([status?.plan, status?.approved], [undefined, undefined]);
}, AUTO);

clusterTest(
  "metrics count waiting plans and their time; the log names principal, digest and the approver's text",
  async (world) => {
    const metrics = new Metrics();
    await world.startOperator({ metrics });
    await world.apply(job("etl"));
    const { digest } = await planOf(world, "etl");
    assert.match(await metrics.text(), /databricks_plans_pending\{kind="DatabricksJob",cause="manifest"\} 1/);
    assert.match(await metrics.text(), /databricks_plans_oldest_pending_seconds\{kind="DatabricksJob"\} \d/);
    await approve(world, { name: "etl", digest, text: "by Ann: ticket 7" });
    await settled(world, "etl");
    assert.doesNotMatch(await metrics.text(), /databricks_plans_pending\{/);
    const line = logged.find(({ properties }) =>
      properties.action === "create" && properties.namespace === world.namespace
    );
    const { principal, digest: told, approval } = line?.properties ?? {};
    assert.deepEqual([principal, told, approval], ["pat of Secret databricks-api-secret", digest, "by Ann: ticket 7"]);
  },
  { ...ON_APPROVAL, start: false },
);

clusterTest("kubectl get -o wide shows the plan", async (world) => {
  await world.apply(job("etl"));
  await planOf(world, "etl");
  const wide = await world.kubectl(["get", "databricksjobs", "-o", "wide"]);
  assert.match(wide, /PLAN/);
  assert.match(wide, /create: name/);
}, { ...ON_APPROVAL, needs: ["kubectl"] });
