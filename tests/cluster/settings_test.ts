/**
 * The ConfigMap and the API Secret: what the operator waits for, what it refuses, what takes effect without a restart.
 */
import assert from "node:assert/strict";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  problem,
  secret,
  sweeps,
  type World,
} from "../support/harness.ts";

const JOBS = "/jobs/list";
const API_SECRET = "databricks-api-secret";
/** Sweeps are so rare that anything that happens soon was not found by a sweep. */
const RARE = { settings: { default_requeue_interval: "300" } };

function credentials(world: World, change: Record<string, string> = {}, name = API_SECRET) {
  return secret(name, { databricks_url: world.workspace.host, access_token: "token", ...change });
}

/** Waits until a job's condition SettingsValid names a key. */
async function invalidSetting(world: World, name: string, key: string): Promise<string> {
  return await eventually(`${key} is reported`, async () => {
    const valid = condition(await world.get("DatabricksJob", name), "SettingsValid");
    return valid?.status === "False" && valid.message.includes(key) ? valid.message : problem(JSON.stringify(valid));
  });
}

clusterTest("objects wait for the ConfigMap, then for the Secret, and then continue", async (world) => {
  await world.apply(job("etl"));
  const settings = await world.blocked("DatabricksJob", "etl", "SettingsMissing");
  assert.match(settings.message, /ConfigMap ".*\/databricks-kube-operator" does not exist: create it/);
  await world.configure({ api_secret_name: "" });
  const unnamed = await world.blocked("DatabricksJob", "etl", "SettingsInvalid");
  assert.match(unnamed.message, /api_secret_name is missing: name the Secret/);
  await world.configure({});
  const missing = await world.blocked("DatabricksJob", "etl", "CredentialsMissing");
  assert.match(missing.message, new RegExp(`Secret "${world.namespace}/${API_SECRET}" does not exist: create it`));
  await world.apply(credentials(world));
  await world.ready("DatabricksJob", "etl");
}, { settings: null });

clusterTest("deleted settings stop writes, and deletion still works with the last ones", async (world) => {
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.delete("ConfigMap", "databricks-kube-operator");
  await world.blocked("DatabricksJob", "etl", "SettingsMissing");
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.get(id), undefined);
});

clusterTest(
  "each invalid value is reported on objects and on the ConfigMap, and defaults apply",
  async (world) => {
    await world.configure({ rate_limit: "fast" });
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    const message = await invalidSetting(world, "etl", "rate_limit");
    assert.match(message, /rate_limit: "fast" must be requests per second, or "0" for no limit; \d+ stays in force/);
    await world.configure({ jobs_api_version: "3" });
    await invalidSetting(world, "etl", "jobs_api_version");
    await eventually("both events exist", async () => {
      const told = (await world.events("databricks-kube-operator")).join();
      return told.includes('rate_limit: "fast"') && told.includes('jobs_api_version: "3"');
    });
    await world.configure({});
    await eventually("the condition is removed", async () => {
      return condition(await world.get("DatabricksJob", "etl"), "SettingsValid") === undefined;
    });
  },
);

clusterTest("an invalid value leaves the last valid one in force", async (world) => {
  await world.configure({ jobs_api_version: "2.1" });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await world.configure({ jobs_api_version: "3" });
  await invalidSetting(world, "etl", "jobs_api_version");
  await sweeps(world.workspace, JOBS, 1);
  world.workspace.ledger.clear();
  await sweeps(world.workspace, JOBS, 2);
  assert.equal(world.workspace.ledger.count(undefined, /api\/(2\.2|3)/), 0);
});

clusterTest("the predecessor's ConfigMap is accepted unchanged", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  assert.equal(condition(await world.get("DatabricksJob", "etl"), "SettingsValid"), undefined);
}, {
  settings: { default_requeue_interval: "300", default_timeout_seconds: "10", default_poll_interval: "250" },
});

for (const ending of ["/", "/api", "/api/"]) {
  clusterTest(`a databricks_url that ends in ${ending} works`, async (world) => {
    await world.apply(credentials(world, { databricks_url: `${world.workspace.host}${ending}` }));
    await world.configure({});
    await world.apply(job("etl"));
    const { status } = await world.ready("DatabricksJob", "etl");
    assert.equal(status?.workspace, world.workspace.host);
  }, { settings: null });
}

clusterTest(
  "an invalid databricks_url sets a condition with its key, without repeating a password",
  async (world) => {
    await world.apply(job("etl"));
    const bad = {
      "adb-1.azuredatabricks.net/api": /has no scheme: write it as https/,
      "https://user:hunter2@adb-1.azuredatabricks.net/api": /user or password before "@": remove it/,
      "https://adb-1.azuredatabricks.net/api/2.0/jobs": /more than a host name: write it as https/,
      "https://exa mple": /is not a URL/,
    };
    await world.configure({});
    for (const [databricks_url, text] of Object.entries(bad)) {
      await world.apply(credentials(world, { databricks_url }));
      await eventually(`"${databricks_url}" is reported`, async () => {
        const synced = condition(await world.get("DatabricksJob", "etl"), "Synced");
        const isTold = synced?.reason === "CredentialsInvalid" && synced.message.includes('key "databricks_url"') &&
          text.test(synced.message);
        return isTold || problem(JSON.stringify(synced));
      });
    }
    await world.event(API_SECRET, "CredentialsInvalid");
    const told = JSON.stringify([await world.list("Event"), await world.list("DatabricksJob")]);
    assert.equal(told.includes("hunter2"), false);
    await world.apply(credentials(world));
    await world.ready("DatabricksJob", "etl");
  },
  { settings: null },
);

clusterTest("a rotated token is used without a restart", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  world.workspace.setToken("next");
  await world.apply(credentials(world, { access_token: "next\n" }));
  await world.apply(job("etl", { max_concurrent_runs: 7 }));
  const { status } = await world.ready("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.get(String(status?.id))?.settings.max_concurrent_runs, 7);
}, RARE);

clusterTest("another api_secret_name takes effect immediately", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  world.workspace.setToken("other");
  await world.apply(credentials(world, { access_token: "other" }, "other-secret"));
  await world.configure({ api_secret_name: "other-secret" });
  await world.apply(job("second"));
  await world.ready("DatabricksJob", "second");
}, RARE);

for (const wrongToken of ["401", "403"] as const) {
  clusterTest(
    `a wrong token (${wrongToken}) is reported, and a corrected one takes effect immediately`,
    async (world) => {
      await world.connect({ token: "wrong", settings: RARE.settings });
      await world.apply(job("etl"));
      const { message } = await world.blocked("DatabricksJob", "etl", "Unauthenticated");
      assert.match(message, /put a valid access_token into Secret "[^"/]+\/databricks-api-secret"/);
      await world.apply(credentials(world));
      await world.ready("DatabricksJob", "etl");
      assert.equal(world.workspace.jobs.ids().length, 1);
    },
    { mock: { doubts: { wrongToken } }, settings: null },
  );
}

clusterTest("a missing permission stops only one object", async (world) => {
  const fault = world.workspace.faults.add({
    match: "jobs/create",
    status: 403,
    body: { error_code: "PERMISSION_DENIED" },
  });
  await world.apply(job("etl"));
  await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: "team" } }));
  const { message } = await world.blocked("DatabricksJob", "etl", "PermissionDenied");
  assert.match(message, /^Cannot create job "etl": .* answered 403 PERMISSION_DENIED .*grant the token's user/);
  await world.ready("DatabricksSecretScope", "scope");
  fault.remove();
  await world.ready("DatabricksJob", "etl");
});

clusterTest("another Jobs API version changes the calls, and writes nothing", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, JOBS, 2);
  world.workspace.ledger.clear();
  await world.configure({ jobs_api_version: "2.1" });
  await sweeps(world.workspace, "/api/2.1/jobs/list", 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.apply(job("etl", { max_concurrent_runs: 3 }));
  await world.ready("DatabricksJob", "etl");
  assert.equal(world.workspace.ledger.count("POST", "/api/2.1/jobs/reset"), 1);
});

clusterTest("another ownership_tag, or none, writes nothing to jobs that exist", async (world) => {
  await world.apply(job("etl", { tags: { team: "data" } }));
  const { status } = await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, JOBS, 2);
  world.workspace.ledger.clear();
  for (const ownership_tag of ["managed-by", ""]) {
    await world.configure({ ownership_tag });
    await sweeps(world.workspace, JOBS, 3);
  }
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.apply(job("untagged"));
  const untagged = String((await world.ready("DatabricksJob", "untagged")).status?.id);
  assert.equal(world.workspace.jobs.get(untagged)?.settings.tags, undefined);
  assert.equal((await world.ready("DatabricksJob", "etl")).status?.id, status?.id);
});

const MISREAD = {
  ingest: ["no", "false"],
  ownership_tag: ["two words", "managed-by"],
  rate_limit: ["fast", "0"],
} as const;

for (const [key, [wrong, right]] of Object.entries(MISREAD)) {
  clusterTest(
    `an invalid ${key} does not become the default by a restart: the namespace waits with its reason`,
    async (world) => {
      world.workspace.jobs.add({ name: "theirs", tasks: [] });
      await world.configure({ ingest: "false", [key]: right });
      const operator = await world.startOperator();
      await world.apply(job("before"));
      await world.ready("DatabricksJob", "before");
      await world.configure({ ingest: "false", [key]: wrong });
      const told = await invalidSetting(world, "before", key);
      assert.match(told, /stays in force/);
      await world.stopOperator(operator);
      world.workspace.ledger.clear();

      await world.startOperator();
      await world.apply(job("after"));
      const { message } = await world.blocked("DatabricksJob", "after", "SettingsInvalid");
      assert.match(message, new RegExp(`${key}: "${wrong}" must be .*; nothing is done until it is corrected`));
      assert.deepEqual(world.workspace.ledger.calls, []);
      assert.deepEqual((await world.list("DatabricksJob")).map(({ metadata }) => metadata.name).sort(), [
        "after",
        "before",
      ]);
      await world.configure({ ingest: "false", [key]: right });
      await world.ready("DatabricksJob", "after");
      await world.ready("DatabricksJob", "before");
    },
    { start: false },
  );
}

clusterTest("an invalid interval stops nothing, also after a restart", async (world) => {
  await world.configure({ status_poll_interval: "soon" });
  await world.startOperator();
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await invalidSetting(world, "etl", "status_poll_interval");
}, { start: false });
