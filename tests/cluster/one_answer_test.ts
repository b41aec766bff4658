/** One answer lacks what another shows: nothing is made a second time, overwritten or left behind for that. */
import assert from "node:assert/strict";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  notebook,
  pathOf,
  problem,
  secret,
  sweeps,
  type World,
} from "../support/harness.ts";
import { answerLaterAsNow } from "../support/old_answers.ts";
import { phase, RUN, started } from "../support/run_objects.ts";

const JOB = "DatabricksJob";
const GET = "GET /api/2.2/jobs/get";
const gone = { status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "It does not exist." } };
const QUIET = { ingest: "false" };
const stopped = { start: false, settings: QUIET };

/** Lets one list by name, which does not expand tasks, lack the job. */
function missByName({ workspace }: World): { hits: number } {
  const counted = { hits: 0 };
  // deno-lint-ignore no-explicit-any
  const edit = (body: any) => {
    // deno-lint-ignore no-explicit-any
    const isByName = body.jobs?.some(({ settings }: any) => settings.name === "etl" && settings.tasks === undefined);
    return isByName && counted.hits++ === 0 ? {} : body;
  };
  workspace.faults.add({ match: "GET /api/2.2/jobs/list", edit });
  return counted;
}

/** Creates a job, stops the operator, and returns the job's id. */
async function leftBy(world: World, settings: Record<string, unknown> = {}): Promise<string> {
  const operator = await world.startOperator();
  await world.apply(job("etl", settings));
  const id = String((await world.ready(JOB, "etl")).status?.id);
  await world.stopOperator(operator);
  world.workspace.settle();
  return id;
}

clusterTest("a job to adopt is adopted although one list by name lacks it", async (world) => {
  const { workspace } = world;
  const id = workspace.jobs.add({ name: "etl", ...notebook(), max_concurrent_runs: 3 });
  await world.apply(job("other"));
  await world.ready(JOB, "other");
  await sweeps(workspace, "/jobs/list", 2);
  const jobs = workspace.jobs.ids();
  const missed = missByName(world);
  const settings = { name: "etl", ...notebook() };
  await world.apply(manifest(JOB, "etl", { job: { settings } }, { adopt: "true" }));
  const object = await world.ready(JOB, "etl");
  assert.ok(missed.hits > 0);
  assert.deepEqual([workspace.jobs.ids(), object.status?.id], [jobs, id]);
}, { settings: QUIET });

clusterTest(
  "a job that has no room for the tag is not made again although one list by name lacks it",
  async (world) => {
    const tags = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`k${at}`, "v"]));
    const id = await leftBy(world, { tags });
    await world.kube.patch(pathOf(JOB, world.namespace), "etl", { status: null }, {
      type: "merge",
      subresource: "status",
    });
    const missed = missByName(world);
    await world.startOperator();
    await world.blocked(JOB, "etl", "AlreadyExists");
    assert.ok(missed.hits > 0);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  stopped,
);

clusterTest(
  "a job whose object lost its finalizer is not made again although one get says that there is none",
  async (world) => {
    await world.apply(job("etl"));
    const { status } = await world.ready(JOB, "etl");
    await world.annotate(JOB, "etl", "paused", "true");
    await world.delete(JOB, "etl");
    await world.patch(JOB, "etl", { metadata: { finalizers: null } });
    await world.gone(JOB, "etl");
    world.workspace.settle();
    const missed = world.workspace.faults.add({ match: GET, times: 1, ...gone });
    await world.apply(job("etl"));
    await eventually("it is held", async () => {
      const object = await world.get(JOB, "etl");
      return (condition(object, "Synced") !== undefined && missed.hits === 1) ||
        problem(JSON.stringify(object?.status));
    });
    assert.deepEqual(world.workspace.jobs.ids(), [status?.id]);
  },
  { settings: { ...QUIET, default_requeue_interval: "300" } },
);

clusterTest("a renamed job that lists show is not made again while gets say that there is none", async (world) => {
  const id = await leftBy(world);
  const { jobs, faults } = world.workspace;
  jobs.edit(id, (settings) => void (settings.name = "renamed"));
  world.workspace.settle();
  const missed = faults.add({ match: GET, forMs: 5_000, ...gone });
  await world.startOperator();
  await eventually("it has its name again", () => {
    return jobs.ids().length > 1 || jobs.get(id)?.settings.name === "etl" || problem(`${missed.hits} misses`);
  });
  assert.ok(missed.hits > 1);
  assert.deepEqual(jobs.ids(), [id]);
}, stopped);

clusterTest("a renamed job with a tagged clone is deleted although one get says that there is none", async (world) => {
  const id = await leftBy(world);
  const { jobs, faults } = world.workspace;
  const clone = jobs.clone(id, { creator: "anna@example.com" });
  jobs.edit(id, (settings) => void (settings.name = "renamed"));
  world.workspace.settle();
  const missed = faults.add({ match: GET, times: 1, ...gone });
  await world.delete(JOB, "etl");
  await world.startOperator();
  await world.gone(JOB, "etl");
  assert.equal(missed.hits, 1);
  assert.deepEqual(jobs.ids(), [clone]);
}, { ...stopped, mock: { doubts: { cloneCopiesTags: "yes" } } });

for (const [how, list] of Object.entries({ "lacks it": [{ key: "other" }], "is empty": [] })) {
  clusterTest(`a key that somebody else put is not overwritten although one list ${how}`, async (world) => {
    const { secrets, faults } = world.workspace;
    await world.startOperator({ timings: { sweepMs: 20_000 } });
    secrets.addScope("team");
    secrets.put("team", "password", "theirs");
    const body = { secrets: list.map((one) => ({ ...one, last_updated_timestamp: 1 })) };
    const fault = faults.add({ match: "GET /api/2.0/secrets/list", after: 1, times: 1, body });
    await world.apply(secret("source", { password: "ours" }));
    await world.apply(manifest("DatabricksSecret", "team", { scope: "team", secret_name: "source" }));
    await world.blocked("DatabricksSecret", "team", "AlreadyExists");
    await eventually("the old list came", () => fault.hits === 1);
    await world.blocked("DatabricksSecret", "team", "AlreadyExists");
    assert.equal(new TextDecoder().decode(secrets.value("team", "password")), "theirs");
  }, { start: false });
}

clusterTest("a run that is being repaired is cancelled although one get is from before the repair", async (world) => {
  await world.apply(manifest(RUN, "etl", { submit: notebook() }));
  const id = await started(world, "etl");
  world.workspace.runs.finish(id, "FAILED", "ValueError: no data");
  await phase(world, "etl", "Failed");
  const addFault = await answerLaterAsNow(world, `/api/2.2/jobs/runs/get?run_id=${id}&include_history=true`);
  await world.patch(RUN, "etl", { spec: { repair: { attempt: 1 } } });
  await phase(world, "etl", "Repairing");
  const fault = addFault();
  await world.delete(RUN, "etl");
  await world.gone(RUN, "etl");
  assert.equal(fault.hits, 1);
  assert.equal(world.workspace.runs.get(id)?.state.result_state, "CANCELED");
});
