/** Absence must be proven: a gateway, a stale read or a single source cannot cause a deletion or a second create. */
import assert from "node:assert/strict";
import type { FaultRule } from "../../mock/faults.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, condition, eventually, job, manifest, secret, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";
const GET = /GET .*\/jobs\/get$/;
const page = (title: string) => `<html><body><h1>${title}</h1></body></html>`;
const gone = { status: 400, body: { error_code: "INVALID_PARAMETER_VALUE", message: "Job 1 does not exist." } };

/** Gateways that answer in place of Databricks. */
const gateways: Record<string, Omit<FaultRule, "match">> = {
  "404 with HTML": { status: 404, body: page("404 Not Found") },
  "404 without a body": { status: 404, body: "" },
  "404 with JSON of its own": { status: 404, body: { message: "no Route matched with those values" } },
  "502 with HTML": { status: 502, body: page("Bad Gateway") },
  "301": { status: 301, body: page("Moved"), headers: { location: "https://elsewhere.invalid/" } },
  "an empty 200": { status: 200, body: "" },
  "a sign-in page with 200": { status: 200, body: page("Sign in") },
};

/** Creates a job of owner operator, and an ingested one. */
async function bothOwners(world: World): Promise<{ mine: string; theirs: string; uids: string[] }> {
  await world.apply(job("mine"));
  const mine = String((await world.ready("DatabricksJob", "mine")).status?.id);
  const theirs = world.workspace.jobs.add({ name: "theirs" }, { creator: "anna@example.com" });
  await world.ready("DatabricksJob", "theirs");
  return { mine, theirs, uids: await uidsOf(world) };
}

async function uidsOf(world: World): Promise<string[]> {
  return (await world.list("DatabricksJob")).map(({ metadata }) => metadata.uid ?? "").sort();
}

/** Waits until a fault has struck this many more times. */
async function struck(fault: { readonly hits: number }, times: number): Promise<void> {
  const before = fault.hits;
  await eventually(`${times} more calls are struck`, () => fault.hits >= before + times);
}

for (const [answer, fault] of Object.entries(gateways)) {
  clusterTest(`a gateway that answers ${answer} neither removes objects nor has jobs made twice`, async (world) => {
    const operator = await world.startOperator();
    const { mine, theirs, uids } = await bothOwners(world);
    const down = world.workspace.faults.add({ match: "/api/", ...fault });
    await world.apply(job("mine", { max_concurrent_runs: 7 }));
    await world.blocked("DatabricksJob", "mine", "Unavailable");
    await world.stopOperator(operator);
    await world.startOperator();
    await struck(down, 12);
    assert.deepEqual(await uidsOf(world), uids, "no object was removed or created again");
    const ids = (await world.list("DatabricksJob")).map(({ status }) => status?.id).sort();
    assert.deepEqual(ids, [mine, theirs].sort(), "each keeps its id");
    down.remove();
    await world.ready("DatabricksJob", "mine");
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(world.workspace.jobs.ids(), [mine, theirs], "no job was duplicated");
    assert.equal(world.workspace.jobs.get(mine)?.settings.max_concurrent_runs, 7);
    assert.deepEqual(await uidsOf(world), uids);
  }, { start: false, settings: { default_timeout_seconds: "1" } });

  clusterTest(
    `a gateway that answers ${answer} does not end a deletion, so that no job is left behind`,
    async (world) => {
      const { theirs } = await bothOwners(world);
      const down = world.workspace.faults.add({ match: "/api/", ...fault });
      await world.delete("DatabricksJob", "mine");
      await struck(down, 12);
      assert.notEqual(await world.get("DatabricksJob", "mine"), undefined, "the finalizer stays");
      down.remove();
      await world.gone("DatabricksJob", "mine");
      assert.deepEqual(world.workspace.jobs.ids(), [theirs]);
    },
    { settings: { default_timeout_seconds: "1" } },
  );
}

clusterTest("a get that misses a listed job neither creates it again nor removes its object", async (world) => {
  const { mine, theirs, uids } = await bothOwners(world);
  const missed = world.workspace.faults.add({ match: GET, ...gone });
  await world.apply(job("mine", { max_concurrent_runs: 7 }));
  // Before a write, an edit checks who owns the job, so it waits for a get that finds it.
  await struck(missed, 4);
  await sweeps(world.workspace, JOBS, 4);
  assert.deepEqual(world.workspace.jobs.ids(), [mine, theirs]);
  missed.remove();
  await world.ready("DatabricksJob", "mine");
  assert.equal(world.workspace.jobs.get(mine)?.settings.max_concurrent_runs, 7);
  assert.deepEqual(world.workspace.jobs.ids(), [mine, theirs]);
  assert.deepEqual(await uidsOf(world), uids);
});

/** Makes the lists fail, so that only gets show that a job is missing. */
function hideLists(workspace: MockWorkspace) {
  return workspace.faults.add({ match: JOBS, status: 503, body: { error_code: "TEMPORARILY_UNAVAILABLE" } });
}

clusterTest(
  "while the list fails, a job that a get misses is not created again, and its ingested object stays",
  async (world) => {
    const { mine, theirs, uids } = await bothOwners(world);
    const hidden = hideLists(world.workspace);
    world.workspace.jobs.remove(mine);
    world.workspace.jobs.remove(theirs);
    // A change causes a look without a sweep.
    await world.apply(job("mine", { max_concurrent_runs: 7 }));
    await world.annotate("DatabricksJob", "theirs", "ingest", null);
    await struck(hidden, 8);
    assert.deepEqual(world.workspace.jobs.ids(), []);
    assert.deepEqual(await uidsOf(world), uids);
    assert.equal((await world.get("DatabricksJob", "mine"))?.status?.id, mine, "the id stays in the status");
    hidden.remove();
    await world.ready("DatabricksJob", "mine");
    await world.gone("DatabricksJob", "theirs");
    await sweeps(world.workspace, JOBS, 2);
    assert.equal(world.workspace.jobs.ids().length, 1);
  },
  { settings: { default_timeout_seconds: "1" } },
);

clusterTest("while the list fails, a deletion does not end", async (world) => {
  const { mine, theirs } = await bothOwners(world);
  const hidden = hideLists(world.workspace);
  await world.delete("DatabricksJob", "mine");
  await eventually("the job is deleted", () => world.workspace.jobs.get(mine) === undefined);
  await struck(hidden, 6);
  assert.notEqual(await world.get("DatabricksJob", "mine"), undefined, "the finalizer stays");
  hidden.remove();
  await world.gone("DatabricksJob", "mine");
  assert.deepEqual(world.workspace.jobs.ids(), [theirs]);
}, { settings: { default_timeout_seconds: "1" } });

clusterTest(
  "a deletion does not end while the list still contains the job, even if delete and get say that it is gone",
  async (world) => {
    const { mine } = await bothOwners(world);
    world.workspace.faults.add({ match: "jobs/delete", ...gone, times: 4 });
    world.workspace.faults.add({ match: GET, ...gone, times: 4 });
    await world.delete("DatabricksJob", "mine");
    await world.gone("DatabricksJob", "mine");
    assert.equal(world.workspace.jobs.get(mine), undefined, "no job is left behind");
  },
);

clusterTest("the old id stays in the status until its successor exists, also across a restart", async (world) => {
  const operator = await world.startOperator();
  await world.apply(job("x"));
  const old = String((await world.ready("DatabricksJob", "x")).status?.id);
  const lost = world.workspace.faults.add({ match: "jobs/create", effect: "kept", cut: "before-headers", times: 1 });
  world.workspace.jobs.remove(old);
  await eventually("the response was lost", () => lost.hits === 1);
  const between = await world.get("DatabricksJob", "x");
  assert.equal(between?.status?.id, old);
  await world.stopOperator(operator);
  await world.startOperator();
  const made = await eventually("the successor is bound", async () => {
    const { id, pending } = (await world.get("DatabricksJob", "x"))?.status ?? {};
    return id !== old && pending === undefined && String(id);
  });
  await world.ready("DatabricksJob", "x");
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.jobs.ids(), [made]);
}, { start: false });

clusterTest(
  "an object that is deleted during a recreate leaves neither the old nor the new job",
  async (world) => {
    await world.apply(job("x"));
    const old = String((await world.ready("DatabricksJob", "x")).status?.id);
    world.workspace.faults.add({ match: "jobs/create", effect: "kept", cut: "before-headers", times: 1 });
    world.workspace.jobs.remove(old);
    await eventually("the new job exists", () => world.workspace.jobs.ids().length === 1);
    await world.delete("DatabricksJob", "x");
    await world.gone("DatabricksJob", "x");
    assert.deepEqual(world.workspace.jobs.ids(), []);
  },
);

clusterTest(
  "a recreate first searches for our tag, so that a tagged job is not duplicated",
  async (world) => {
    await world.apply(job("x"));
    const object = await world.ready("DatabricksJob", "x");
    const old = String(object.status?.id);
    const { settings } = world.workspace.jobs.require(old);
    const restored = world.workspace.jobs.add({ ...settings });
    world.workspace.jobs.remove(old);
    await eventually("the other one is bound", async () => {
      return (await world.get("DatabricksJob", "x"))?.status?.id === restored;
    });
    await world.ready("DatabricksJob", "x");
    assert.deepEqual(world.workspace.jobs.ids(), [restored]);
  },
);

for (const listLag of ["none", "seconds"] as const) {
  const lag = listLag === "none" ? "" : ", while lists lag";
  clusterTest(
    `a create that was rejected but made a job is found by its tag, not repeated${lag}`,
    async (world) => {
      const refused = world.workspace.faults.add({
        match: "jobs/create",
        effect: "kept",
        status: 409,
        body: { error_code: "RESOURCE_CONFLICT", message: "busy" },
        times: 1,
      });
      await world.apply(job("x"));
      await eventually("the create was rejected", () => refused.hits === 1);
      await world.annotate("DatabricksJob", "x", "deletion-policy", "delete");
      await world.ready("DatabricksJob", "x");
      await sweeps(world.workspace, JOBS, 2);
      assert.equal(world.workspace.jobs.ids().length, 1);
    },
    { mock: { doubts: { listLag } } },
  );

  clusterTest(
    `an object that is deleted after such a rejection leaves no job behind${lag}`,
    async (world) => {
      const refused = world.workspace.faults.add({
        match: "jobs/create",
        effect: "kept",
        status: 403,
        body: "<html><h1>Blocked by policy</h1></html>",
        times: 1,
      });
      await world.apply(job("x"));
      await world.blocked("DatabricksJob", "x", "PermissionDenied");
      assert.deepEqual([refused.hits, world.workspace.jobs.ids().length], [1, 1]);
      await world.delete("DatabricksJob", "x");
      await world.gone("DatabricksJob", "x");
      assert.deepEqual(world.workspace.jobs.ids(), []);
    },
    { settings: { default_requeue_interval: "3600" }, mock: { doubts: { listLag } } },
  );
}

const creates: Record<string, { object: KubeObject; path: RegExp; count: (workspace: MockWorkspace) => number }> = {
  job: { object: job("x"), path: /jobs\/create$/, count: ({ jobs }) => jobs.ids().length },
  repo: {
    object: manifest("Repo", "x", {
      repository: { path: "/Repos/team/lib", url: "https://github.com/example/lib", provider: "gitHub" },
    }),
    path: /POST .*\/repos$/,
    count: ({ repos }) => repos.all().length,
  },
  "git credential": {
    object: manifest("GitCredential", "x", {
      credential: { git_username: "octocat", git_provider: "gitHub" },
      secret_name: "source",
    }),
    path: /POST .*\/git-credentials$/,
    count: ({ credentials }) => credentials.all().length,
  },
  "secret scope": {
    object: manifest("DatabricksSecretScope", "x", { scope: { name: "team" } }),
    path: /scopes\/create$/,
    count: ({ secrets }) => secrets.scopes().length,
  },
};

for (const [noun, { object, path, count }] of Object.entries(creates)) {
  for (const [what, body] of [["without an id", {}], ["with an id of null", ids(null)], ["empty", ""]] as const) {
    for (const effect of ["kept", "none"] as const) {
      clusterTest(
        `a ${noun} whose create is answered 200 ${what} (effect ${effect}) is never "undefined", and is there once`,
        async (world) => {
          await world.apply(secret("source", { personal_access_token: "ghp_one" }));
          const lost = world.workspace.faults.add({ match: path, status: 200, body, effect, times: 1 });
          await world.apply(object);
          await eventually("the response was replaced", () => lost.hits === 1);
          const bound = await world.ready(object.kind ?? "", "x");
          await sweeps(world.workspace, JOBS, 2);
          assert.match(String(bound.status?.id), /^(\d+|team)$/);
          assert.equal(condition(bound, "Ready")?.status, "True");
          await eventually("there is one", () => count(world.workspace) === 1);
        },
        { mock: { doubts: { repoCreatorPermission: "direct" } } },
      );
    }
  }
}

/** An answer that contains its id under each kind's field name. */
function ids(value: unknown): Record<string, unknown> {
  return { job_id: value, id: value, credential_id: value };
}

clusterTest("writes with empty responses create and delete everything exactly once", async (world) => {
  await world.apply(secret("source", { personal_access_token: "ghp_one" }));
  for (const { object } of Object.values(creates)) await world.apply(object);
  for (const { object } of Object.values(creates)) await world.ready(object.kind ?? "", "x");
  await world.apply(job("x", { max_concurrent_runs: 7 }));
  await world.ready("DatabricksJob", "x");
  await sweeps(world.workspace, JOBS, 2);
  const counts = () => Object.values(creates).map(({ count }) => count(world.workspace));
  assert.deepEqual(counts(), [1, 1, 1, 1]);
  for (const { object } of Object.values(creates)) await world.delete(object.kind ?? "", "x");
  for (const { object } of Object.values(creates)) await world.gone(object.kind ?? "", "x");
  assert.deepEqual(counts(), [0, 0, 0, 0]);
}, { mock: { doubts: { emptyAnswers: "nothing" } } });
