/** The inputs of `plan -f` (settings, Secrets, other objects), and what it never does, for any kind. */
import assert from "node:assert/strict";
import { clusterState } from "../../src/commands/plan/cluster_state.ts";
import { diffsOf, jsonOf, markdownOf, summaryOf, textOf } from "../../src/commands/plan/show.ts";
import { DEFAULT_CONFIG_MAP } from "../../src/reconcile/connect/settings.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { resources } from "../../src/resources/mod.ts";
import { clusterTest, job, manifest, pathOf, secret } from "../support/harness.ts";
import { planOf, settled, writes } from "../support/plans.ts";
import { AUTO, call, existing, planned, plans, TOKEN } from "../support/planning.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const KIND = "DatabricksJob";

clusterTest("a value of a Secret is never shown", async (world) => {
  const CANARY = "hunter2-canary";
  const credential = manifest("GitCredential", "github", {
    credential: { git_username: "octocat", git_provider: "gitHub" },
    secret_name: "git",
  });
  const scope = manifest("DatabricksSecret", "keys", { scope: "team", secret_name: "git" });
  await call(world, "/api/2.0/secrets/scopes/create", { scope: "team" });
  world.workspace.settle();
  world.workspace.ledger.clear();
  const told: string[] = [];
  const say = async (objects: readonly KubeObject[], isOffline: boolean) => {
    const all = await plans(world, objects, { isOffline });
    for (const shown of [textOf, jsonOf, markdownOf, diffsOf]) told.push(shown(all));
  };
  await say([credential, scope], true);
  await say([credential, secret("git", { personal_access_token: CANARY })], true);
  await world.apply(secret("git", { personal_access_token: CANARY }));
  await say([credential, scope], false);
  assert.match(told.join("\n"), /GitCredential .*\/github: create/);
  assert.match(told.join("\n"), /\+ keys\[personal_access_token\]: "\*\*\*"/);
  assert.ok(!told.join("\n").includes(CANARY));
  assert.ok(!told.join("\n").includes(btoa(CANARY)));
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest(
  "a file from a ConfigMap is planned with the content in the files, or else in the cluster",
  async (world) => {
    const code = (text: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "code" },
      data: { sql: text },
    });
    const file = manifest("DatabricksWorkspaceFile", "report", {
      file: { path: "/Shared/report.sql", format: "RAW" },
      config_map_name: "code",
      config_map_key: "sql",
    });
    await world.apply(code("SELECT 1"));
    await world.startOperator({ allowLoopback: true });
    await world.apply(file);
    await settled(world, "report", "DatabricksWorkspaceFile");
    await world.stopOperators();
    const [same] = await planned(world, [file]);
    assert.equal(same?.result, "unchanged", JSON.stringify(same));
    const [edited] = await planned(world, [file, code("SELECT 2")]);
    assert.deepEqual(edited?.changes.map(({ path }) => path), ["content"], JSON.stringify(edited));
    const state = clusterState(world.kube, DEFAULT_CONFIG_MAP);
    const refused = { ...state, configMap: () => Promise.resolve("unreadable" as const) };
    const [unread] = await planned(world, [file], { state: refused });
    assert.equal(unread?.result, "failed");
    const named = `ConfigMap "${world.namespace}/code"`;
    const advice = `grant yourself the right to get configmaps in namespace "${world.namespace}"`;
    assert.equal(unread.message, `needs ${named}, which may not be read: ${advice}`);
    const [offline] = await planned(world, [file], { isOffline: true });
    assert.equal(offline?.message, `needs ${named}, which none of the files has: add it, or --kubeconfig`);
  },
  AUTO,
);

clusterTest("new bytes of a ConfigMap are not planned as a Secret's", async (world) => {
  const wheel = (bytes: string) => ({
    ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "wheel" } },
    binaryData: { "a.whl": btoa(bytes) },
  });
  const file = manifest("DatabricksWorkspaceFile", "wheel", {
    file: { path: "/Shared/a.whl", format: "RAW" },
    config_map_name: "wheel",
    config_map_key: "a.whl",
  });
  await world.apply(wheel("\xff\x00"));
  await world.startOperator({ allowLoopback: true });
  await world.apply(file);
  await settled(world, "wheel", "DatabricksWorkspaceFile");
  await world.stopOperators();
  await world.apply(wheel("\xff\x01"));
  const [one] = await planned(world, [file]);
  assert.deepEqual([one?.cause, one?.changes.map(({ path }) => path)], ["rotation", ["spec.config_map_name"]]);
}, AUTO);

clusterTest("an object in another workspace is not planned in this one", async (world) => {
  await existing(world, job("etl"));
  await world.stopOperators();
  await world.kube.patch(pathOf(KIND, world.namespace), "etl", { status: { workspace: "https://other.example.com" } }, {
    subresource: "status",
  });
  const [one] = await planned(world, [job("etl", { timeout_seconds: 70 })]);
  assert.equal(one?.result, "failed");
  assert.match(
    one?.message ?? "",
    /is in workspace "https:\/\/other\.example\.com", and you are signed in to "http:\/\/plan\.localhost"/,
  );
}, AUTO);

clusterTest(
  "the settings of the connection that an object names count for its plan, and its Secret is not read",
  async (world) => {
    await world.apply(secret("far-api", { databricks_url: world.workspace.host, access_token: TOKEN }));
    const spec = { auth: { secret_name: "far-api" }, apply: "on-approval", ingest: false };
    await world.apply(manifest("DatabricksConnection", "far", spec));
    await world.startOperator({ allowLoopback: true });
    const object = job("etl", { timeout_seconds: 60 });
    const placed = { ...object, spec: { ...object.spec, connection: "far" } };
    const [one] = await planned(world, [placed]);
    assert.equal(one?.approval, "needed");
    await world.apply(placed);
    assert.equal((await planOf(world, "etl")).digest, one?.digest);
    const [other] = await planned(world, [job("near", { timeout_seconds: 60 })]);
    assert.equal(other?.approval, "not needed");
  },
  AUTO,
);

clusterTest(
  "an object whose connection is missing is planned as the operator sees it",
  async (world) => {
    const object = job("etl", { timeout_seconds: 60 });
    const placed = { ...object, spec: { ...object.spec, connection: "far" } };
    const [missing, near] = await planned(world, [placed, job("near", { timeout_seconds: 60 })]);
    assert.deepEqual([missing?.result, missing?.changes, near?.action], ["failed", [], "create"]);
    await world.startOperator({ allowLoopback: true });
    await world.apply(placed);
    assert.equal((await world.blocked(KIND, "etl", "SettingsMissing")).message, missing?.message);
    assert.equal(
      missing?.message,
      `spec.connection: DatabricksConnection "${world.namespace}/far" does not exist: create it, or name another one`,
    );
    const connection = manifest("DatabricksConnection", "far", {
      host: "https://x.cloud.databricks.com",
      auth: { secret_name: "far-api" },
      apply: "on-approval",
    });
    const [applied] = await planned(world, [placed, connection]);
    assert.deepEqual([applied?.action, applied?.approval], ["create", "needed"], "the files bring the connection");
  },
  AUTO,
);

clusterTest("an object whose connection cannot be read is not planned with other settings", async (world) => {
  const object = job("etl", { timeout_seconds: 60 });
  const placed = { ...object, spec: { ...object.spec, connection: "far" } };
  const metadata = { name: "far", namespace: world.namespace };
  const broken: KubeObject = { metadata, spec: { host: "https://x.cloud.databricks.com", rate_limit: "many" } };
  const state = { ...clusterState(world.kube, DEFAULT_CONFIG_MAP), connection: () => Promise.resolve(broken) };
  const [one] = await planned(world, [placed], { state });
  assert.equal(one?.result, "failed");
  assert.match(one?.message ?? "", /^DatabricksConnection ".*\/far": spec\.rate_limit: /);
}, AUTO);

clusterTest("a plan says that the operator does nothing while the namespace has no ConfigMap", async (world) => {
  await world.delete("ConfigMap", DEFAULT_CONFIG_MAP);
  const all = await plans(world, [job("etl")]);
  const name = `${world.namespace}/${DEFAULT_CONFIG_MAP}`;
  const remark = `ConfigMap "${name}" does not exist: the operator does nothing until it is created with the key ` +
    "api_secret_name";
  assert.deepEqual(all.objects[0]?.notes, [remark]);
  for (const shown of [textOf, markdownOf]) assert.match(shown(all), /does not exist: the operator does nothing/);
  await world.startOperator({ allowLoopback: true });
  await world.apply(job("etl"));
  const { message } = await world.blocked(KIND, "etl", "SettingsMissing");
  assert.ok(message.startsWith(`ConfigMap "${name}" does not exist`), message);
  const metadata = { name: DEFAULT_CONFIG_MAP, namespace: world.namespace };
  const file: KubeObject = {
    ...{ apiVersion: "v1", kind: "ConfigMap", metadata },
    data: { api_secret_name: "databricks-api-secret", apply: "on-approval" },
  };
  const [withFile] = await planned(world, [job("new"), file]);
  assert.deepEqual([withFile?.notes, withFile?.approval], [[], "needed"], "the files bring the ConfigMap");
}, AUTO);

clusterTest("a plan names the right that it lacks to read the settings", async (world) => {
  const state = { ...clusterState(world.kube, DEFAULT_CONFIG_MAP) };
  const refused = () => Promise.resolve("unreadable" as const);
  const noteOf = async (part: Partial<typeof state>) =>
    (await planned(world, [job("etl")], { state: { ...state, ...part } }))[0]?.notes;
  const lacks = (title: string, plural: string) =>
    `${title} may not be read, so default settings are assumed: grant yourself the right to get ${plural} in ` +
    `namespace "${world.namespace}"`;
  const name = `${world.namespace}/${DEFAULT_CONFIG_MAP}`;
  assert.deepEqual(await noteOf({ configMap: refused }), [lacks(`ConfigMap "${name}"`, "configmaps")]);
  const connection = `DatabricksConnection "${world.namespace}/default"`;
  assert.deepEqual(await noteOf({ connection: refused }), [lacks(connection, "databricksconnections")]);
  const [offline] = await planned(world, [job("etl")], { isOffline: true });
  assert.deepEqual(offline?.notes, []);
}, AUTO);

clusterTest(
  "two objects with the same unique name in Databricks are not both planned",
  async (world) => {
    const warehouse = (name: string) =>
      manifest("DatabricksSQLWarehouse", name, {
        warehouse: { name: "shared", cluster_size: "Small", auto_stop_mins: 10 },
      });
    const [one, other] = await planned(world, [warehouse("a"), warehouse("b")], { isOffline: true });
    assert.equal(one?.action, "create");
    assert.equal(other?.result, "failed");
    assert.match(
      other?.message ?? "",
      /asks for the SQL warehouse "shared", as .*\/a \(.*:1\) does, .*: change one of the two/,
    );
    const jobs = await planned(world, [job("a", { name: "same" }), job("b", { name: "same" })], { isOffline: true });
    assert.deepEqual(jobs.map(({ action }) => action), ["create", "create"]);
  },
  AUTO,
);

clusterTest("paused objects and reported drift are not changes, and the plan says why", async (world) => {
  const id = await existing(world, job("etl", { timeout_seconds: 60 }));
  await world.stopOperators();
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
  const [paused] = await planned(world, [job("etl", { timeout_seconds: 70 }, { paused: "true" })]);
  assert.deepEqual([paused?.result, paused?.changes], ["unchanged", []]);
  assert.match(paused?.message ?? "", /while annotation databricks-operator\/paused is "true"/);
  const [reported] = await planned(world, [job("etl", { timeout_seconds: 60 }, { drift: "report" })]);
  assert.equal(reported?.result, "unchanged");
  assert.match(reported?.message ?? "", /timeout_seconds from 99 to 60; it is not set back, since drift is "report"/);
  const [corrected] = await planned(world, [job("etl", { timeout_seconds: 60 })]);
  assert.deepEqual([corrected?.result, corrected?.cause], ["change", "drift"]);
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest(
  "an unreadable Secret is not a rotation, and no other object is read for it",
  async (world) => {
    const credential = manifest("GitCredential", "github", {
      credential: { git_username: "octocat", git_provider: "gitHub" },
      secret_name: "git",
    });
    await world.apply(secret("git", { personal_access_token: "ghp" }));
    await world.startOperator({ allowLoopback: true });
    await world.apply(credential);
    await world.ready("GitCredential", "github");
    await world.apply(job("beside"));
    await settled(world, "beside");
    await world.stopOperators();
    world.workspace.ledger.clear();
    const state = clusterState(world.kube, DEFAULT_CONFIG_MAP);
    const all = await plans(world, [credential], { state: { ...state, secret: () => Promise.resolve("unreadable") } });
    assert.equal(summaryOf(all), "1 unchanged", textOf(all));
    assert.match(textOf(all), /Secret "git" was not read, so its values are not compared/);
    const paths = world.workspace.ledger.calls.map(({ path }) => path);
    assert.deepEqual(paths.filter((path) => path.includes("/jobs/")), []);
    await world.apply(secret("git", { personal_access_token: "another" }));
    const [rotated] = await planned(world, [credential]);
    assert.deepEqual([rotated?.action, rotated?.cause], ["update", "rotation"]);
    assert.ok(!stringifyJson(rotated).includes("another"));
  },
  { ...AUTO, start: false },
);

clusterTest(
  "plan works for every example of every kind, and writes nothing",
  async (world) => {
    const examples = [...exampleObjects()];
    const all = await planned(world, examples, { isOffline: true });
    assert.equal(all.length, examples.length);
    const failures = all.filter(({ result, message = "" }) => result === "failed" && /in time|defect/.test(message));
    assert.deepEqual(failures, []);
    assert.deepEqual(writes(world), []);
  },
  AUTO,
);

/** Yields one object for each example of each kind, with a unique name. */
function* exampleObjects(): Generator<KubeObject> {
  for (const { kind, examples } of resources) {
    for (const [index, { spec }] of examples.entries()) {
      yield manifest(kind, `${kind.toLowerCase()}-${index}`, spec as Record<string, unknown>);
    }
  }
}
