/** Tests every answer to the doubts about jobs. */
import assert from "node:assert/strict";
import { type Ask, asker } from "./ask.ts";
import type { Doubts } from "./doubts.ts";
import { MockWorkspace } from "./workspace.ts";

const jobs = "/api/2.2/jobs";
// deno-lint-ignore no-explicit-any -- tests reach into any settings
type Settings = Record<string, any>;

async function create(settings: Settings, doubts: Partial<Doubts>): Promise<{ ask: Ask; id: string }> {
  const ask = asker(new MockWorkspace({ doubts }));
  const { body, text } = await ask(`POST ${jobs}/create`, settings);
  assert.ok(body.job_id !== undefined, text);
  return { ask, id: String(body.job_id) };
}

/** Writes settings, and returns those that jobs/get answers with right after. */
async function told(settings: Settings, doubts: Partial<Doubts>): Promise<Settings> {
  const { ask, id } = await create(settings, doubts);
  return (await ask(`GET ${jobs}/get?job_id=${id}`)).body.settings;
}

const task = { task_key: "a", notebook_task: { notebook_path: "/a" } };
const withCluster = (cluster: Settings) => ({ tasks: [{ ...task, new_cluster: cluster }] });
const clusterOf = (settings: Settings) => settings.tasks[0].new_cluster;

Deno.test("run_as is echoed or not, and run_as_user_name shows it either way", async () => {
  const settings = { name: "a", run_as: { user_name: "b@example.com" } };
  for (const [runAsEchoed, echoed] of [["yes", settings.run_as], ["no", undefined]] as const) {
    const { ask, id } = await create(settings, { runAsEchoed });
    const { body } = await ask(`GET ${jobs}/get?job_id=${id}`);
    assert.deepEqual([body.settings.run_as, body.run_as_user_name], [echoed, "b@example.com"]);
  }
});

Deno.test("a row of the list contains parameters and run_as_user_name, or not", async () => {
  const parameters = [{ name: "p", default: "1" }];
  for (const answer of ["yes", "no"] as const) {
    const doubts = { listTellsParameters: answer, listTellsRunAs: answer };
    const { ask } = await create({ name: "a", parameters }, doubts);
    const [row] = (await ask(`GET ${jobs}/list?expand_tasks=true`)).body.jobs;
    assert.equal(row.settings.parameters !== undefined, answer === "yes");
    assert.equal(row.run_as_user_name !== undefined, answer === "yes");
  }
});

Deno.test("responses contain defaults at every level, only in jobs and tasks, or nowhere", async () => {
  const settings = withCluster({ spark_version: "15.4.x-scala2.12", num_workers: 1 });
  const everywhere = await told(settings, { serverDefaults: "everywhere" });
  assert.equal(everywhere.name, "Untitled");
  assert.equal(everywhere.tasks[0].notebook_task.source, "WORKSPACE");
  assert.equal(clusterOf(everywhere).data_security_mode, "SINGLE_USER");
  assert.equal(clusterOf(everywhere).aws_attributes.zone_id, "us-west-2a");
  const some = await told(settings, { serverDefaults: "job and task" });
  assert.deepEqual([some.max_concurrent_runs, some.tasks[0].notebook_task.source], [1, undefined]);
  const none = await told({ ...settings, max_concurrent_runs: 1 }, { serverDefaults: "none" });
  assert.deepEqual(none, { ...settings, queue: { enabled: true } });
});

Deno.test("tasks and clusters get defaults for sources, retries, disks and REPL", async () => {
  const jar = { task_key: "b", spark_jar_task: { main_class_name: "A" } };
  const git_source = { git_url: "u", git_provider: "gitHub" };
  const settings = { ...withCluster({ spark_version: "15.4.x-scala2.12", num_workers: 1 }), git_source };
  const { tasks } = await told({ ...settings, tasks: [...settings.tasks, jar] }, { serverDefaults: "everywhere" });
  assert.equal(tasks[0].notebook_task.source, "GIT");
  assert.deepEqual([tasks[0].retry_on_timeout, tasks[0].max_retries], [false, 0]);
  assert.equal(tasks[0].new_cluster.enable_elastic_disk, false);
  assert.equal(tasks[1].spark_jar_task.run_as_repl, true);
});

Deno.test("apply_policy_default_values and a docker password are echoed, masked or left out", async () => {
  const basic_auth = { username: "u", password: "p" };
  const settings = withCluster({ apply_policy_default_values: true, docker_image: { url: "x", basic_auth } });
  const kept = clusterOf(await told(settings, { policyDefaultsEchoed: "yes" }));
  assert.deepEqual([kept.apply_policy_default_values, kept.docker_image.basic_auth.password], [true, "p"]);
  const masked = clusterOf(await told(settings, { policyDefaultsEchoed: "no", dockerPassword: "masked" }));
  assert.deepEqual(
    [masked.apply_policy_default_values, masked.docker_image.basic_auth.password],
    [undefined, "[REDACTED]"],
  );
  const out = clusterOf(await told(settings, { dockerPassword: "left out" }));
  assert.deepEqual(out.docker_image.basic_auth, { username: "u" });
});

Deno.test("unknown fields and values of enums are kept, dropped or refused, at any depth", async () => {
  const settings = { name: "a", nmae: "b", performance_target: "STANDART", tasks: [{ ...task, tiemout: 1 }] };
  const kept = await told(settings, { unknownFields: "kept", unknownEnumValues: "kept" });
  assert.deepEqual([kept.nmae, kept.performance_target, kept.tasks[0].tiemout], ["b", "STANDART", 1]);
  const dropped = await told(settings, { unknownFields: "dropped", unknownEnumValues: "dropped" });
  assert.deepEqual([dropped.nmae, dropped.performance_target, dropped.tasks[0].tiemout], [
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(dropped.tasks[0].notebook_task.notebook_path, "/a");
  for (const doubts of [{ unknownFields: "refused" }, { unknownEnumValues: "refused" }] as const) {
    const { status, body } = await asker(new MockWorkspace({ doubts }))(`POST ${jobs}/create`, settings);
    assert.equal(status, 400);
    assert.match(body.message, /nmae|performance_target/);
  }
});

Deno.test("known fields pass, whatever the mock does with unknown ones, also inside for_each", async () => {
  const each = {
    task_key: "e",
    for_each_task: { inputs: "[1]", task: { task_key: "i", notebook_task: { notebook_path: "/i" } } },
  };
  const settings = { tasks: [each], git_source: { git_url: "u", git_provider: "gitHub" }, queue: { enabled: false } };
  const { tasks, git_source } = await told(settings, { unknownFields: "refused", unknownEnumValues: "refused" });
  const { notebook_path } = tasks[0].for_each_task.task.notebook_task;
  assert.deepEqual([notebook_path, git_source.git_url], ["/i", "u"]);
});

Deno.test("each read returns all webhooks and libraries, in another order", async () => {
  const webhook_notifications = { on_failure: [{ id: "a" }, { id: "b" }, { id: "c" }] };
  const libraries = [{ jar: "a" }, { jar: "b" }];
  const settings = { webhook_notifications, tasks: [{ ...task, webhook_notifications, libraries }] };
  const { ask, id } = await create(settings, { webhookOrder: "any", libraryOrder: "any" });
  const orders = new Set<string>();
  for (let read = 0; read < 3; read++) {
    const { settings: seen } = (await ask(`GET ${jobs}/get?job_id=${id}`)).body;
    const ids: string[] = seen.tasks[0].webhook_notifications.on_failure.map((one: { id: string }) => one.id);
    orders.add(ids.join());
    assert.deepEqual(ids.toSorted(), ["a", "b", "c"]);
    assert.deepEqual(seen.tasks[0].libraries, libraries.toReversed());
    assert.notDeepEqual(seen.webhook_notifications, webhook_notifications);
  }
  assert.ok(orders.size > 1);
});

Deno.test("aliases are kept or resolved", async () => {
  const cluster = {
    data_security_mode: "DATA_SECURITY_MODE_DEDICATED",
    spark_version: "auto:latest-lts",
    aws_attributes: { zone_id: "auto" },
  };
  const serverDefaults = "none";
  assert.deepEqual(clusterOf(await told(withCluster(cluster), { serverDefaults })), cluster);
  const doubts = { dataSecurityAliases: "resolved", zoneAuto: "resolved", sparkVersionAuto: "resolved" } as const;
  assert.deepEqual(clusterOf(await told(withCluster(cluster), { ...doubts, serverDefaults })), {
    data_security_mode: "SINGLE_USER",
    spark_version: "16.4.x-scala2.12",
    aws_attributes: { zone_id: "us-west-2a" },
  });
});

Deno.test("format, git_provider and an environment's client are kept or respelt", async () => {
  const environments = [{ environment_key: "e", spec: { client: "1" } }];
  const settings = { format: "SINGLE_TASK", git_source: { git_url: "u", git_provider: "github" }, environments };
  const kept = await told(settings, { serverDefaults: "none", jobFormat: "kept" });
  assert.deepEqual([kept.format, kept.git_source, kept.environments], [
    "SINGLE_TASK",
    settings.git_source,
    environments,
  ]);
  const doubts = { jobFormat: "MULTI_TASK", gitProviderCase: "Databricks' own", environmentClient: "both" } as const;
  const respelt = await told(settings, doubts);
  assert.deepEqual([respelt.format, respelt.git_source.git_provider], ["MULTI_TASK", "gitHub"]);
  assert.deepEqual(respelt.environments[0].spec, { client: "1", environment_version: "1" });
  const renamed = await told(settings, { environmentClient: "environment_version" });
  assert.deepEqual(renamed.environments[0].spec, { environment_version: "1" });
});

Deno.test("2.1 returns the first 100 tasks of a large job, or none", async () => {
  const tasks = Array.from({ length: 101 }, (_, index) => ({ ...task, task_key: `t${index}` }));
  for (const [largeJobs21, length] of [["the first 100", 100], ["no tasks", undefined]] as const) {
    const { ask, id } = await create({ tasks }, { largeJobs21 });
    assert.equal((await ask(`GET /api/2.1/jobs/get?job_id=${id}`)).body.settings.tasks?.length, length);
  }
});

Deno.test("a clone has another id and name, the settings, and the tags or not", () => {
  for (const [cloneCopiesTags, tags] of [["yes", { a: "b" }], ["no", undefined]] as const) {
    const workspace = new MockWorkspace({ doubts: { cloneCopiesTags } });
    const id = workspace.jobs.add({ name: "etl", tags: { a: "b" }, timeout_seconds: 7 });
    const clone = workspace.jobs.get(workspace.jobs.clone(id, { creator: "b@example.com" }));
    assert.notEqual(clone?.job_id, id);
    assert.deepEqual(
      [clone?.settings.name, clone?.settings.tags, clone?.settings.timeout_seconds, clone?.creator_user_name],
      ["Clone of etl", tags, 7, "b@example.com"],
    );
  }
});

Deno.test("the list's filter by name is case-insensitive, or case-sensitive", async () => {
  for (const [jobNameFilter, found] of [["ignores case", 1], ["respects case", undefined]] as const) {
    const { ask } = await create({ name: "ETL" }, { jobNameFilter });
    assert.equal((await ask(`GET ${jobs}/list?name=etl`)).body.jobs?.length, found);
    assert.equal((await ask(`GET ${jobs}/list?name=ETL`)).body.jobs?.length, 1);
  }
});

Deno.test("a job of 2.2 has a queue unless the request turns it off; a job of 2.1 has none", async () => {
  for (const [version, queue] of [["2.2", { enabled: true }], ["2.1", undefined]] as const) {
    const workspace = new MockWorkspace();
    const ask = asker(workspace);
    const { job_id } = (await ask(`POST /api/${version}/jobs/create`, { name: "a" })).body;
    assert.deepEqual(workspace.jobs.get(String(job_id))?.settings.queue, queue);
    const off = { name: "a", queue: { enabled: false } };
    await ask(`POST /api/${version}/jobs/reset`, { job_id, new_settings: off });
    assert.deepEqual(workspace.jobs.get(String(job_id))?.settings.queue, { enabled: false });
    await ask(`POST /api/${version}/jobs/reset`, { job_id, new_settings: { name: "a" } });
    assert.deepEqual(workspace.jobs.get(String(job_id))?.settings.queue, queue);
  }
});
