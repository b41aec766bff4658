/** Mistakes that no schema catches are reported, and lose nothing. */
import assert from "node:assert/strict";
import { baselineOf, clusterTest, condition, eventually, job, problem, sweeps } from "../support/harness.ts";

const JOBS = "/jobs/list";

clusterTest("an invalid deletion-policy does not permit a deletion", async (world) => {
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.annotate("DatabricksJob", "etl", "deletion-policy", "Retain");
  await world.delete("DatabricksJob", "etl");
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidAnnotation");
  assert.match(message, /deletion-policy: "Retain" must be "delete" or "retain"/);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
  await world.annotate("DatabricksJob", "etl", "deletion-policy", "retain");
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}, { settings: { ingest: "false" } });

clusterTest("an invalid owner or pause stops writes and sets a condition", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  for (const [name, value] of [["paused", "yes"], ["owner", "Operator"]] as const) {
    await world.annotate("DatabricksJob", "etl", name, value);
    const { message } = await world.blocked("DatabricksJob", "etl", "InvalidAnnotation");
    assert.match(message, new RegExp(`annotation databricks-operator/${name}: "${value}" must be`));
    await world.annotate("DatabricksJob", "etl", name, null);
    await world.ready("DatabricksJob", "etl");
  }
});

clusterTest(
  "a misspelt field is passed on, and an Event and Synced name it while it exists",
  async (world) => {
    await world.apply(job("etl", { max_concurent_runs: 3 }));
    const object = await world.ready("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.get(String(object.status?.id))?.settings.max_concurent_runs, 3);
    const sentence = condition(object, "Synced")?.message ?? "";
    assert.match(
      sentence,
      /^spec\.job\.settings\.max_concurent_runs: not known to this version, .*; check the spelling: did you mean max_concurrent_runs\?$/,
    );
    assert.equal(await world.event("etl", "UnknownField"), `UnknownField: ${sentence}`);
    const shown = await eventually("the baseline is taken", async () => {
      const now = await world.get("DatabricksJob", "etl") ?? object;
      return baselineOf(now)?.observed === undefined ? undefined : now.metadata.resourceVersion;
    });
    await sweeps(world.workspace, JOBS, 2);
    assert.equal(
      (await world.get("DatabricksJob", "etl"))?.metadata.resourceVersion,
      shown,
      "nothing is written again",
    );
    await world.patch("DatabricksJob", "etl", { spec: { job: { settings: { max_concurent_runs: null } } } });
    assert.equal(condition(await world.ready("DatabricksJob", "etl"), "Synced")?.message, "");
  },
  { mock: { doubts: { unknownFields: "kept" } } },
);

clusterTest(
  "unresolved bundle variables and misspelt values are reported in an Event and Synced",
  async (world) => {
    const main = { task_key: "main", notebook_task: { notebook_path: "${var.root}/main", source: "WORKSPAC" } };
    await world.apply(job("etl", { tasks: [main] }));
    const said = await world.event("etl", "DoubtfulField");
    assert.match(said, /notebook_path: .* holds \$\{var\.root\}, which only bundles resolve: write the value/);
    assert.match(said, /source: "WORKSPAC" is not a value that is known here: did you mean "WORKSPACE"\?/);
    await world.apply(job("etl"));
    assert.equal(condition(await world.ready("DatabricksJob", "etl"), "Synced")?.message, "");
  },
);

clusterTest("a misspelt task type is reported as an unknown field, also if Databricks rejects it", async (world) => {
  const main = { task_key: "main", notebok_task: { notebook_path: "/Shared/main" } };
  await world.apply(job("etl", { tasks: [main], max_concurent_runs: 3 }));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  const fields = "spec.job.settings.max_concurent_runs, spec.job.settings.tasks[0].notebok_task";
  const meant = "max_concurrent_runs for max_concurent_runs, notebook_task for notebok_task";
  assert.ok(message.startsWith('Cannot create job "etl": '), message);
  assert.ok(message.endsWith(`; not known here: ${fields}: check the spelling: did you mean ${meant}?`), message);
  assert.match(await world.event("etl", "UnknownField"), /tasks\[0\]\.notebok_task: not known to this version/);
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await world.apply(job("etl", { tasks: [main] }));
  const update = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  assert.match(
    update.message,
    /^Cannot set tasks.*; not known here: spec\.job\.settings\.tasks\[0\]\.notebok_task: check/,
  );
});

clusterTest("a misspelt setting emits an Event on the ConfigMap", async (world) => {
  await world.configure({ ingst: "false" });
  assert.match(await world.event("databricks-kube-operator", "UnknownSetting"), /ingst: no such setting/);
});

clusterTest(
  "a manual edit of an api-owned spec is reverted, with an Event",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "ad hoc", tasks: [], max_concurrent_runs: 4 });
    await world.ready("DatabricksJob", "ad-hoc");
    await world.patch("DatabricksJob", "ad-hoc", { spec: { job: { settings: { max_concurrent_runs: 8 } } } });
    await world.event("ad-hoc", "OwnedByDatabricks");
    await eventually("spec follows Databricks again", async () => {
      const object = await world.get("DatabricksJob", "ad-hoc");
      const { job } = object?.spec as { job: { settings: Record<string, unknown> } };
      return job.settings.max_concurrent_runs === 4 ? true : problem(JSON.stringify(job.settings));
    });
    assert.equal(world.workspace.jobs.get(id)?.settings.max_concurrent_runs, 4);
    assert.equal(condition(await world.ready("DatabricksJob", "ad-hoc"), "Stalled"), undefined);
  },
);

clusterTest("a rejected update names all of its fields", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  const message = "Task main is not to the taste of this workspace.";
  world.workspace.faults.add({
    match: "jobs/reset",
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message },
  });
  await world.apply(job("etl", { max_concurrent_runs: 7, timeout_seconds: 60 }));
  const condition = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  assert.match(condition.message, /^Cannot set .*max_concurrent_runs.*timeout_seconds.* of job "etl": /);
  assert.doesNotMatch(condition.message, /\.$/);
});

clusterTest("a create that is rejected repeatedly stays Stalled", async (world) => {
  const body = { error_code: "INVALID_PARAMETER_VALUE", message: "Not to the taste of this workspace." };
  world.workspace.faults.add({ match: "jobs/create", status: 400, body, times: Infinity });
  await world.apply(job("etl"));
  await world.blocked("DatabricksJob", "etl", "InvalidRequest");
  const creates = () => world.workspace.ledger.count("POST", /jobs\/create$/);
  const [stalled, before] = [condition(await world.get("DatabricksJob", "etl"), "Stalled"), creates()];
  await eventually("it was tried three times more", () => creates() >= before + 3 || problem(`${creates()} creates`));
  const now = await world.get("DatabricksJob", "etl");
  assert.equal(stalled?.status, "True");
  assert.equal(
    condition(now, "Stalled")?.lastTransitionTime,
    stalled.lastTransitionTime,
    "it was not Stalled meanwhile",
  );
});

clusterTest("a create that a gateway rejects repeatedly keeps saying so", async (world) => {
  const body = "<html><h1>Forbidden</h1></html>";
  world.workspace.faults.add({ match: "jobs/create", status: 403, body, times: Infinity });
  await world.apply(job("etl"));
  await world.blocked("DatabricksJob", "etl", "PermissionDenied");
  const creates = () => world.workspace.ledger.count("POST", /jobs\/create$/);
  const before = creates();
  const reasons = new Set<string | undefined>();
  await eventually("it was tried twice more", async () => {
    reasons.add(condition(await world.get("DatabricksJob", "etl"), "Ready")?.reason);
    return creates() >= before + 2 || problem(`${creates()} creates`);
  });
  assert.deepEqual([...reasons], ["PermissionDenied"]);
});
