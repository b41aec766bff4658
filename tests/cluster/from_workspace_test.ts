/**
 * Resources that people created by hand move into Git: they are exported and applied, and nothing changes in
 * Databricks.
 */
import assert from "node:assert/strict";
import { serve } from "../../mock/databricks/serve.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clusterTest, condition, sweeps } from "../support/harness.ts";

/** The token of the worlds' workspaces. */
const TOKEN = "token";

async function exported(workspace: MockWorkspace, args: readonly string[]) {
  await using served = await serve(workspace);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", "src/main.ts", "export", "--from-workspace", ...args],
    env: { DATABRICKS_HOST: served.url, DATABRICKS_TOKEN: TOKEN, HOME: "/nonexistent", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { success, out: out ?? "", err: err ?? "" };
}

/** Creates resources as people do in the webapp. */
async function fill(workspace: MockWorkspace): Promise<void> {
  const calls = [
    ["/api/2.2/jobs/create", {
      name: "Nightly Report",
      tasks: [{ task_key: "main", notebook_task: { notebook_path: "/Shared/main" } }],
      schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC", pause_status: "PAUSED" },
      tags: { team: "data" },
    }],
    ["/api/2.2/jobs/create", { name: "nightly report", tasks: [] }],
    ["/api/2.0/sql/warehouses", { name: "Shared", cluster_size: "Small", auto_stop_mins: 10 }],
    ["/api/2.0/policies/clusters/create", {
      name: "Small clusters",
      definition: '{"num_workers":{"type":"fixed","value":1}}',
    }],
    ["/api/2.0/secrets/scopes/create", { scope: "team-secrets" }],
    ["/api/2.0/repos", {
      url: "https://github.com/example/reports.git",
      provider: "gitHub",
      path: "/Repos/team/reports",
    }],
    ["/api/2.0/notification-destinations", {
      display_name: "Alerts",
      config: { slack: { url: "https://hooks.slack.com/services/T0/B0/x" } },
    }],
  ] as const;
  for (const [path, body] of calls) {
    const response = await workspace.fetch(
      new Request(`${workspace.host}${path}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      }),
    );
    assert.ok(response.ok, `${path}: ${await response.clone().text()}`);
  }
}

clusterTest("an export of a workspace takes over its resources, and writes nothing to Databricks", async (world) => {
  const { workspace } = world;
  await fill(workspace);
  workspace.settle();
  const { success, out, err } = await exported(workspace, ["--namespace", world.namespace]);
  assert.ok(success, err);
  assert.match(err, /DatabricksNotificationDestination "alerts" \(.*\) is left out: .*spec\.secret_name is needed/);
  assert.doesNotMatch(out, /hooks\.slack\.com|creator_user_name|created_time/);
  workspace.ledger.clear();
  await world.kubectl(["apply", "-f", "-"], { input: out });
  await world.startOperator();
  const all: [kind: string, name: string][] = [
    ["DatabricksJob", "nightly-report"],
    ["DatabricksSQLWarehouse", "shared"],
    ["DatabricksClusterPolicy", "small-clusters"],
    ["DatabricksSecretScope", "team-secrets"],
    ["Repo", "reports"],
  ];
  for (const [kind, name] of all) {
    const object = await world.ready(kind, name);
    assert.equal(condition(object, "Synced")?.status, "True", `${kind} ${name}`);
  }
  await sweeps(workspace, "/jobs/list", 2);
  assert.deepEqual(workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`), []);
}, { start: false, settings: { ingest: "false" }, needs: ["kubectl"] });

clusterTest("an export is filtered by kind and name, and written as a file per object", async ({ workspace }) => {
  await fill(workspace);
  workspace.settle();
  const folder = await Deno.makeTempDir();
  const args = ["--kind", "dbj", "--name", "nightly*", "--owner", "api", "--for-git", folder];
  const { success, err } = await exported(workspace, args);
  assert.ok(success, err);
  const files = await Array.fromAsync(Deno.readDir(`${folder}/databricksjobs`), ({ name }) => name);
  assert.deepEqual(files.length, 2);
  assert.ok(files.includes("nightly-report.yaml"));
  const text = await Deno.readTextFile(`${folder}/databricksjobs/nightly-report.yaml`);
  assert.match(text, /databricks-operator\/owner: api/);
  assert.deepEqual(workspace.ledger.writes().filter(({ method }) => method !== "POST"), []);
  const unknown = await exported(workspace, ["--kind", "jobs"]);
  assert.equal(unknown.success, false);
  assert.match(unknown.err, /^There is no kind "jobs": (did you mean|known are) \w+/);
  await Deno.remove(folder, { recursive: true });
}, { start: false });

clusterTest("an export with owner api contains only objects that can follow Databricks", async ({ workspace }) => {
  await fill(workspace);
  workspace.kinds.clusters.add({
    cluster_name: "notebooks",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
    autotermination_minutes: 30,
  });
  workspace.settle();
  const following = await exported(workspace, ["--owner", "api"]);
  assert.ok(following.success, following.err);
  assert.doesNotMatch(following.out, /kind: DatabricksCluster$/m);
  assert.match(following.err, /^DatabricksCluster is left out: .* names are not unique; --owner operator exports it$/m);
  const owned = await exported(workspace, ["--owner", "operator", "--kind", "DatabricksCluster"]);
  assert.match(owned.out, /cluster_name: notebooks/);
}, { start: false });
