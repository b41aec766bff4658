/**
 * A resource that exists in Databricks belongs to somebody: an object takes it only by consent, and then without
 * changing it.
 */
import assert from "node:assert/strict";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  notebook,
  problem,
  secret,
  sweeps,
} from "../support/harness.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { TransportFactory } from "../../src/databricks/call/transport.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOBS = "/jobs/list";
const adopt = { adopt: "true" };
/** Without ingest, existing resources have no object yet. */
const noIngest = { settings: { ingest: "false" } };

clusterTest("a copied manifest with a job's id never touches that job, also not when it is deleted", async (world) => {
  const id = world.workspace.jobs.add({ name: "of-somebody", ...notebook() });
  await world.apply(withId("copy", id, { name: "mine" }));
  const { message } = await world.blocked("DatabricksJob", "copy", "AdoptionRequired");
  assert.match(message, new RegExp(`${id}.*databricks-operator/adopt: "true"`), "the message contains the remedy");
  await sweeps(world.workspace, JOBS, 3);
  assert.equal((await world.get("DatabricksJob", "copy"))?.metadata.finalizers, undefined);
  await world.delete("DatabricksJob", "copy");
  await world.gone("DatabricksJob", "copy");
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  assert.equal(world.workspace.jobs.get(id)?.settings.name, "of-somebody");
});

clusterTest(
  "an object whose job is created beside another one of its name explains how to adopt that one",
  async (world) => {
    const theirs = world.workspace.jobs.add({ name: "etl", ...notebook() }, { creator: "anna@example.com" });
    world.workspace.settle();
    await world.startOperator();
    await world.apply(job("other", notebook()));
    await world.ready("DatabricksJob", "other");
    assert.match(await world.event("other", "Created"), /^Created: Created job \d+$/);
    await world.apply(job("etl", notebook()));
    assert.notEqual((await world.ready("DatabricksJob", "etl")).status?.id, theirs);
    assert.match(
      await world.event("etl", "Created"),
      /Created job \d+ beside an untagged one of that name; to take that one over .* databricks-operator\/adopt: "true"$/,
    );
    await world.delete("DatabricksJob", "etl");
    await world.gone("DatabricksJob", "etl");
    await world.apply(job("etl", notebook(), adopt));
    assert.equal((await world.ready("DatabricksJob", "etl")).status?.id, theirs);
  },
  { ...noIngest, start: false },
);

clusterTest("a copy of a live object's manifest does not get the original's job, even with adopt", async (world) => {
  const other = await world.addNamespace("copy");
  await world.connect({ namespace: other });
  await world.startOperator({ namespaces: [world.namespace, other] });
  await world.apply(job("etl"));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.apply(withId("etl", id, { name: "changed" }), other);
  await world.blocked("DatabricksJob", "etl", "AdoptionRequired", other);
  await world.apply(withId("etl", id, { name: "changed" }, adopt), other);
  const { message } = await world.blocked("DatabricksJob", "etl", "HeldByAnother", other);
  assert.match(message, new RegExp(`"${world.namespace}/etl"`), "the message names the holder");
  await world.delete("DatabricksJob", "etl", other);
  await world.gone("DatabricksJob", "etl", other);
  await sweeps(world.workspace, JOBS, 2);
  assert.equal(world.workspace.jobs.get(id)?.settings.name, "etl");
  assert.equal(world.workspace.ledger.writes().length, 1, "the create of the original and nothing else");
}, { start: false });

clusterTest("a job with the same id in another workspace is not touched", async (world) => {
  const workspace = new MockWorkspace();
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  const stranger = workspace.jobs.add({ name: "stranger", ...notebook() });
  assert.equal(stranger, id, "the number is the same");
  const other = await world.addNamespace("other");
  await world.connect({ namespace: other, workspace, ...noIngest });
  await world.startOperator({ namespaces: [world.namespace, other], workspaces: [world.workspace, workspace] });
  await world.apply(withId("etl", id, { name: "etl" }, adopt));
  await world.ready("DatabricksJob", "etl");
  await world.apply(withId("etl", id, { name: "etl" }), other);
  await world.blocked("DatabricksJob", "etl", "AdoptionRequired", other);
  await sweeps(workspace, JOBS, 2);
  await world.delete("DatabricksJob", "etl", other);
  await world.gone("DatabricksJob", "etl", other);
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual([world.workspace.jobs.ids(), workspace.jobs.ids()], [[], [id]]);
  assert.deepEqual(workspace.ledger.writes(), []);
}, { start: false, ...noIngest });

clusterTest("adopt takes effect as soon as it is set, and writes nothing if the job matches", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  await world.apply(withId("etl", id, { name: "etl" }));
  const blocked = await world.blocked("DatabricksJob", "etl", "AdoptionRequired");
  assert.equal(blocked.observedGeneration, 1);
  const { spec } = await world.get("DatabricksJob", "etl") ?? {};
  await world.annotate("DatabricksJob", "etl", "adopt", "true");
  const object = await world.ready("DatabricksJob", "etl");
  assert.equal(object.status?.id, id);
  assert.deepEqual(object.spec, spec);
  await eventually("the baseline exists without a write", () => world.workspace.ledger.count("GET", /jobs\/get/) > 0);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, { settings: { ...noIngest.settings, default_requeue_interval: "300" } });

clusterTest(
  "an adopted job that differs is updated once, and is repaired and deleted like any other",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook(), description: "by hand" });
    await world.apply(withId("etl", id, { name: "etl", max_concurrent_runs: 2 }, adopt));
    await world.ready("DatabricksJob", "etl");
    await sweeps(world.workspace, JOBS, 2);
    assert.equal(world.workspace.ledger.writes().length, 1);
    world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
    await eventually("the edit is repaired", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 2);
    await world.delete("DatabricksJob", "etl");
    await world.gone("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.get(id), undefined);
  },
  noIngest,
);

clusterTest("adopt of a job that does not exist says so and creates none", async (world) => {
  await world.apply(withId("etl", "123", {}, adopt));
  const { message } = await world.blocked("DatabricksJob", "etl", "NotFound");
  assert.match(message, /123/);
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("a job with another object's tag is not adopted until the tag is removed", async (world) => {
  const tags = { "databricks-kube-operator": "00000000-0000-4000-8000-000000000000" };
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), tags });
  await world.apply(withId("etl", id, { name: "etl" }, adopt));
  await world.blocked("DatabricksJob", "etl", "OwnedByAnother");
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  world.workspace.jobs.edit(id, (settings) => void delete settings.tags);
  assert.equal((await world.ready("DatabricksJob", "etl")).status?.id, id);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

/** Kinds with a natural key: an existing resource, and an object with the same key. */
const natural = [
  {
    object: manifest("DatabricksSecretScope", "team", { scope: { name: "team-secrets" } }),
    list: "/secrets/scopes/list",
    add: ({ secrets }: MockWorkspace) => secrets.addScope("team-secrets"),
    isThere: ({ secrets }: MockWorkspace) => secrets.scopes().length === 1,
    writes: [],
  },
  {
    object: manifest("Repo", "team", {
      repository: { path: "/Repos/team/lib", url: "https://github.com/example/lib", provider: "gitHub" },
    }),
    list: "/repos",
    add: ({ repos }: MockWorkspace) =>
      void repos.add({ url: "https://github.com/example/lib", path: "/Repos/team/lib" }),
    isThere: ({ repos }: MockWorkspace) => repos.all().length === 1,
    writes: [],
  },
  {
    object: manifest("GitCredential", "team", {
      credential: { git_provider: "gitHub", git_username: "octocat" },
      secret_name: "github",
    }),
    list: "/git-credentials",
    add: ({ credentials }: MockWorkspace) =>
      void credentials.add({ git_provider: "gitHub", git_username: "octocat", personal_access_token: "theirs" }),
    isThere: ({ credentials }: MockWorkspace) => credentials.all().length === 1,
    writes: ["PATCH"],
  },
] as const;

for (const { object, list, add, isThere, writes } of natural) {
  const { kind = "" } = object;
  clusterTest(
    `an existing resource is not taken over by a ${kind} of the same name without adopt`,
    async (world) => {
      add(world.workspace);
      world.workspace.settle();
      await world.apply(secret("github", { personal_access_token: "ours" }));
      await world.apply(object);
      await world.blocked(kind, "team", "AlreadyExists");
      await sweeps(world.workspace, list, 3);
      await world.blocked(kind, "team", "AlreadyExists");
      await world.delete(kind, "team");
      await world.gone(kind, "team");
      // Without an object nothing is listed any more.
      assert.deepEqual(world.workspace.ledger.writes(), []);
      assert.ok(isThere(world.workspace));
      await world.apply(object);
      await world.blocked(kind, "team", "AlreadyExists");
      await world.annotate(kind, "team", "adopt", "true");
      await world.ready(kind, "team");
      await sweeps(world.workspace, list, 3);
      assert.deepEqual(world.workspace.ledger.writes().map(({ method }) => method), writes);
      await world.delete(kind, "team");
      await world.gone(kind, "team");
      assert.equal(isThere(world.workspace), false, "the adopted resource then follows the manifest");
    },
    noIngest,
  );
}

clusterTest("a retained job stays, without our tag, and another object may adopt it", async (world) => {
  await world.apply(job("etl", { tags: { team: "data" } }, { "deletion-policy": "retain" }));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual(world.workspace.jobs.get(id)?.settings.tags, { team: "data" });
  assert.match(await world.event("etl", "Retained"), new RegExp(id));
  world.workspace.ledger.clear();
  await world.apply(withId("heir", id, { name: "etl", tags: { team: "data" } }, adopt));
  assert.equal((await world.ready("DatabricksJob", "heir")).status?.id, id);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, noIngest);

clusterTest(
  "an ingested job can be adopted as soon as its object is deleted, without waiting for a resync",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
    world.workspace.settle();
    await world.startOperator();
    await world.ready("DatabricksJob", "etl");
    await world.apply(withId("mine", id, { name: "etl" }, adopt));
    const { message } = await world.blocked("DatabricksJob", "mine", "HeldByAnother");
    assert.match(message, new RegExp(`${world.namespace}/etl`));
    await world.delete("DatabricksJob", "etl");
    assert.equal((await world.ready("DatabricksJob", "mine")).status?.id, id);
    await world.configure({ default_requeue_interval: "1" });
    await sweeps(world.workspace, JOBS, 3);
    assert.equal(await world.get("DatabricksJob", "etl"), undefined, "it is not ingested beside its object");
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
  { start: false, settings: { default_requeue_interval: "300" } },
);

/** A job whose manifest contains the id of an existing job. */
function withId(
  name: string,
  id: string,
  settings: Record<string, unknown>,
  annotations: Record<string, string> = {},
): KubeObject {
  const { spec, ...object } = job(name, settings, annotations);
  return { ...object, spec: { job: { job_id: BigInt(id), ...(spec as { job: Record<string, unknown> }).job } } };
}

clusterTest("two objects that find the same job at the same time do not both adopt it", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  world.workspace.settle();
  let searching = 0;
  const both = Promise.withResolvers<void>();
  const transport: TransportFactory = () => ({
    async send(request) {
      const answer = await world.workspace.transport.send(request);
      if (!request.url.includes("/jobs/list?") || !request.url.includes("name=etl")) return answer;
      if (++searching === 2) both.resolve();
      await both.promise;
      return answer;
    },
  });
  for (const name of ["one", "other"]) {
    const object = job(name, { name: "etl" });
    await world.create({
      ...object,
      metadata: { ...object.metadata, annotations: { "databricks-operator/adopt": "true" } },
    });
  }
  await world.startOperator({ transport });
  const held = await eventually("one is bound and the other is rejected", async () => {
    const objects = await world.list("DatabricksJob");
    const ids = objects.map(({ status }) => status?.id);
    const reasons = objects.map((object) => condition(object, "Synced")?.reason);
    return reasons.includes("HeldByAnother") ? ids.filter((one) => one !== undefined) : problem(reasons.join());
  });
  assert.deepEqual([held, world.workspace.jobs.ids()], [[id], [id]]);
}, { settings: { ingest: "false" }, start: false });
