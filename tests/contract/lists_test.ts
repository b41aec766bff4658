/** The rules of lists, and of ingest from them, for every kind and each of its examples. */
import assert from "node:assert/strict";
import { observedFingerprint } from "../../src/reconcile/plan/baseline.ts";
import { toldSpec } from "../../src/reconcile/plan/told_spec.ts";
import { type Example, type External, isAtOnce, isIngestible } from "../../src/resource.ts";
import { databricksAlert } from "../../src/resources/databricks_alert.ts";
import { databricksJob } from "../../src/resources/databricks_job.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { Bench, type Fields, owner } from "./bench.ts";
import { everyExample, everyKind } from "./kinds.ts";

everyExample("a list contains it, with the same fields as a get", async (bench) => {
  const { resource, example } = bench;
  const { external, parts } = resource;
  if (external.list === undefined) return;
  const intent = bench.intent(example.spec);
  const id = await bench.create();
  const listed = (await bench.list()).filter((one) => one.id === id);
  assert.equal(listed.length, 1);
  const [{ observed, partial }] = listed as [External];
  const got = await bench.observe(id);
  // A get completes what a list omits; everything else must give the same fingerprints, or each sweep would see drift.
  if (partial !== true || (parts !== undefined && !isAtOnce(parts))) {
    assert.deepEqual(
      observedFingerprint(bench.compared(observed, intent), resource.fields),
      observedFingerprint(bench.compared(got, intent), resource.fields),
    );
  }
});

everyExample("a list's row and a get agree on whether it runs", async (bench) => {
  const { resource: { isRunning }, example } = bench;
  if (isRunning === undefined) return;
  const { desired } = bench.intent(example.spec);
  const id = await bench.create();
  const [row] = (await bench.list()).filter((one) => one.id === id);
  const got = await bench.observe(id);
  assert.equal(isRunning(row?.observed ?? {}, desired), isRunning(got, desired));
});

everyExample(
  "an ingested object's spec is accepted, names the same resource, and equals its state",
  async (bench) => {
    const { resource } = bench;
    if (!isIngestible(resource)) return;
    const id = await bench.create();
    const observed = await bench.observe(id);
    const spec = toldSpec(resource, observed, owner.tag);
    const parsed = resource.spec.parse(spec) as Fields;
    assert.deepEqual(resource.validate?.(parsed) ?? [], []);
    const intent = bench.intent(spec);
    assert.deepEqual(bench.differences(observed, intent), []);
    if (resource.specId !== undefined) assert.equal(resource.specId(parsed), id);
    if (resource.naturalKey !== undefined) {
      assert.equal(resource.naturalKey(intent.desired), resource.naturalKey(observed));
    }
    assert.notEqual(resource.displayName?.(observed), "");
  },
);

everyKind("a list is read to its last page", async (resource) => {
  if (resource.external.list === undefined) return;
  const example = resource.examples[0] as Example;
  const bench = await new Bench(resource, example).prepare();
  const ids = (await bench.list()).map(({ id }) => id);
  for (let index = 0; index < 130; index++) ids.push(await addOne(bench, index));
  assert.deepEqual((await bench.list()).map(({ id }) => id).sort(), ids.sort());
});

async function addOne(bench: Bench, index: number): Promise<string> {
  const { resource: { kind, plain, external }, example, mock, workspace } = bench;
  const id = plain === undefined
    ? many[kind]?.(mock, index)
    : mock.plain.of(kind)?.add({ [plain.name]: `other ${index}` });
  if (id !== undefined) return id;
  const wanted = bench.intent(example.spec);
  assert.ok("name" in wanted.desired, `this test creates several of each kind: add ${kind} to "many"`);
  const made = await external.create?.(workspace, {
    ...wanted,
    desired: { ...wanted.desired, name: `other_${index}` },
  });
  return String(made);
}

/**
 * Adds one resource of a kind as others would. A plain kind needs no row, nor does one whose first example has a name.
 */
const many: Record<string, (mock: MockWorkspace, index: number) => string> = {
  DatabricksJob: (mock, index) => mock.jobs.add({ name: `job ${index}` }),
  Repo: (mock, index) => mock.repos.add({ url: "https://x/y", path: `/Repos/team/r${index}` }),
  GitCredential: (mock, index) => mock.credentials.add({ git_provider: "gitHub", git_username: `u${index}` }),
  DatabricksCluster: (mock, index) =>
    mock.kinds.clusters.add({ cluster_name: `c${index}`, spark_version: "15.4.x-scala2.12", num_workers: 1 }),
  DatabricksInstancePool: (mock, index) =>
    mock.kinds.pools.add({ instance_pool_name: `pool ${index}`, node_type_id: "m5.large" }),
  DatabricksExperiment: (mock, index) => mock.kinds.experiments.add({ name: `/Shared/other ${index}` }),
  DatabricksNotificationDestination: (mock, index) =>
    mock.kinds.destinations.add({ display_name: `other ${index}`, config: { email: { addresses: ["a@b.c"] } } }),
  DatabricksDashboard: (mock, index) =>
    mock.kinds.dashboards.add({ display_name: `other ${index}`, parent_path: "/Shared" }),
  DatabricksQuery: (mock, index) =>
    mock.kinds.queries.add({ display_name: `other ${index}`, parent_path: "/Shared", query_text: "SELECT 1" }),
  DatabricksAlert: (mock, index) =>
    mock.kinds.alerts.add({ ...databricksAlert.examples[0]?.spec.alert as object, display_name: `other ${index}` }),
  DatabricksServingEndpoint: (mock, index) =>
    mock.kinds.serving.add({ name: `other-${index}`, config: { served_entities: [{ name: "a" }] } }),
  DatabricksVectorSearchEndpoint: (mock, index) =>
    mock.kinds.vectorSearch.add({ name: `other-${index}`, endpoint_type: "STANDARD" }),
  DatabricksVectorSearchIndex: (mock, index) =>
    mock.kinds.vectorIndexes.add({
      name: `main.default.other_${index}`,
      endpoint_name: "search",
      primary_key: "id",
      index_type: "DIRECT_ACCESS",
      direct_access_index_spec: {},
    }),
  DatabricksApp: (mock, index) => mock.kinds.apps.add({ name: `other-${index}` }, { noCompute: true }),
  DatabricksPipeline: (mock, index) => mock.kinds.pipelines.add({ name: `pipeline ${index}` }),
  DatabricksSecretScope: (mock, index) => {
    mock.secrets.addScope(`scope-${index}`);
    return `scope-${index}`;
  },
};

Deno.test("a job of 250 tasks is observed whole, and drift in the last of them is seen", async () => {
  const tasks = Array.from({ length: 250 }, (_, index) => ({
    task_key: `t${index}`,
    notebook_task: { notebook_path: `/t${index}` },
  }));
  const spec = { job: { settings: { name: "large", tasks } } };
  const bench = new Bench(databricksJob, { title: "large", spec });
  const intent = bench.intent(spec);
  const id = await bench.create();
  const observed = await bench.observe(id);
  assert.deepEqual(bench.differences(observed, intent), []);
  assert.deepEqual((await bench.list()).map(({ partial }) => partial), [true], "the list says that it is truncated");
  bench.mock.jobs.edit(id, (settings) => void (settings.tasks[249].notebook_task.notebook_path = "/other"));
  const baseline = bench.baseline(intent, observed);
  assert.deepEqual(bench.plan(await bench.observe(id), intent, baseline), {
    action: "update",
    cause: "drift",
    changes: ["tasks[t249].notebook_task.notebook_path"],
  });
});
