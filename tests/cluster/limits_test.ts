/** The limits of the API's calls, and the changes that a take-over would silently make. */
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
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOBS = "/jobs/list";
const schedule = { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC", pause_status: "UNPAUSED" };
const resets = (world: World) => world.workspace.ledger.count("POST", /jobs\/(reset|update)$/);
// deno-lint-ignore no-explicit-any
type Fields = Record<string, any>;

/** A manifest that takes a job over. */
function taking(id: string, settings: Fields): KubeObject {
  return manifest("DatabricksJob", "etl", { job: { job_id: BigInt(id), settings } }, { adopt: "true" });
}

/** The same manifest, as the predecessor left it. */
function predecessors(id: string, settings: Fields): KubeObject {
  const object = manifest("DatabricksJob", "etl", { job: { job_id: BigInt(id), settings } });
  return { ...object, metadata: { ...object.metadata, finalizers: ["databricks-operator/remote_api_resource"] } };
}

clusterTest("an adoption announces and reports the fields that it removes", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), schedule, max_concurrent_runs: 1 });
  await world.apply(taking(id, { name: "etl", ...notebook() }));
  const told = await world.event("etl", "SettingsNotInManifest");
  assert.match(told, /has schedule, which the manifest does not name: the next update removes it/);
  const ready = condition(await world.ready("DatabricksJob", "etl"), "Ready");
  assert.match(ready?.message ?? "", /besides, it has schedule/);
  assert.equal(resets(world), 0);
  assert.notEqual(world.workspace.jobs.get(id)?.settings.schedule, undefined);
  await world.apply(taking(id, { name: "etl", ...notebook(), max_concurrent_runs: 2 }));
  assert.match(await world.event("etl", "Updated"), /max_concurrent_runs from (1|nothing) to 2; removed schedule/);
  const after = condition(await world.ready("DatabricksJob", "etl"), "Ready");
  assert.doesNotMatch(after?.message ?? "", /schedule/);
}, { settings: { ingest: "false" } });

clusterTest("an adoption that writes immediately names removed fields before the write", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), schedule });
  await world.apply(taking(id, { name: "etl", ...notebook(), max_concurrent_runs: 3 }));
  await world.event("etl", "SettingsNotInManifest");
  assert.match(await world.event("etl", "Updated"), /removed schedule/);
}, { settings: { ingest: "false" } });

clusterTest("the adoption of a job that a bundle deploys is reported", async (world) => {
  const deployment = { kind: "BUNDLE", metadata_file_path: "/x" };
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), deployment, edit_mode: "UI_LOCKED" });
  await world.apply(taking(id, { name: "etl", ...notebook() }));
  assert.match(await world.event("etl", "ManagedElsewhere"), /Databricks Asset Bundle/);
}, { settings: { ingest: "false" } });

clusterTest("the first write to a predecessor's job does not turn its queue on", async (world) => {
  // A job made by API 2.1 has no queue.
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  await world.create(predecessors(id, { name: "etl", ...notebook(), max_concurrent_runs: 2 }));
  await world.startOperator();
  await eventually("it is written", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 2);
  await world.ready("DatabricksJob", "etl");
  const queue = () => world.workspace.jobs.get(id)?.settings.queue?.enabled;
  assert.notEqual(queue(), true);
  await world.patch("DatabricksJob", "etl", { spec: { job: { settings: { max_concurrent_runs: 3 } } } });
  await eventually("it is written again", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 3);
  assert.notEqual(queue(), true, "also not a later one");
  await world.patch("DatabricksJob", "etl", { spec: { job: { settings: { queue: { enabled: true } } } } });
  await eventually("the manifest can turn it on", () => queue() === true);
  await world.ready("DatabricksJob", "etl");
}, { start: false });

clusterTest("permissions in a job's settings are reported as without effect", async (world) => {
  const list = [{ group_name: "users", permission_level: "CAN_VIEW" }];
  await world.apply(job("etl", { access_control_list: list }));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidSpec");
  assert.match(message, /^spec\.job\.settings\.access_control_list: .*write them in spec\.permissions/);
  assert.deepEqual(world.workspace.jobs.ids(), []);
  // Follows the message's advice.
  const { spec, ...rest } = job("etl");
  await world.apply({ ...rest, spec: { ...spec, permissions: [{ group_name: "users", level: "CAN_VIEW" }] } });
  const { status } = await world.ready("DatabricksJob", "etl");
  const held = world.workspace.permissions.access(world.workspace.jobs.require(String(status?.id)));
  assert.ok(JSON.stringify(held).includes('"users"'), JSON.stringify(held));
});

const many = Array.from({ length: 130 }, (_, index) => ({
  task_key: `t${index}`,
  notebook_task: { notebook_path: `/t${index}` },
}));

for (const largeJobs21 of ["the first 100", "no tasks"] as const) {
  clusterTest(`a job that API 2.1 returns partially (${largeJobs21}) is not written back`, async (world) => {
    world.workspace.doubts.largeJobs21 = largeJobs21;
    const id = world.workspace.jobs.add({ name: "large", tasks: many });
    await world.ready("DatabricksJob", "large");
    await world.annotate("DatabricksJob", "large", "owner", "operator");
    await world.patch("DatabricksJob", "large", { spec: { job: { settings: { max_concurrent_runs: 7 } } } });
    await eventually("the edit is written", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 7);
    await world.ready("DatabricksJob", "large");
    assert.equal(world.workspace.jobs.get(id)?.settings.tasks.length, 130);
    await sweeps(world.workspace, JOBS, 3);
    assert.equal(resets(world), 1);
  }, { settings: { jobs_api_version: "2.1" } });

  clusterTest(
    `without API 2.2, a job that 2.1 returns partially (${largeJobs21}) is not written`,
    async (world) => {
      world.workspace.doubts.largeJobs21 = largeJobs21;
      world.workspace.faults.add({ match: /api\/2\.2\//, status: 404, body: { error_code: "ENDPOINT_NOT_FOUND" } });
      const id = world.workspace.jobs.add({ name: "large", tasks: many });
      await world.startOperator();
      await world.apply(taking(id, { name: "large", tasks: many.slice(0, 5) }));
      const { message } = await world.blocked("DatabricksJob", "etl", "ReadInPart");
      assert.match(message, /jobs_api_version: "2\.2"/);
      await sweeps(world.workspace, JOBS, 2);
      assert.equal(resets(world), 0);
      assert.deepEqual((await world.list("DatabricksJob")).map(({ metadata }) => metadata.name), ["etl"]);
    },
    { start: false, settings: { jobs_api_version: "2.1" } },
  );
}

clusterTest("Git folders outside /Repos are also ingested", async (world) => {
  for (const path of ["/Users/operator@example.com/a", "/Shared/b", "/Repos/operator@example.com/c"]) {
    world.workspace.repos.add({ url: "https://github.com/example/x", path });
  }
  await eventually("all have an object", async () => {
    const paths = (await world.list("Repo")).map(({ spec }) => (spec as Fields).repository.path).sort();
    return paths.length === 3 || problem(paths.join());
  });
});

clusterTest("a field that lists never contain gets a baseline, and its drift is repaired", async (world) => {
  // Folders made by the Git command line are in no list.
  world.workspace.faults.add({ match: /GET .*\/repos$/, edit: (body) => ({ ...body, repos: [] }) });
  world.workspace.repos.addFolder("/Shared/team");
  const names = Array.from({ length: 6 }, (_, index) => `r${index}`);
  for (const name of names) {
    const repository = { path: `/Shared/team/${name}`, url: "https://github.com/example/x", provider: "gitHub" };
    await world.apply(manifest("Repo", name, { repository: { ...repository, branch: "main" } }));
  }
  await eventually("all baselines are taken", async () => {
    const baselines = (await world.list("Repo")).map(baselineOf);
    return baselines.length === 6 && baselines.every((one) => one?.observed !== undefined) || problem("not yet");
  });
  const lists = () => world.workspace.ledger.count("GET", /\/repos$/);
  const before = lists();
  await sweeps(world.workspace, "/scopes/list", 5);
  assert.ok(lists() - before <= 3 * 8, `${lists() - before} lists in five sweeps`);
  const [first] = await world.list("Repo");
  const id = String(first?.status?.id);
  world.workspace.repos.edit(id, { branch: "feature" });
  await eventually("it is back", () => world.workspace.repos.get(id)?.branch === "main");
});

clusterTest(
  "an immutable field that a create's response omits or respells is not reported as changed",
  async (world) => {
    world.workspace.faults.add({
      match: /GET .*\/scopes\/list$/,
      edit: (body) => {
        for (const one of body.scopes ?? []) {
          delete one.backend_type;
          if (one.keyvault_metadata) {
            one.keyvault_metadata = {
              resource_id: one.keyvault_metadata.resource_id,
              dns_name: "https://v.vault.azure.net",
            };
          }
        }
        return body;
      },
    });
    const keyvault_metadata = {
      resource_id: "/subscriptions/s/vaults/v",
      dns_name: "https://V.vault.azure.net/",
      tenant_id: "t-1",
    };
    const spec = { scope: { name: "kv", backend_type: "AZURE_KEYVAULT", keyvault_metadata } };
    await world.apply(manifest("DatabricksSecretScope", "kv", spec));
    await world.ready("DatabricksSecretScope", "kv");
    await sweeps(world.workspace, "/scopes/list", 4);
    await world.ready("DatabricksSecretScope", "kv");
    const edited = { scope: { ...spec.scope, keyvault_metadata: { ...keyvault_metadata, resource_id: "/other" } } };
    await world.apply(manifest("DatabricksSecretScope", "kv", edited));
    await world.blocked("DatabricksSecretScope", "kv", "Immutable");
  },
);
