/** Kinds whose CRD is missing, or that may not be listed, wait alone: the others are managed in the meantime. */
import assert from "node:assert/strict";
import { KubeError } from "../../src/kubernetes/client.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { altered } from "../support/altered_client.ts";
import { clusterTest, condition, eventually, job, manifest, problem, sweeps, type World } from "../support/harness.ts";
import { crdsGo, deleteCrds, installCrd, kindNamed } from "../support/uninstall.ts";

const CRD = /CRD databrickssecretscopes\.com\.dstancu\.databricks .*crdgen \| kubectl apply -f -/;
const SCOPE = kindNamed("DatabricksSecretScope");
const WAREHOUSE = kindNamed("DatabricksSQLWarehouse");
const scope = () => manifest("DatabricksSecretScope", "team", { scope: { name: "team" } });

/** Deletes CRDs before an operator starts. */
async function without(world: World, ...kinds: readonly (typeof SCOPE)[]): Promise<void> {
  await deleteCrds(world, kinds);
  await crdsGo(world, kinds);
}

clusterTest(
  "a CRD that is missing at the start blocks no other kind, and is picked up without a restart",
  async (world) => {
    await without(world, SCOPE);
    await world.apply(job("etl"));
    const metrics = new Metrics();
    const operator = await world.startOperator({ metrics });
    await world.ready("DatabricksJob", "etl");
    assert.deepEqual(operator.unready(), []);
    assert.equal(operator.waiting().length, 1);
    assert.match(operator.waiting()[0] ?? "", CRD);
    assert.match(await metrics.text(), /^databricks_kube_operator_waiting_kinds\{kind="DatabricksSecretScope"\} 1$/m);
    await installCrd(world, SCOPE);
    await world.apply(scope());
    await world.ready("DatabricksSecretScope", "team");
    assert.deepEqual(operator.waiting(), []);
    assert.doesNotMatch(await metrics.text(), /^databricks_kube_operator_waiting_kinds\{/m);
  },
  { start: false, ownApi: true },
);

clusterTest(
  "while a kind waits, others are ingested; once it is served, its resources are ingested once",
  async (world) => {
    await without(world, SCOPE);
    world.workspace.jobs.add({ name: "made in the webapp" });
    world.workspace.secrets.addScope("made-in-the-webapp");
    await world.startOperator();
    const found = (kind: string) =>
      eventually(`${kind} is ingested`, async () => {
        const { length } = await world.list(kind);
        return length === 1 || problem(`there are ${length}`);
      });
    await found("DatabricksJob");
    await installCrd(world, SCOPE);
    await found("DatabricksSecretScope");
    await sweeps(world.workspace, "/secrets/scopes/list", 2);
    await sweeps(world.workspace, "/jobs/list", 2);
    assert.deepEqual(
      [(await world.list("DatabricksJob")).length, (await world.list("DatabricksSecretScope")).length],
      [1, 1],
    );
  },
  { start: false, ownApi: true },
);

clusterTest(
  "a reference to a kind that is not served names its CRD, and is resolved once it is served",
  async (world) => {
    await without(world, WAREHOUSE);
    const task = { task_key: "q", sql_task: { file: { path: "/q.sql", source: "WORKSPACE" } } };
    const sql = { ...task.sql_task, warehouse_ref: { name: "reports" } };
    await world.apply(
      manifest("DatabricksJob", "report", {
        job: { settings: { name: "report", tasks: [{ ...task, sql_task: sql }] } },
      }),
    );
    await world.startOperator();
    const { message } = await world.blocked("DatabricksJob", "report", "ReferenceNotReady");
    assert.match(message, /CRD databrickssqlwarehouses\.com\.dstancu\.databricks is not installed: apply the CRDs/);
    assert.equal(condition(await world.get("DatabricksJob", "report"), "Stalled"), undefined);
    await installCrd(world, WAREHOUSE);
    await world.apply(
      manifest("DatabricksSQLWarehouse", "reports", { warehouse: { cluster_size: "Small", auto_stop_mins: 10 } }),
    );
    await world.ready("DatabricksJob", "report");
  },
  { start: false, ownApi: true },
);

clusterTest(
  "a CRD that is removed and added again is polled with one request at a time",
  async (world) => {
    const operator = await startedWithScope(world);
    await deleteCrds(world, [SCOPE]);
    await crdsGo(world, [SCOPE]);
    await eventually("it is reported", () => operator.waiting().length === 1 && CRD.test(operator.waiting()[0] ?? ""));
    assert.deepEqual(operator.unready(), []);
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    await installCrd(world, SCOPE);
    await world.apply(manifest("DatabricksSecretScope", "other", { scope: { name: "other" } }));
    await world.ready("DatabricksSecretScope", "other");
    assert.deepEqual(operator.waiting(), []);
    assert.deepEqual(world.workspace.secrets.scopes().map(({ name }) => name).sort(), ["other", "team"]);
  },
  { start: false, ownApi: true },
);

async function startedWithScope(world: World) {
  const operator = await world.startOperator();
  await world.apply(scope());
  await world.ready("DatabricksSecretScope", "team");
  return operator;
}

clusterTest(
  "a kind that the Role does not cover, as after an upgrade without it, blocks no other",
  async (world) => {
    let isAllowed = false;
    const client = altered(world.kube, (next) => ({
      list: (path, options) => {
        if (path.plural !== SCOPE.plural || isAllowed) return next.list(path, options);
        return Promise.reject(new KubeError("Cannot list: forbidden", { status: 403, reason: "Forbidden" }));
      },
    }));
    await world.apply(job("etl"));
    await world.apply(scope());
    const operator = await world.startOperator({ client });
    await world.ready("DatabricksJob", "etl");
    assert.match(operator.waiting().join(), /^DatabricksSecretScope objects may not be listed.* Role of this version/);
    isAllowed = true;
    await world.ready("DatabricksSecretScope", "team");
    assert.deepEqual(operator.waiting(), []);
  },
  { start: false },
);
