/** A resource in Databricks without an object gets one, which follows it and never writes to it. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, notebook, problem, sweeps, type World } from "../support/harness.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOBS = "/jobs/list";
const TAG = "databricks-kube-operator";
const OWNER = "databricks-operator/owner";
/** The resource exists before the operator starts. */
const waiting = { start: false };
/** Without the tag, only the operator's memory distinguishes an object's own job from others. */
const untagged = { settings: { ownership_tag: "" } };

clusterTest("every kind of resource without an object gets one with owner api", async (world) => {
  const { jobs, credentials, repos, secrets } = world.workspace;
  const repository = { path: "/Repos/team/reports", url: "https://github.com/example/reports", provider: "gitHub" };
  const jobId = jobs.add({ name: "etl", ...notebook(), tags: { team: "data" } });
  const credentialId = credentials.add({ git_provider: "gitHub", git_username: "octocat" });
  const repoId = repos.add(repository);
  secrets.addScope("team-secrets");
  await world.startOperator();
  const found = [
    { object: await world.ready("DatabricksJob", "etl"), id: jobId },
    { object: await world.ready("GitCredential", "github-octocat"), id: credentialId },
    { object: await world.ready("Repo", "reports"), id: repoId },
    { object: await world.ready("DatabricksSecretScope", "team-secrets"), id: "team-secrets" },
  ];
  for (const { object, id } of found) {
    assert.equal(object.status?.id, id);
    assert.equal(object.status?.owner, "api");
    assert.equal(object.metadata.annotations?.[OWNER], "api");
    assert.equal(object.metadata.finalizers, undefined, "nothing blocks its deletion");
  }
  const [ingested, credential, repo, scope] = found.map(({ object }) => object.spec as Record<string, Fields>);
  assert.equal(ingested?.job?.job_id, BigInt(jobId));
  assert.deepEqual((ingested?.job?.settings as Fields).tags, { team: "data" });
  assert.equal(credential?.credential?.git_username, "octocat");
  assert.equal(String(repo?.repository?.path).replace(/^\/Workspace/, ""), repository.path);
  assert.equal(scope?.scope?.name, "team-secrets");
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.ledger.writes(), [], "an ingested resource is not written, not even with a mark");
}, waiting);

clusterTest("the names of ingested objects are valid and unique", async (world) => {
  const shown = ["Nightly Report (EU)", "Nightly Report (EU)", "日本", "x".repeat(300), "etl_v1.2", "Überblick", "--"];
  const ids = shown.map((name) => world.workspace.jobs.add({ name, ...notebook() }));
  await world.startOperator();
  const objects = await ingested(world, ids);
  for (const { metadata: { name = "" } } of objects) assert.match(name, /^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?$/);
  const names = objects.map(({ metadata }) => metadata.name ?? "");
  assert.equal(new Set(names).size, ids.length);
  for (const name of ["nightly-report-eu", "etl-v1-2", "uberblick"]) assert.ok(names.includes(name), name);
  assert.ok(names.some((name) => new RegExp(`^nightly-report-eu-(${ids[0]}|${ids[1]})$`).test(name)));
}, waiting);

clusterTest(
  "two operators that ingest at the same time, as at an upgrade, create one object per job",
  async (world) => {
    const ids = Array.from(
      { length: 20 },
      (_, index) => world.workspace.jobs.add({ name: `etl-${index}`, ...notebook() }),
    );
    await Promise.all([world.startOperator(), world.startOperator()]);
    const objects = await ingested(world, ids);
    const lists = world.workspace.ledger.count("GET", JOBS);
    await eventually("both have listed again", () => world.workspace.ledger.count("GET", JOBS) >= lists + 4);
    const names = (await world.list("DatabricksJob")).map(({ metadata }) => metadata.name ?? "").sort();
    assert.deepEqual(names, objects.map(({ metadata }) => metadata.name ?? "").sort());
    assert.deepEqual(names, ids.map((_, index) => `etl-${index}`).sort());
  },
  waiting,
);

clusterTest("ingest: false creates no objects, and true creates them without a restart", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  await world.startOperator();
  // Without an object of the kind there would be no list to ingest from.
  await world.apply(job("ours"));
  const { status } = await world.ready("DatabricksJob", "ours");
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual((await world.list("DatabricksJob")).map(({ metadata }) => metadata.name), ["ours"]);
  await world.configure({ ingest: "true" });
  await ingested(world, [id, String(status?.id)]);
}, { ...waiting, settings: { ingest: "false" } });

clusterTest("deleting an ingested object deletes nothing in Databricks", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  const { metadata: { uid } } = await world.ready("DatabricksJob", "etl");
  await world.delete("DatabricksJob", "etl");
  await eventually("the job is ingested again", async () => {
    const object = await world.get("DatabricksJob", "etl");
    return object !== undefined && object.metadata.uid !== uid;
  });
  assert.notEqual(world.workspace.jobs.get(id), undefined);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("an api-owned spec follows the webapp, and leaves the user's run request alone", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), tags: { team: "data" } });
  await world.ready("DatabricksJob", "etl");
  const run = { job_parameters: { day: "monday" } };
  await world.patch("DatabricksJob", "etl", { spec: { run } });
  world.workspace.jobs.edit(id, (settings) => {
    settings.description = "edited";
    delete settings.tags;
  });
  const spec = await eventually("the edit is in spec", async () => {
    const { job, run } = (await world.ready("DatabricksJob", "etl")).spec as Record<string, Fields>;
    const settings = job?.settings as Fields;
    return settings.description === "edited" && settings.tags === undefined
      ? { run }
      : problem(JSON.stringify(settings));
  });
  assert.deepEqual(spec.run, run);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.ledger.writes().map(({ path }) => path), ["/api/2.2/jobs/run-now"]);
});

clusterTest("an api-owned object is deleted with its job, but not because of one wrong response", async (world) => {
  const [id, other] = ["etl", "other"].map((name) => world.workspace.jobs.add({ name, ...notebook() }));
  const { metadata: { uid } } = await world.ready("DatabricksJob", "etl");
  const { faults, jobs } = world.workspace;
  // deno-lint-ignore no-explicit-any -- an answer of the mock
  const withoutEtl = (body: any) => ({ ...body, jobs: body.jobs.filter((job: Fields) => String(job.job_id) !== id) });
  const missing = { error_code: "INVALID_PARAMETER_VALUE", message: `Job ${id} does not exist.` };
  const denied = faults.add({ match: "jobs/get", status: 400, body: missing, times: 1 });
  const cut = faults.add({ match: "jobs/list", edit: withoutEtl, times: 1 });
  await eventually("both wrong responses were returned", () => denied.hits + cut.hits === 2);
  await sweeps(world.workspace, JOBS, 2);
  assert.equal((await world.get("DatabricksJob", "etl"))?.metadata.uid, uid);
  jobs.remove(id ?? "");
  await world.gone("DatabricksJob", "etl");
  assert.equal((await world.ready("DatabricksJob", "other")).status?.id, other);
}, { mock: { doubts: { emptyPages: "never" } } });

clusterTest("a lost view permission neither removes objects nor creates anything again", async (world) => {
  const id = world.workspace.jobs.add({ name: "theirs", ...notebook() });
  await world.apply(job("ours"));
  const before = await Promise.all(["theirs", "ours"].map((name) => world.ready("DatabricksJob", name)));
  world.workspace.permissions.hideJobs(true);
  await Promise.all(["theirs", "ours"].map((name) => world.blocked("DatabricksJob", name, "PermissionDenied")));
  await sweeps(world.workspace, JOBS, 3);
  world.workspace.permissions.hideJobs(false);
  const after = await Promise.all(["theirs", "ours"].map((name) => world.ready("DatabricksJob", name)));
  assert.deepEqual(after.map(({ metadata }) => metadata.uid), before.map(({ metadata }) => metadata.uid));
  assert.deepEqual(world.workspace.jobs.ids().sort(), [id, String(before[1]?.status?.id)].sort());
  assert.equal(world.workspace.ledger.writes().length, 1, "the create and nothing else");
});

clusterTest("two namespaces of one workspace: each resource gets one object in total", async (world) => {
  const other = await world.addNamespace("b");
  await world.connect({ namespace: other });
  const ids = ["etl", "report"].map((name) => world.workspace.jobs.add({ name, ...notebook() }));
  await world.startOperator({ namespaces: [world.namespace, other] });
  await world.apply(job("mine"), other);
  await ingested(world, ids);
  await world.ready("DatabricksJob", "mine", other);
  await sweeps(world.workspace, JOBS, 6);
  assert.deepEqual(names(await world.list("DatabricksJob")), ["etl", "report"]);
  assert.deepEqual(names(await world.list("DatabricksJob", other)), ["mine"]);
}, waiting);

for (const [how, options] of Object.entries({ "with a tag": {}, "without a tag": untagged })) {
  clusterTest(`a job that is created slowly, ${how}, is not ingested beside its object`, async (world) => {
    const created = Promise.withResolvers<void>();
    const send = async (request: Request) => {
      const response = await world.workspace.transport.send(request);
      if (request.url.endsWith("/jobs/create")) await created.promise;
      return response;
    };
    await world.startOperator({ transport: () => ({ send }) });
    await world.apply(job("mine", { name: "etl" }));
    await eventually("Databricks has created it", () => world.workspace.jobs.ids().length === 1);
    await sweeps(world.workspace, JOBS, 3);
    created.resolve();
    await world.ready("DatabricksJob", "mine");
    await sweeps(world.workspace, JOBS, 3);
    assert.deepEqual(names(await world.list("DatabricksJob")), ["mine"]);
    assert.equal(world.workspace.jobs.ids().length, 1);
  }, { ...waiting, ...options });
}

clusterTest("a job that is deleted while a sweep pages does not come back as an ingested object", async (world) => {
  // The newest job is on the first page. These jobs fill the page, and the fault removes them from it before ingest.
  for (let number = 0; number < 100; number++) world.workspace.jobs.add({ name: "old" });
  const isNew = ({ settings }: Fields) => (settings as Fields).name !== "old";
  const edit = (body: Fields) => ({ ...body, jobs: (body.jobs as Fields[] | undefined)?.filter(isNew) });
  world.workspace.faults.add({ match: "jobs/list", edit });
  const gate = { isShut: false, held: 0, opened: Promise.withResolvers<void>() };
  const send = async (request: Request) => {
    const response = await world.workspace.transport.send(request);
    if (!gate.isShut || !request.url.includes("page_token=")) return response;
    gate.held++;
    await gate.opened.promise;
    return response;
  };
  await world.startOperator({ transport: () => ({ send }) });
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await sweeps(world.workspace, JOBS, 4);
  gate.isShut = true;
  await eventually("a sweep has seen the job and waits for its second page", () => gate.held > 0);
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.get(id), undefined);
  gate.isShut = false;
  gate.opened.resolve();
  const seen = new Set<string | undefined>();
  const lists = world.workspace.ledger.count("GET", JOBS);
  await eventually("two more sweeps have ended", async () => {
    for (const { metadata } of await world.list("DatabricksJob")) seen.add(metadata.name);
    return world.workspace.ledger.count("GET", JOBS) > lists + 4;
  });
  assert.deepEqual([...seen], []);
}, { ...waiting, ...untagged, mock: { doubts: { listLag: "none" } } });

clusterTest("a job with another cluster's tag is not ingested", async (world) => {
  world.workspace.jobs.add({ name: "far", ...notebook(), tags: { [TAG]: "00000000-0000-4000-8000-000000000000" } });
  const near = world.workspace.jobs.add({ name: "near", ...notebook(), tags: { team: TAG } });
  await ingested(world, [near]);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(names(await world.list("DatabricksJob")), ["near"]);
});

clusterTest("jobs on several pages are all ingested, from the list alone", async (world) => {
  const ids = Array.from(
    { length: 120 },
    (_, index) => world.workspace.jobs.add({ name: `job ${index}`, ...notebook() }),
  );
  await world.startOperator();
  await ingested(world, ids);
  assert.equal(world.workspace.ledger.count("GET", /jobs\/get/), 0);
}, waiting);

clusterTest("a list that repeats a page is aborted, and nothing is ingested from it", async (world) => {
  for (let number = 0; number < 150; number++) world.workspace.jobs.add({ name: "far", tags: { [TAG]: "elsewhere" } });
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  world.workspace.settle();
  let token: unknown;
  const fault = world.workspace.faults.add({
    match: "jobs/list",
    edit: (body: Fields) => ({ ...body, next_page_token: token ??= body.next_page_token, has_more: true }),
  });
  await world.startOperator();
  await eventually("some sweeps were tried", () => fault.hits >= 6);
  assert.deepEqual(await world.list("DatabricksJob"), []);
  const { calls } = world.workspace.ledger;
  const lists = calls.filter(({ path }) => path.endsWith(JOBS)).map(({ query }) => query.page_token ?? "");
  assert.deepEqual(lists.slice(0, 4), ["", token, "", token]);
  fault.remove();
  await ingested(world, [id]);
}, waiting);

type Fields = Record<string, unknown>;

/** Waits until each job has one object that is Ready, and returns the objects. */
async function ingested(world: World, ids: readonly string[]): Promise<KubeObject[]> {
  return await eventually(`${ids.length} jobs have objects`, async () => {
    const objects = await world.list("DatabricksJob");
    const theirs = objects.map(({ status }) => String(status?.id)).sort();
    return JSON.stringify(theirs) === JSON.stringify([...ids].sort()) ? objects : problem(theirs.join());
  });
}

function names(objects: readonly KubeObject[]): (string | undefined)[] {
  return objects.map(({ metadata }) => metadata.name).sort();
}
