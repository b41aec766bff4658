/** Objects that the predecessor left keep their external resources, and none is created twice. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, manifest, notebook, secret, sweeps, type World } from "../support/harness.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOBS = "/jobs/list";
const FINALIZER = "databricks-operator/external-resource";
/** The predecessor's finalizer, on all kinds except DatabricksSecret. */
const REMOTE = "databricks-operator/remote_api_resource";
/** The objects exist before the operator starts, as after the predecessor's end. */
const waiting = { start: false };

clusterTest("a predecessor's job is bound to its exact id, and nothing is written", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), tags: { team: "data" } });
  const object = await takeOver(world, predecessorsJob("etl", id, { name: "etl", tags: { team: "data" } }));
  assert.equal(object.status?.id, id);
  assert.match(await world.event("etl", "Bound"), new RegExp(id));
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  assert.equal((await world.list("DatabricksJob")).length, 1);
}, waiting);

clusterTest("a predecessor's job that differs from its manifest is reset exactly once", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), max_concurrent_runs: 1 });
  await takeOver(world, predecessorsJob("etl", id, { name: "etl", max_concurrent_runs: 4 }));
  await sweeps(world.workspace, JOBS, 3);
  assert.equal(world.workspace.jobs.get(id)?.settings.max_concurrent_runs, 4);
  assert.deepEqual(world.workspace.ledger.writes().map(({ path }) => path), ["/api/2.2/jobs/reset"]);
}, waiting);

clusterTest("a run request of the predecessor is recorded, and runs only after a change", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  const before = predecessorsJob("etl", id, { name: "etl" });
  const run = { job_id: BigInt(id), job_parameters: { day: "monday" } };
  const object = await takeOver(world, { ...before, spec: { ...before.spec as KubeObject["spec"], run } });
  assert.notEqual((object.status?.run_request as { hash?: string } | undefined)?.hash, undefined);
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.patch("DatabricksJob", "etl", { spec: { run: { job_parameters: { day: "tuesday" } } } });
  await eventually("the changed request runs the job", () => world.workspace.runs.list().length === 1);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.ledger.writes().map(({ path }) => path), ["/api/2.2/jobs/run-now"]);
}, waiting);

clusterTest("predecessor's jobs whose ids were lost are found by name, and not ingested", async (world) => {
  const jobs = [1, 2, 3, 4, 5, 6].map((number) => `etl-${number}`);
  // The list ignores the case of names, so these are found too.
  for (const name of jobs) world.workspace.jobs.add({ name: name.toUpperCase(), ...notebook() });
  const ids = jobs.map((name) => world.workspace.jobs.add({ name, ...notebook() }));
  world.workspace.settle();
  for (const name of jobs) await world.create(left(job(`kept-${name}`, { name })));
  // One at a time, so that a sweep ends while most of them still wait.
  await world.startOperator({ concurrency: 1 });
  const objects = await Promise.all(jobs.map((name) => world.ready("DatabricksJob", `kept-${name}`)));
  assert.deepEqual(objects.map(({ status }) => status?.id), ids);
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(names(await world.list("DatabricksJob")), [...jobs, ...jobs.map((name) => `kept-${name}`)]);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, { ...waiting, mock: { latencyMs: 20 } });

clusterTest("a predecessor's job that was never created is created once", async (world) => {
  const object = await takeOver(world, left(job("etl")));
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.jobs.ids(), [object.status?.id]);
}, waiting);

clusterTest("a predecessor's job that is gone from Databricks is created again, once", async (world) => {
  const gone = world.workspace.jobs.add({ name: "etl", ...notebook() });
  world.workspace.jobs.remove(gone);
  const object = await takeOver(world, predecessorsJob("etl", gone, { name: "etl" }));
  await sweeps(world.workspace, JOBS, 3);
  assert.notEqual(object.status?.id, gone);
  assert.deepEqual(world.workspace.jobs.ids(), [object.status?.id]);
}, waiting);

clusterTest("a predecessor's git credential is bound, and its token is sent exactly once", async (world) => {
  const credential = { git_provider: "gitHub", git_username: "octocat" };
  const id = world.workspace.credentials.add({ ...credential, personal_access_token: "before" });
  await world.apply(secret("github", { personal_access_token: "ghp_now" }));
  const spec = { credential: { ...credential, credential_id: BigInt(id) }, secret_name: "github" };
  const object = await takeOver(world, left(manifest("GitCredential", "github", spec)));
  assert.equal(object.status?.id, id);
  await sweeps(world.workspace, "/git-credentials", 3);
  assert.equal(world.workspace.credentials.token(id), "ghp_now");
  assert.deepEqual(world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`), [
    `PATCH /api/2.0/git-credentials/${id}`,
  ]);
}, waiting);

clusterTest("a predecessor's repo is bound, and nothing is written", async (world) => {
  const repository = { path: "/Repos/team/reports", url: "https://github.com/example/reports.git", provider: "gitHub" };
  const id = world.workspace.repos.add({ ...repository, branch: "main" });
  const { head_commit_id } = world.workspace.repos.require(id);
  const spec = { repository: { ...repository, id: BigInt(id), branch: "main", head_commit_id } };
  const object = await takeOver(world, left(manifest("Repo", "reports", spec)));
  assert.equal(object.status?.id, id);
  await sweeps(world.workspace, "/repos", 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, waiting);

clusterTest("a predecessor's secret scope is bound by its name, and nothing is written", async (world) => {
  world.workspace.secrets.addScope("team-secrets");
  const spec = { scope: { name: "team-secrets" }, initial_manage_principal: "users" };
  const object = await takeOver(world, left(manifest("DatabricksSecretScope", "team", spec)));
  assert.equal(object.status?.id, "team-secrets");
  await sweeps(world.workspace, "/secrets/scopes/list", 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  assert.equal((await world.list("DatabricksSecretScope")).length, 1, "it is not ingested beside its object");
}, waiting);

clusterTest("a predecessor's secret sends each of its keys once", async (world) => {
  world.workspace.secrets.addScope("team-secrets");
  world.workspace.secrets.put("team-secrets", "password", "before");
  world.workspace.secrets.put("team-secrets", "of-somebody-else", "stays");
  await world.apply(secret("team", { password: "now", user: "etl" }));
  const spec = { scope: "team-secrets", secret_name: "team" };
  await takeOver(world, left(manifest("DatabricksSecret", "team", spec), "databricks-operator/remote_secret"));
  await sweeps(world.workspace, "/secrets/list", 3);
  const written = world.workspace.ledger.writes().map(({ path, body }) => `${path} ${(body as { key: string }).key}`);
  assert.deepEqual(written.sort(), ["/api/2.0/secrets/put password", "/api/2.0/secrets/put user"]);
  assert.equal(new TextDecoder().decode(world.workspace.secrets.value("team-secrets", "password")), "now");
  assert.equal(world.workspace.secrets.keys("team-secrets").length, 3);
}, waiting);

clusterTest(
  "a copy of a predecessor's secret does not overwrite keys that are older than the copy, without adopt",
  async (world) => {
    const { secrets } = world.workspace;
    secrets.addScope("team-secrets");
    secrets.put("team-secrets", "password", "of somebody else");
    await world.apply(secret("team", { password: "now" }));
    const spec = { scope: "team-secrets", secret_name: "team" };
    await world.create(left(manifest("DatabricksSecret", "team", spec), "databricks-operator/remote_secret"));
    await world.startOperator();
    const { message } = await world.blocked("DatabricksSecret", "team", "AlreadyExists");
    assert.match(message, /password.*databricks-operator\/adopt: "true"/);
    assert.equal(new TextDecoder().decode(secrets.value("team-secrets", "password")), "of somebody else");
    await world.annotate("DatabricksSecret", "team", "adopt", "true");
    await eventually(
      "the value is sent",
      () => new TextDecoder().decode(secrets.value("team-secrets", "password")) === "now",
    );
  },
  { ...waiting, mock: { now: () => Date.now() - 3_600_000 } },
);

clusterTest(
  "of two predecessor's objects with one id the second names the holder, and deletes nothing",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
    await takeOver(world, predecessorsJob("etl", id, { name: "etl" }));
    await world.create(predecessorsJob("copy", id, { name: "copy" }));
    const { message } = await world.blocked("DatabricksJob", "copy", "HeldByAnother");
    assert.match(message, new RegExp(`${world.namespace}/etl`));
    await world.delete("DatabricksJob", "copy");
    await world.gone("DatabricksJob", "copy");
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
  waiting,
);

clusterTest("a predecessor's job that is deleted before it was bound is deleted in Databricks", async (world) => {
  const [id, other] = ["etl", "other"].map((name) => world.workspace.jobs.add({ name, ...notebook() }));
  await world.create(predecessorsJob("etl", id ?? "", { name: "etl" }));
  await world.delete("DatabricksJob", "etl");
  await world.startOperator();
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [other], "the job that the object names is deleted, and no other");
}, waiting);

clusterTest("a job that the predecessor ingested is followed, not ingested again, and never deleted", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  const object = predecessorsJob("job-etl", id, { name: "old-name" });
  object.metadata.annotations = { "databricks-operator/owner": "api" };
  await world.create(object);
  await world.startOperator();
  assert.equal((await world.ready("DatabricksJob", "job-etl")).status?.id, id);
  const followed = (await world.get("DatabricksJob", "job-etl"))?.spec as { job: { settings: { name: string } } };
  assert.equal(followed.job.settings.name, "etl", "the spec follows Databricks");
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(names(await world.list("DatabricksJob")), ["job-etl"]);
  await world.delete("DatabricksJob", "job-etl");
  await eventually("the object was deleted", async () => {
    const now = await world.list("DatabricksJob");
    return !now.some(({ metadata }) => metadata.name === "job-etl");
  });
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, waiting);

/**
 * Creates an object as the predecessor left it, starts the operator, and returns the object once it is bound, with its
 * spec unchanged.
 */
async function takeOver(world: World, object: KubeObject): Promise<KubeObject> {
  const kind = object.kind ?? "";
  const { metadata: { name = "" }, spec } = await world.create(object);
  await world.startOperator();
  const bound = await world.ready(kind, name);
  const after = await world.get(kind, name);
  assert.deepEqual(after?.spec, spec, "the operator does not write into spec");
  assert.deepEqual(after?.metadata.finalizers, [FINALIZER], "its finalizer replaces the predecessor's");
  assert.equal(after?.status?.id, bound.status?.id);
  return bound;
}

/** Adds the finalizer and the owner annotation that the predecessor wrote to an object. */
function left(object: KubeObject, finalizer = REMOTE): KubeObject {
  const annotations = { "databricks-operator/owner": "operator" };
  return { ...object, metadata: { ...object.metadata, annotations, finalizers: [finalizer] } };
}

/** A job with the fields that the predecessor copied from Databricks' answer into the manifest. */
function predecessorsJob(name: string, id: string, settings: Record<string, unknown>): KubeObject {
  const { spec, ...object } = job(name, settings);
  const answer = { job_id: BigInt(id), created_time: 1_700_000_000_000, creator_user_name: "operator@example.com" };
  return left({ ...object, spec: { job: { ...answer, ...(spec as { job: Record<string, unknown> }).job } } });
}

function names(objects: readonly KubeObject[]): (string | undefined)[] {
  return objects.map(({ metadata }) => metadata.name).sort();
}
