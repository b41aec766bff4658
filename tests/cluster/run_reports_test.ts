/** The report on the end of a DatabricksRun: what a passing refusal hid comes later, and it does not hide the end. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, notebook, problem, type World } from "../support/harness.ts";
import { end, run as updateOf, said, withPipeline } from "../support/pipeline_runs.ts";
import { phase, RUN as KIND, started } from "../support/run_objects.ts";

const OUTPUT = "GET /api/2.2/jobs/runs/get-output";
const refusals = {
  "a 404": { status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "Run does not exist." } },
  "a 409": { status: 409, body: { error_code: "RESOURCE_CONFLICT", message: "busy" } },
  "a 403": { status: 403, body: { error_code: "PERMISSION_DENIED", message: "no permission" } },
};

/** Starts a run that fails while a rule refuses its output. */
async function failed(world: World): Promise<string> {
  await world.apply(manifest(KIND, "etl", { submit: notebook() }));
  const id = await started(world, "etl");
  world.workspace.runs.finish(id, "FAILED", "ValueError: no data");
  return id;
}

for (const [name, refusal] of Object.entries(refusals)) {
  clusterTest(`the error of a failed task is shown although ${name} refused it once`, async (world) => {
    world.workspace.faults.add({ match: OUTPUT, times: 1, ...refusal });
    await failed(world);
    await phase(world, "etl", "Failed");
    const told = await eventually("the error is shown", async () => {
      const { status } = await world.get(KIND, "etl") ?? {};
      const [task] = (status?.tasks ?? []) as { error?: string }[];
      return task?.error ?? problem(JSON.stringify(status));
    });
    assert.match(told, /no data/);
    assert.match(await world.event("etl", "RunFailed"), /no data/);
    const { reason, message } = condition(await world.get(KIND, "etl"), "Failed") ?? {};
    assert.equal(reason, "RunFailed");
    assert.match(message ?? "", /no data/);
  });
}

clusterTest("a run whose output stays refused is Failed at once, and its end is told after a while", async (world) => {
  const refused = world.workspace.faults.add({ match: OUTPUT, ...refusals["a 403"] });
  await failed(world);
  await phase(world, "etl", "Failed");
  assert.match(await world.event("etl", "RunFailed"), /failed: task "main"/);
  const { hits } = refused;
  await world.annotate(KIND, "etl", "reconcile-at", "now");
  await eventually("the object is at rest", async () => {
    const { status } = await world.get(KIND, "etl") ?? {};
    return status?.final === true || problem(JSON.stringify(status));
  });
  assert.equal(refused.hits, hits);
});

clusterTest("a task whose type has no output ends its run's report at once", async (world) => {
  const body = { error_code: "INVALID_PARAMETER_VALUE", message: "Retrieving the output is not supported" };
  const refused = world.workspace.faults.add({ match: OUTPUT, status: 400, body });
  await failed(world);
  await phase(world, "etl", "Failed");
  assert.match(await world.event("etl", "RunFailed"), /failed: task "main"/);
  assert.equal(refused.hits, 1);
});

for (const [name, refusal] of Object.entries(refusals)) {
  clusterTest(`the error of a failed update is shown although ${name} refused its events once`, async (world) => {
    await withPipeline(world);
    await world.apply(updateOf("full"));
    const update = await started(world, "full");
    world.workspace.faults.add({ match: /^GET .*\/pipelines\/.*\/events$/, times: 1, ...refusal });
    end(world, update, "FAILED", "AnalysisException: no table");
    assert.ok(await said(world, "full", "Failed RunFailed"));
    assert.match(await world.event("full", "RunFailed"), /no table/);
    const { status } = await world.get(KIND, "full") ?? {};
    assert.notEqual(status?.completion_time, undefined);
  });
}
