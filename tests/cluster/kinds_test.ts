/** The kinds that an operator manages: others cost nothing, and unused ones hardly anything. */
import assert from "node:assert/strict";
import { connectionKind } from "../../src/connection.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { GROUP } from "../../src/resource.ts";
import { resourcesNamed } from "../../src/commands/kinds.ts";
import { resources } from "../../src/resources/mod.ts";
import { altered } from "../support/altered_client.ts";
import { clusterTest, condition, eventually, job, manifest, problem, sweeps, type World } from "../support/harness.ts";

const unstarted = { start: false };
/** Without ingest, an unused kind has no reason for a list. */
const quiet = { ...unstarted, settings: { ingest: "false" } };

/** Counts the watches that are opened for each managed kind. */
function countingWatches(client: KubeClient): { client: KubeClient; watches: Map<string, number> } {
  const watches = new Map<string, number>();
  const counting = altered(client, (own) => ({
    watch: (path, options) => {
      if (path.group === GROUP) watches.set(path.plural, (watches.get(path.plural) ?? 0) + 1);
      return own.watch(path, options);
    },
  }));
  return { client: counting, watches };
}

/** Starts an operator whose watches are counted. */
async function startCounting(world: World, kinds?: string): Promise<Map<string, number>> {
  const { client, watches } = countingWatches(world.kube);
  await world.startOperator({ client, resources: resourcesNamed(kinds) });
  return watches;
}

/** Matches the paths of calls to Databricks that concern no kind. */
const ABOUT_NONE = /\/scim\/v2\/Me$/;

function pathsOf(world: World): string[] {
  return [...new Set(world.workspace.ledger.calls.map(({ path }) => path))].filter((path) => !ABOUT_NONE.test(path));
}

clusterTest("with --kinds, only the chosen kinds are watched in Kubernetes and listed in Databricks", async (world) => {
  const watches = await startCounting(world, "DatabricksJob,DatabricksSQLWarehouse");
  await world.apply(job("etl"));
  await world.apply(manifest("DatabricksSecretScope", "team", { scope: { name: "team" } }));
  await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, "/jobs/list", 3);
  assert.deepEqual(
    Object.fromEntries(watches),
    { [connectionKind.plural]: 1, databricksjobs: 1, databrickssqlwarehouses: 1 },
  );
  assert.deepEqual(pathsOf(world).filter((path) => !path.includes("/jobs/")), []);
  assert.equal((await world.get("DatabricksSecretScope", "team"))?.status, undefined);
}, unstarted);

clusterTest("a reference to an excluded kind sets a condition with both remedies", async (world) => {
  const sql = { warehouse_ref: { name: "reports" }, file: { path: "/q.sql", source: "WORKSPACE" } };
  const tasks = [{ task_key: "q", sql_task: sql }];
  await world.startOperator({ resources: resourcesNamed("DatabricksJob") });
  await world.apply(manifest("DatabricksJob", "report", { job: { settings: { name: "report", tasks } } }));
  const { message } = await world.blocked("DatabricksJob", "report", "InvalidSpec");
  assert.match(
    message,
    /warehouse_ref: DatabricksSQLWarehouse "reports": .*add DatabricksSQLWarehouse to --kinds .*, or give warehouse_id/,
  );
  await world.stopOperators();
  await world.startOperator({ resources: resourcesNamed("DatabricksJob,DatabricksSQLWarehouse") });
  await world.apply(
    manifest("DatabricksSQLWarehouse", "reports", { warehouse: { cluster_size: "Small", auto_stop_mins: 10 } }),
  );
  await world.ready("DatabricksJob", "report");
}, unstarted);

clusterTest("the other remedy for a reference to an excluded kind also leads to Ready", async (world) => {
  const task = (
    sql: object,
  ) => [{ task_key: "q", sql_task: { file: { path: "/q.sql", source: "WORKSPACE" }, ...sql } }];
  const report = (sql: object) =>
    manifest("DatabricksJob", "report", { job: { settings: { name: "report", tasks: task(sql) } } });
  await world.startOperator({ resources: resourcesNamed("DatabricksJob") });
  await world.apply(report({ warehouse_ref: { name: "reports" } }));
  await world.blocked("DatabricksJob", "report", "InvalidSpec");
  await world.apply(report({ warehouse_id: "0123456789abcdef" }));
  await world.ready("DatabricksJob", "report");
}, unstarted);

clusterTest("kinds without objects use one watch each, and no call to Databricks", async (world) => {
  const watches = await startCounting(world);
  const expected = [connectionKind, ...resources].map(({ plural }) => [plural, 1] as const);
  await eventually("all watches are open", () => watches.size === expected.length || problem(`${watches.size}`));
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, "/jobs/list", 3);
  assert.deepEqual(Object.fromEntries([...watches].sort()), Object.fromEntries([...expected].sort()));
  assert.deepEqual(pathsOf(world).filter((path) => !path.includes("/jobs/")), []);
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  world.workspace.ledger.clear();
  await world.apply(manifest("DatabricksClusterPolicy", "small", { policy: { name: "small", definition: "{}" } }));
  await world.ready("DatabricksClusterPolicy", "small");
  await sweeps(world.workspace, "/policies/clusters/list", 3);
  assert.deepEqual(pathsOf(world).filter((path) => path.includes("/jobs/list")).length <= 1, true);
  assert.equal(condition(await world.get("DatabricksClusterPolicy", "small"), "Ready")?.status, "True");
}, quiet);
