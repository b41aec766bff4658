/** Manifests that are wrong, odd or newer than the operator: the messages to their authors, and what is passed on. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, job, manifest, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";
const main = { task_key: "main", notebook_task: { notebook_path: "/Shared/main" } };

/** Returns a job's settings in Databricks. */
async function held(world: World, name: string): Promise<Record<string, unknown>> {
  const { status } = await world.ready("DatabricksJob", name);
  return world.workspace.jobs.get(String(status?.id))?.settings ?? {};
}

/** Manifests that the operator or Databricks refuses: the settings, the reason, and the message. */
const refused: Record<string, [settings: Record<string, unknown>, reason: string, message: RegExp]> = {
  "a task of an unknown type": [
    { tasks: [{ task_key: "main", quantum_task: {} }] },
    "InvalidRequest",
    /^Cannot create job "etl": .* answered 400 .*Task main has an unknown or missing task type/,
  ],
  "a task without a type": [
    { tasks: [{ task_key: "main" }] },
    "InvalidSpec",
    /^spec\.job\.settings\.tasks\[0\]: task "main" does nothing: add its type, for example notebook_task$/,
  ],
  "two tasks with one key": [
    { tasks: [main, main] },
    "InvalidSpec",
    /^spec\.job\.settings\.tasks\[1\]\.task_key: "main" is used twice: give each task a key of its own$/,
  ],
  "a cron expression of Unix": [
    { schedule: { quartz_cron_expression: "0 3 * * *", timezone_id: "UTC" } },
    "InvalidSpec",
    /^spec\.job\.settings\.schedule\.quartz_cron_expression: "0 3 \* \* \*" is not a Quartz expression: .* such as/,
  ],
  "an hour that there is not": [
    { schedule: { quartz_cron_expression: "0 0 25 * * ?", timezone_id: "UTC" } },
    "InvalidSpec",
    /^spec\.job\.settings\.schedule\.quartz_cron_expression: "0 0 25 \* \* \?" is not .*: hour "25" is out of range/,
  ],
  "a time zone that there is not": [
    { schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "Europe/Berln" } },
    "InvalidSpec",
    /^spec\.job\.settings\.schedule\.timezone_id: "Europe\/Berln" is no time zone: name one of the IANA database/,
  ],
  "a task that depends on itself": [
    { tasks: [{ ...main, depends_on: [{ task_key: "main" }] }] },
    "InvalidSpec",
    /^spec\.job\.settings\.tasks\[0\]\.depends_on\[0\]\.task_key: task "main" depends on itself: remove it$/,
  ],
  "tasks that wait for each other": [
    {
      tasks: [
        { ...main, task_key: "a" },
        { ...main, task_key: "b", depends_on: [{ task_key: "a" }, { task_key: "c" }] },
        { ...main, task_key: "c", depends_on: [{ task_key: "b" }] },
      ],
    },
    "InvalidSpec",
    /^spec\.job\.settings\.tasks\[1\]\.depends_on\[1\]\.task_key: tasks wait .*, b → c → b: remove one of these$/,
  ],
  "a dependency on a task that is not there": [
    { tasks: [{ ...main, depends_on: [{ task_key: "nowhere" }] }] },
    "InvalidSpec",
    /^spec\.job\.settings\.tasks\[0\]\.depends_on\[0\]\.task_key: there is no task "nowhere": name one of this job$/,
  ],
};

for (const [what, [settings, reason, message]] of Object.entries(refused)) {
  clusterTest(`${what} is reported in the status, and a corrected manifest is applied`, async (world) => {
    await world.apply(job("etl", settings));
    await world.apply(job("other"));
    const synced = await world.blocked("DatabricksJob", "etl", reason);
    assert.match(synced.message, message);
    const object = await world.get("DatabricksJob", "etl");
    assert.equal(condition(object, "Ready")?.status, "False");
    assert.equal(condition(object, "Stalled")?.status, "True");
    assert.equal(await world.event("etl", reason), `${reason}: ${synced.message}`);
    await world.ready("DatabricksJob", "other");
    await world.apply(job("etl"));
    const mended = await world.ready("DatabricksJob", "etl");
    assert.equal(condition(mended, "Stalled"), undefined);
    assert.equal(world.workspace.jobs.ids().length, 2);
  });
}

clusterTest("an invalid edit leaves the job unchanged, and is reported once", async (world) => {
  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  await world.ready("DatabricksJob", "etl");
  const message = "Cluster size 900 exceeds the quota";
  const fault = world.workspace.faults.add({
    match: "jobs/reset",
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message },
  });
  await world.apply(job("etl", { max_concurrent_runs: 900 }));
  const synced = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  assert.match(synced.message, /^Cannot set max_concurrent_runs of job "etl": .*Cluster size 900 exceeds the quota/);
  const { resourceVersion } = (await world.get("DatabricksJob", "etl"))?.metadata ?? {};
  await eventually("it was tried again", () => fault.hits >= 3);
  await sweeps(world.workspace, JOBS, 1);
  assert.equal((await world.get("DatabricksJob", "etl"))?.metadata.resourceVersion, resourceVersion);
  assert.equal((await world.events("etl")).filter((event) => event.startsWith("InvalidRequest")).length, 1);
  fault.remove();
  assert.equal((await held(world, "etl")).max_concurrent_runs, 900, "a change that is allowed later is applied later");
});

clusterTest("several mistakes are reported together, each with its field", async (world) => {
  await world.apply(job("etl", { tasks: [{ task_key: "a" }, { task_key: "a" }] }));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidSpec");
  assert.match(message, /tasks\[0\].*; .*tasks\[1\]\.task_key.*; .*tasks\[1\]: task "a"/);
});

clusterTest("kinds other than jobs name the missing field", async (world) => {
  await world.apply(manifest("Repo", "repo", { repository: { path: "/Repos/a/b" } }));
  await world.apply(manifest("DatabricksSecret", "keys", { scope: "team" }));
  const repo = await world.blocked("Repo", "repo", "InvalidSpec");
  assert.match(repo.message, /spec\.repository\.url: is missing: .*spec\.repository\.provider: is missing/);
  const keys = await world.blocked("DatabricksSecret", "keys", "InvalidSpec");
  assert.match(keys.message, /spec\.secret_name: is missing/);
});

clusterTest("newlines and escape sequences reach Databricks unchanged, and no terminal", async (world) => {
  const name = "line one\nline two \u001b[31mred\u001b[0m";
  await world.apply(job("etl", { name, description: 'tab\tquote"' }));
  assert.equal((await held(world, "etl")).name, name);
  world.workspace.faults.add({ match: "jobs/reset", status: 400, body: { message: `No "${name}"` } });
  await world.apply(job("etl", { name, description: "other" }));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  assert.match(message, /line one/);
  await world.event("etl", "InvalidRequest");
  const events = await world.events("etl");
  await world.configure({ rate_limit: "0\n\u001b[31mfast" });
  const setting = await eventually("the setting is reported", async () => {
    return condition(await world.get("DatabricksJob", "etl"), "SettingsValid")?.message;
  });
  // deno-lint-ignore no-control-regex
  for (const text of [message, setting, ...events]) assert.doesNotMatch(text, /[\u0000-\u001f]/);
});

clusterTest("unknown fields and enum values reach Databricks unchanged", async (world) => {
  const settings = {
    future_setting: { nested: [1, { two: "2" }], big: 9007199254740991 },
    queue: { enabled: true, future_flag: "yes" },
    tasks: [{ ...main, run_if: "ON_FULL_MOON", future_task_field: [true] }],
  };
  await world.apply(job("etl", settings));
  const { tasks, future_setting, queue } = await held(world, "etl");
  assert.deepEqual({ future_setting, queue }, { future_setting: settings.future_setting, queue: settings.queue });
  const { run_if, future_task_field } = (tasks as Record<string, unknown>[])[0] ?? {};
  assert.deepEqual({ run_if, future_task_field }, { run_if: "ON_FULL_MOON", future_task_field: [true] });
  await sweeps(world.workspace, JOBS, 2);
  assert.equal(world.workspace.ledger.writes().length, 1);
}, { mock: { doubts: { unknownFields: "kept", unknownEnumValues: "kept" } } });

clusterTest("a value that Databricks drops or respells is not written forever", async (world) => {
  world.workspace.faults.add({
    match: /GET .*jobs\/(get|list)/,
    edit: (body) => {
      for (const { settings } of body.jobs ?? [body]) {
        if (settings === undefined) continue;
        delete settings.dropped;
        settings.edit_mode = String(settings.edit_mode).toUpperCase();
      }
    },
  });
  await world.apply(job("etl", { dropped: "x", edit_mode: "editable" }));
  await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, JOBS, 4);
  assert.equal(world.workspace.ledger.count("POST", /reset/), 1, "it is written once more, to be sure");
  world.workspace.ledger.clear();
  await world.apply(job("etl", { dropped: "y", edit_mode: "editable" }));
  await eventually("the edit is sent", () => world.workspace.ledger.count("POST", /reset/) > 0);
  await sweeps(world.workspace, JOBS, 4);
  assert.equal(world.workspace.ledger.count("POST", /reset/), 2);
}, { mock: { doubts: { unknownFields: "kept", unknownEnumValues: "kept" } } });

clusterTest("null equals an omitted field", async (world) => {
  const tasks = [{ ...main, max_retries: null }];
  const manifest = JSON.stringify(job("etl", { description: null, schedule: null, unknown: { field: null }, tasks }));
  await world.kubectl(["apply", "-f", "-"], { input: manifest });
  assert.equal((await held(world, "etl")).description, undefined);
  await sweeps(world.workspace, JOBS, 3);
  assert.equal(world.workspace.ledger.writes().length, 1);
}, { needs: ["kubectl"], mock: { doubts: { unknownFields: "kept" } } });

clusterTest("a job without tasks is a job", async (world) => {
  await world.apply(manifest("DatabricksJob", "empty", { job: { settings: { name: "empty" } } }));
  assert.equal((await held(world, "empty")).name, "empty");
});

clusterTest(
  "a cron expression that Quartz dialects read differently is applied with a warning",
  async (world) => {
    const schedule = { quartz_cron_expression: "0 0 3 * * *", timezone_id: "europe/berlin", pause_status: "PAUSED" };
    await world.apply(job("etl", { schedule }));
    const object = await world.ready("DatabricksJob", "etl");
    const synced = condition(object, "Synced");
    assert.equal(synced?.status, "True");
    assert.match(
      synced.message,
      /quartz_cron_expression: "0 0 3 \* \* \*" may not be a Quartz expression: Quartz wants "\?"/,
    );
    assert.match(synced.message, /timezone_id: "europe\/berlin" is written "Europe\/Berlin"/);
    assert.equal(await world.event("etl", "DoubtfulField"), `DoubtfulField: ${synced.message}`);
    await world.apply(
      job("etl", { schedule: { ...schedule, quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" } }),
    );
    assert.equal(condition(await world.ready("DatabricksJob", "etl"), "Synced")?.message, "");
  },
  { mock: { doubts: { bothDays: "taken" } } },
);

clusterTest("if Databricks rejects a doubtful value, the doubt is shown with the rejection", async (world) => {
  const schedule = { quartz_cron_expression: "0 0 3 * * *", timezone_id: "UTC" };
  await world.apply(job("etl", { schedule }));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  assert.match(message, /Invalid quartz cron expression/);
  assert.match(
    await world.event("etl", "DoubtfulField"),
    /quartz_cron_expression: .*wants "\?" for one of day of month/,
  );
  await world.apply(job("etl", { schedule: { ...schedule, quartz_cron_expression: "0 0 3 * * ?" } }));
  await world.ready("DatabricksJob", "etl");
}, { mock: { doubts: { bothDays: "refused" } } });
