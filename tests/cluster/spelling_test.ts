/** Values that Databricks returns in another form, omits from lists, or does not accept. */
import assert from "node:assert/strict";
import {
  baselineOf,
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  notebook,
  problem,
  sweeps,
  type World,
} from "../support/harness.ts";

const JOBS = "/jobs/list";
const READS = /GET .*\/jobs\/(list|get)$/;
// deno-lint-ignore no-explicit-any
type Fields = Record<string, any>;

/** Edits the settings of every job in Databricks' answers; `match` chooses lists or gets. */
function answers(world: World, edit: (settings: Fields) => void, match: RegExp = READS) {
  return world.workspace.faults.add({
    match,
    edit: (body) => {
      for (const one of body.jobs ?? [body]) if (one.settings !== undefined) edit(one.settings);
      return body;
    },
  });
}

/** Waits until a job is Ready and has a baseline. */
async function settled(world: World, name: string): Promise<string> {
  const id = String((await world.ready("DatabricksJob", name)).status?.id);
  await eventually(`the baseline of ${name} is taken`, async () => {
    const baseline = baselineOf(await world.get("DatabricksJob", name));
    return baseline?.observed !== undefined && baseline?.repaired === undefined;
  });
  return id;
}

const resets = (world: World) => world.workspace.ledger.count("POST", /jobs\/(reset|update)$/);

const cluster = {
  node_type_id: "m5.large",
  num_workers: 1,
  spark_version: "auto:latest-lts",
  data_security_mode: "DATA_SECURITY_MODE_DEDICATED",
  aws_attributes: { zone_id: "auto" },
  apply_policy_default_values: true,
  docker_image: { url: "example/image", basic_auth: { username: "me", password: "canary-password" } },
};
const hooks = { on_failure: [{ id: "b" }, { id: "a" }, { id: "c" }], on_start: [{ id: "z" }, { id: "y" }] };
const libraries = [{ pypi: { package: "b" } }, { pypi: { package: "a" } }];

/** Formats settings as Databricks does, with its lists in another order at each read. */
function respell(settings: Fields): void {
  const shuffle = (list: unknown[] | undefined) => list?.sort(() => Math.random() - 0.5);
  const task = (one: Fields) => {
    for (const list of Object.values(one.webhook_notifications ?? {})) shuffle(list as unknown[]);
    shuffle(one.libraries);
    if (one.for_each_task !== undefined) task(one.for_each_task.task);
  };
  task(settings);
  for (const one of settings.tasks ?? []) task(one);
  for (const { new_cluster } of settings.job_clusters ?? []) {
    new_cluster.spark_version = "16.4.x-scala2.12";
    new_cluster.data_security_mode = "SINGLE_USER";
    new_cluster.aws_attributes = { zone_id: "us-east-1b", availability: "SPOT" };
    new_cluster.docker_image.basic_auth.password = "********";
    delete new_cluster.apply_policy_default_values;
  }
  if (settings.git_source !== undefined) settings.git_source.git_provider = "GITHUB";
  settings.format = "MULTI_TASK";
  for (const { spec } of settings.environments ?? []) {
    delete spec.client;
    spec.environment_version = "2";
  }
}

clusterTest("a value that Databricks returns in another form is neither written again nor drift", async (world) => {
  answers(world, respell);
  const repeated = {
    task_key: "each",
    notebook_task: { notebook_path: "/x" },
    webhook_notifications: hooks,
    libraries,
  };
  await world.apply(job("etl", {
    format: "SINGLE_TASK",
    git_source: { git_url: "https://github.com/example/x", git_provider: "gitHub", git_branch: "main" },
    webhook_notifications: hooks,
    environments: [{ environment_key: "e", spec: { client: "2", dependencies: ["a"] } }],
    job_clusters: [{ job_cluster_key: "small", new_cluster: cluster }],
    tasks: [
      { task_key: "main", job_cluster_key: "small", notebook_task: { notebook_path: "/m" }, ...repeatedPart() },
      { task_key: "loop", for_each_task: { inputs: "[1]", task: repeated } },
    ],
  }));
  await settled(world, "etl");
  await sweeps(world.workspace, JOBS, 4);
  await world.ready("DatabricksJob", "etl");
  assert.equal(resets(world), 0);
  assert.deepEqual((await world.events("etl")).filter((event) => !event.startsWith("Created")), []);
  await world.apply(job("etl", { max_concurrent_runs: 2 }));
  await eventually("an edit is one write", () => resets(world) === 1);
  await sweeps(world.workspace, JOBS, 3);
  assert.equal(resets(world), 1);
});

function repeatedPart() {
  return { webhook_notifications: hooks, libraries };
}

clusterTest("an unknown spelling costs one quiet write, only for the first of many jobs", async (world) => {
  answers(world, (settings) => settings.description = settings.description?.toUpperCase());
  await world.apply(job("first", { description: "nightly" }));
  await settled(world, "first");
  assert.equal(resets(world), 1);
  for (const name of ["second", "third"]) await world.apply(job(name, { description: "nightly" }));
  for (const name of ["second", "third"]) await settled(world, name);
  await sweeps(world.workspace, JOBS, 3);
  await world.apply(job("first", { description: "nightly", max_concurrent_runs: 2 }));
  await eventually("the edit is written", () => resets(world) === 2);
  await settled(world, "first");
  await sweeps(world.workspace, JOBS, 3);
  assert.equal(resets(world), 2, "one to learn, one for the edit");
  for (const name of ["first", "second", "third"]) {
    assert.deepEqual((await world.events(name)).filter((event) => event.startsWith("DriftCorrected")), []);
    await world.ready("DatabricksJob", name);
  }
});

clusterTest("an edit in the webapp right after our own write does not count as a spelling", async (world) => {
  await world.startOperator({ timings: { baselineMs: 10_000 } });
  await world.apply(job("etl", { description: "ours" }));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  world.workspace.jobs.edit(id, (settings) => void (settings.description = "theirs"));
  await eventually("it is reverted", () => world.workspace.jobs.get(id)?.settings.description === "ours");
  assert.match(await world.event("etl", "DriftCorrected"), /description/);
  await world.ready("DatabricksJob", "etl");
}, { start: false, settings: { default_requeue_interval: "300" } });

clusterTest("a value that Databricks drops does not count as applied", async (world) => {
  answers(world, (settings) => delete settings.performance_target);
  await world.apply(job("etl", { performance_target: "STANDART" }));
  const { message } = await world.blocked("DatabricksJob", "etl", "NotApplied");
  assert.match(message, /spec\.job\.settings\.performance_target: wanted "STANDART", got nothing/);
  await sweeps(world.workspace, JOBS, 4);
  const now = await world.get("DatabricksJob", "etl");
  assert.equal(condition(now, "Ready")?.status, "False");
  assert.equal(condition(now, "Synced")?.reason, "NotApplied");
  assert.equal(resets(world), 1, "it is written once more, and then reported");
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
}, { mock: { doubts: { unknownEnumValues: "kept" } } });

clusterTest(
  "a repair that does not hold is damped and reported with both values, and blocks nothing else",
  async (world) => {
    await world.apply(job("etl", { max_concurrent_runs: 4 }));
    const id = await settled(world, "etl");
    const fight = setInterval(() => world.workspace.jobs.edit(id, (one) => void (one.max_concurrent_runs = 9)), 20);
    try {
      const { message } = await world.blocked("DatabricksJob", "etl", "RepairNotHolding");
      assert.match(message, /max_concurrent_runs: the manifest has 4, Databricks 9/);
      const before = resets(world);
      assert.ok(before <= 4, `${before} resets`);
      await sweeps(world.workspace, JOBS, 4);
      assert.equal(resets(world), before);
      const now = await world.get("DatabricksJob", "etl");
      assert.equal(condition(now, "Ready")?.status, "False");
      await world.apply(job("etl", { max_concurrent_runs: 5 }));
      await eventually("an edit of the manifest is written immediately", () => resets(world) > before);
    } finally {
      clearInterval(fight);
    }
  },
);

clusterTest("a field that lists never contain is neither drift nor ignored", async (world) => {
  answers(world, (settings) => delete settings.parameters, /GET .*\/jobs\/list$/);
  const parameters = [{ name: "day", default: "today" }];
  await world.apply(job("etl", { parameters }));
  const id = await settled(world, "etl");
  await sweeps(world.workspace, JOBS, 4);
  assert.equal(resets(world), 0);
  const gets = world.workspace.ledger.count("GET", /jobs\/get$/);
  await sweeps(world.workspace, JOBS, 3);
  assert.equal(world.workspace.ledger.count("GET", /jobs\/get$/), gets, "an unchanged row causes no request");
  world.workspace.jobs.edit(id, (settings) => {
    settings.parameters = [];
    settings.timeout_seconds = 7;
  });
  await eventually("both are reverted", () => {
    const { parameters: held, timeout_seconds } = world.workspace.jobs.get(id)?.settings ?? {};
    return held?.length === 1 && timeout_seconds === 0 || problem(JSON.stringify(held));
  });
  assert.equal(resets(world), 1);
});

clusterTest("a field that the server starts to return resets no job", async (world) => {
  const names = Array.from({ length: 12 }, (_, index) => `etl-${index}`);
  for (const name of names) await world.apply(job(name, notebook(`/${name}`)));
  for (const name of names) await settled(world, name);
  world.workspace.jobs.serverFields = { queue: { enabled: true } };
  await sweeps(world.workspace, JOBS, 4);
  assert.equal(resets(world), 0);
  const [id = ""] = world.workspace.jobs.ids();
  world.workspace.jobs.edit(id, (settings) => void (settings.schedule = schedule));
  await eventually("a person's addition is still removed", () => {
    return world.workspace.jobs.get(id)?.settings.schedule === undefined;
  });
  assert.equal(resets(world), 1);
});

clusterTest("defaults that the server starts to return in tasks and clusters reset no job", async (world) => {
  const new_cluster = { spark_version: "16.4.x-scala2.12", node_type_id: "m5.large", num_workers: 1 };
  const settings = { job_clusters: [{ job_cluster_key: "small", new_cluster }] };
  const names = Array.from({ length: 6 }, (_, index) => `etl-${index}`);
  for (const name of names) await world.apply(job(name, settings));
  for (const name of names) await settled(world, name);
  await sweeps(world.workspace, JOBS, 2);
  world.workspace.doubts.serverDefaults = "everywhere";
  await sweeps(world.workspace, JOBS, 4);
  for (const name of names) await world.ready("DatabricksJob", name);
  assert.equal(resets(world), 0);
  const [id = ""] = world.workspace.jobs.ids();
  world.workspace.jobs.edit(id, ({ tasks }) => void (tasks[0].max_retries = 5));
  await eventually("a person's change inside a task is reverted", () => resets(world) === 1);
}, { mock: { doubts: { serverDefaults: "job and task" } } });

clusterTest("a field that the server began to return while no operator ran resets no job", async (world) => {
  const first = await world.startOperator();
  const names = Array.from({ length: 5 }, (_, index) => `etl-${index}`);
  for (const name of names) await world.apply(job(name, notebook(`/${name}`)));
  for (const name of names) await settled(world, name);
  await world.stopOperator(first);
  world.workspace.jobs.serverFields = { queue: { enabled: true } };
  await world.startOperator();
  await sweeps(world.workspace, JOBS, 4);
  for (const name of names) await world.ready("DatabricksJob", name);
  assert.equal(resets(world), 0);
}, { start: false });

const schedule = { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC", pause_status: "UNPAUSED" };
const TAG = "databricks-kube-operator";

clusterTest("an ownership tag that somebody removed is restored", async (world) => {
  await world.apply(job("etl"));
  const id = await settled(world, "etl");
  await sweeps(world.workspace, JOBS, 1);
  world.workspace.jobs.edit(id, (settings) => void delete settings.tags);
  await eventually("the tag is back", () => world.workspace.jobs.get(id)?.settings.tags?.[TAG] !== undefined);
  assert.match(await world.event("etl", "DriftCorrected"), /tags\[databricks-kube-operator\]/);
  await sweeps(world.workspace, JOBS, 3);
  assert.equal(resets(world), 1);
});

clusterTest("DriftCorrected and Updated name both values, except of parameters", async (world) => {
  const parameters = [{ name: "token", default: "canary-value" }];
  await world.apply(job("etl", { max_concurrent_runs: 2, parameters }));
  const id = await settled(world, "etl");
  world.workspace.jobs.edit(id, (settings) => {
    settings.max_concurrent_runs = 9;
    settings.parameters = [{ name: "token", default: "canary-other" }];
  });
  const told = await world.event("etl", "DriftCorrected");
  assert.match(told, /max_concurrent_runs from 9 to 2/);
  assert.match(told, /parameters\[token\]\.default from \*\*\* to \*\*\*/);
  await settled(world, "etl");
  await world.apply(job("etl", { max_concurrent_runs: 3, parameters }));
  assert.match(await world.event("etl", "Updated"), /max_concurrent_runs from 2 to 3/);
  assert.doesNotMatch((await world.events("etl")).join(), /canary/);
});

clusterTest(
  "a repo without a branch is not written when somebody checks out another one",
  async (world) => {
    const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub" };
    await world.apply(manifest("Repo", "x", { repository }));
    const id = String((await world.ready("Repo", "x")).status?.id);
    await sweeps(world.workspace, "/repos", 2);
    world.workspace.repos.edit(id, { branch: "feature" });
    await sweeps(world.workspace, "/repos", 4);
    await world.ready("Repo", "x");
    assert.equal(world.workspace.ledger.count("PATCH"), 0);
  },
);

clusterTest("a moved repo says so, and is still repaired", async (world) => {
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub", branch: "main" };
  await world.apply(manifest("Repo", "x", { repository }));
  const id = String((await world.ready("Repo", "x")).status?.id);
  await sweeps(world.workspace, "/repos", 2);
  world.workspace.repos.edit(id, { path: "/Repos/other/x", branch: "feature" });
  await eventually("the branch is back", () => world.workspace.repos.get(id)?.branch === "main");
  const { message } = await world.blocked("Repo", "x", "Immutable");
  assert.match(message, /path is "\/Repos\/team\/x", but repo \d+ has "(\/Workspace)?\/Repos\/other\/x"/);
  await world.apply(manifest("Repo", "x", { repository: { ...repository, path: "/Repos/other/x" } }));
  await world.ready("Repo", "x");
  assert.equal(world.workspace.repos.all().length, 1);
});

clusterTest("a field that no call can clear is not reported as removed", async (world) => {
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub" };
  const sparse = { ...repository, sparse_checkout: { patterns: ["jobs"] } };
  await world.apply(manifest("Repo", "x", { repository: sparse }));
  await world.ready("Repo", "x");
  await sweeps(world.workspace, "/repos", 2);
  await world.apply(manifest("Repo", "x", { repository }));
  const { message } = await world.blocked("Repo", "x", "NotApplied");
  assert.match(message, /spec\.repository\.sparse_checkout is removed, but no call removes it/);
  assert.equal((await world.events("x")).filter((event) => event.startsWith("Updated")).length, 0);
  await world.apply(manifest("Repo", "x", { repository: sparse }));
  await world.ready("Repo", "x");
});

for (const scopeNames of ["ignore case; listed as made", "ignore case; listed in lower case"] as const) {
  clusterTest(
    `a scope in another case (${scopeNames}) is not duplicated, lost or ingested beside its object`,
    async (world) => {
      world.workspace.secrets.addScope("Team");
      const spec = { scope: { name: "TEAM" }, acls: [{ principal: "users", permission: "READ" }] };
      await world.apply(manifest("DatabricksSecretScope", "scope", spec, { adopt: "true" }));
      await world.startOperator();
      await world.ready("DatabricksSecretScope", "scope");
      await world.apply(manifest("DatabricksSecretScope", "new", { scope: { name: "Other" } }));
      await world.ready("DatabricksSecretScope", "new");
      await sweeps(world.workspace, "/scopes/list", 4);
      await world.ready("DatabricksSecretScope", "scope");
      await world.ready("DatabricksSecretScope", "new");
      const names = (await world.list("DatabricksSecretScope")).map(({ metadata }) => metadata.name);
      assert.deepEqual(names, ["new", "scope"]);
      assert.equal(world.workspace.secrets.scopes().length, 2);
    },
    { mock: { doubts: { scopeNames } }, start: false },
  );
}
