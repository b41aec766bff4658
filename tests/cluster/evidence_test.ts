/**
 * A resource that was created while a create was in doubt belongs to its maker: an object takes it only with evidence
 * or by consent.
 */
import assert from "node:assert/strict";
import {
  baselineOf,
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
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOB = "DatabricksJob";
const JOBS = "/jobs/list";
const SCOPE = "DatabricksSecretScope";
const ANN = "ann@example.com";
const noIngest = { settings: { ingest: "false" } };
const scope = manifest(SCOPE, "team", { scope: { name: "shared" } });
const clone = manifest("Repo", "lib", {
  repository: { path: "/Repos/team/lib", url: "https://github.com/example/lib", provider: "gitHub" },
});
const keys = manifest("DatabricksSecret", "keys", { scope: "shared", secret_name: "source" });

clusterTest(
  "a create that could not connect is not pending, so a job that appears later is not taken over",
  async (world) => {
    const fault = world.workspace.faults.add({ match: "scopes/create", cut: "connect" });
    await world.apply(scope);
    await eventually("the attempt has ended", async () => {
      const { status } = await world.get(SCOPE, "team") ?? {};
      return fault.hits > 0 && status?.create_refused === true && status.pending === undefined ||
        problem(JSON.stringify(status));
    });
    world.workspace.secrets.addScope("shared");
    fault.remove();
    await world.blocked(SCOPE, "team", "AlreadyExists");
    await world.delete(SCOPE, "team");
    await world.gone(SCOPE, "team");
    assert.equal(world.workspace.secrets.scopes().length, 1);
  },
  noIngest,
);

clusterTest(
  "a scope that somebody made while our create was unconfirmed is taken over only with adopt",
  async (world) => {
    await inDoubt(world, scope, "scopes/create");
    world.workspace.secrets.addScope("shared", { manager: ANN });
    const { message } = await world.blocked(SCOPE, "team", "AlreadyExists");
    assert.match(message, /adopt: "true"/);
    await world.annotate(SCOPE, "team", "adopt", "true");
    await world.ready(SCOPE, "team");
  },
  noIngest,
);

clusterTest(
  "a scope that somebody made while our create was unconfirmed is not deleted with the object",
  async (world) => {
    await inDoubt(world, scope, "scopes/create");
    world.workspace.secrets.addScope("shared", { manager: ANN });
    await world.delete(SCOPE, "team");
    await world.gone(SCOPE, "team");
    assert.equal(world.workspace.secrets.scopes().length, 1);
    assert.match(await world.event("team", "Released"), /nothing proves/);
  },
  noIngest,
);

for (const repoCreatorPermission of ["direct", "inherited"] as const) {
  const adopts = repoCreatorPermission === "inherited";
  clusterTest(
    `a repo whose create lost its response is not created twice; its creator's permission is ${repoCreatorPermission}`,
    async (world) => {
      world.workspace.doubts.repoCreatorPermission = repoCreatorPermission;
      world.workspace.faults.add({ match: /POST .*repos$/, effect: "kept", cut: "before-headers", times: 1 });
      await world.apply(clone);
      if (adopts) {
        await world.blocked("Repo", "lib", "AlreadyExists");
        await world.annotate("Repo", "lib", "adopt", "true");
      }
      await world.ready("Repo", "lib");
      assert.equal(world.workspace.repos.all().length, 1);
    },
    noIngest,
  );
}

clusterTest("adopt without an id takes over the only job of that name, and creates no second one", async (world) => {
  const id = world.workspace.jobs.add({ name: "nightly", ...notebook() });
  world.workspace.jobs.add({ name: "NIGHTLY", ...notebook() });
  world.workspace.settle();
  await world.apply(job("etl", { name: "nightly" }, { adopt: "true" }));
  assert.equal((await world.ready(JOB, "etl")).status?.id, id);
  assert.match(await world.event("etl", "Bound"), new RegExp(id));
  assert.equal(world.workspace.jobs.ids().length, 2);
}, noIngest);

clusterTest(
  "adopt without an id takes over none of several jobs of that name, and the message lists their ids",
  async (world) => {
    const ids = [1, 2].map(() => world.workspace.jobs.add({ name: "etl", ...notebook() }));
    world.workspace.settle();
    await world.apply(job("etl", {}, { adopt: "true" }));
    const { message } = await world.blocked(JOB, "etl", "AdoptionAmbiguous");
    for (const id of ids) assert.match(message, new RegExp(id));
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.patch(JOB, "etl", { spec: { job: { job_id: BigInt(ids[1] ?? 0) } } });
    assert.equal((await world.ready(JOB, "etl")).status?.id, ids[1]);
    assert.deepEqual(world.workspace.jobs.ids(), ids);
  },
  noIngest,
);

clusterTest("a job that is adopted by name is not ingested beside its object", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  world.workspace.settle();
  await world.create(job("mine", { name: "etl" }, { adopt: "true" }));
  await world.startOperator();
  assert.equal((await world.ready(JOB, "mine")).status?.id, id);
  await sweeps(world.workspace, JOBS, 2);
  assert.equal((await world.list(JOB)).length, 1);
}, { start: false });

clusterTest(
  "adopt creates no duplicate of an ingested job, and the advice in its message works",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
    await world.ready(JOB, "etl");
    await world.apply(job("mine", { name: "etl" }, { adopt: "true" }));
    const { message } = await world.blocked(JOB, "mine", "HeldByAnother");
    assert.match(message, /set annotation .*retain on that object and then delete it/);
    await world.annotate(JOB, "etl", "deletion-policy", "retain");
    await world.delete(JOB, "etl");
    assert.equal((await world.ready(JOB, "mine")).status?.id, id);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
);

clusterTest(
  "a predecessor's object without an id neither takes over nor duplicates an unmanaged job",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook() }, { creator: ANN });
    world.workspace.settle();
    const left = job("etl");
    const finalizers = ["databricks-operator/remote_api_resource"];
    await world.create({ ...left, metadata: { ...left.metadata, finalizers } });
    await world.blocked(JOB, "etl", "AlreadyExists");
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.annotate(JOB, "etl", "adopt", "true");
    assert.equal((await world.ready(JOB, "etl")).status?.id, id);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  noIngest,
);

clusterTest("a predecessor's scope is taken where its user or the named principal manages it", async (world) => {
  const { secrets } = world.workspace;
  secrets.addScope("everybodys", { manager: "users" });
  secrets.addScope("theirs", { manager: ANN });
  for (const name of ["everybodys", "theirs"]) {
    const left = manifest(SCOPE, name, { scope: { name }, initial_manage_principal: "users" });
    const finalizers = ["databricks-operator/remote_api_resource"];
    await world.create({ ...left, metadata: { ...left.metadata, finalizers } });
  }
  assert.equal((await world.ready(SCOPE, "everybodys")).status?.id, "everybodys");
  await world.blocked(SCOPE, "theirs", "AlreadyExists");
  await sweeps(world.workspace, "/secrets/scopes/list", 2);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.annotate(SCOPE, "theirs", "adopt", "true");
  await world.ready(SCOPE, "theirs");
}, noIngest);

/** Applies an object whose create is sent, but has no effect and gets no answer. */
async function inDoubt(world: World, object: KubeObject, create: string): Promise<void> {
  const fault = world.workspace.faults.add({ match: create, cut: "before-headers" });
  await world.apply(object);
  await eventually("the create is unconfirmed", async () => {
    const { status } = await world.get(object.kind ?? "", object.metadata.name ?? "") ?? {};
    return fault.hits > 0 && (status?.pending as { until?: string } | undefined)?.until !== undefined ||
      problem(JSON.stringify(status));
  });
  fault.remove();
}

clusterTest(
  "an unmanaged key is neither overwritten nor deleted, and the other keys are sent",
  async (world) => {
    const { secrets } = world.workspace;
    secrets.addScope("shared");
    secrets.put("shared", "password", "theirs");
    await world.apply(secret("source", { password: "ours", user: "etl" }));
    await world.apply(keys);
    const { message } = await world.blocked("DatabricksSecret", "keys", "AlreadyExists");
    assert.match(message, /key password of "shared"/);
    assert.equal(secrets.keys("shared").length, 2, "the other key is sent");
    await sweeps(world.workspace, "/secrets/list", 3);
    await world.delete("DatabricksSecret", "keys");
    await world.gone("DatabricksSecret", "keys");
    assert.deepEqual(secrets.keys("shared").map(({ key }) => key), ["password"]);
    assert.equal(text(secrets.value("shared", "password")), "theirs");
  },
);

clusterTest("both ways in the advice about an unmanaged key work", async (world) => {
  const { secrets } = world.workspace;
  secrets.addScope("shared");
  secrets.put("shared", "password", "theirs");
  await world.apply(secret("source", { password: "ours", user: "etl" }));
  await world.apply(keys);
  await world.blocked("DatabricksSecret", "keys", "AlreadyExists");
  await world.apply(secret("source", { user: "etl" }));
  await world.ready("DatabricksSecret", "keys");
  await world.apply(secret("source", { password: "ours", user: "etl" }));
  await world.blocked("DatabricksSecret", "keys", "AlreadyExists");
  assert.equal(text(secrets.value("shared", "password")), "theirs");
  await world.annotate("DatabricksSecret", "keys", "adopt", "true");
  await world.ready("DatabricksSecret", "keys");
  assert.equal(text(secrets.value("shared", "password")), "ours");
});

/** Ways to roll back a status: a restore of etcd, Velero, `kubectl replace --subresource=status`. */
const older: [string, (before: KubeObject["status"]) => Record<string, unknown> | null][] = [
  ["wiped", () => null],
  ["from before the create", (before) => ({ ...before, id: null, workspace: null, parts: null })],
  ["with an id that no longer exists", (before) => ({ ...before, id: "901" })],
];

for (const [state, statusOf] of older) {
  clusterTest(`a status that is ${state} creates no duplicate, needs no person and writes nothing`, async (world) => {
    const { jobs, repos, secrets, credentials, ledger } = world.workspace;
    secrets.addScope("shared");
    await world.apply(secret("source", { personal_access_token: "ghp_one" }));
    const credential = { git_username: "octocat", git_provider: "gitHub" };
    const objects = [
      job("x"),
      clone,
      manifest("DatabricksSecretScope", "own", { scope: { name: "own" } }),
      manifest("GitCredential", "x", { credential, secret_name: "source" }),
      keys,
    ];
    for (const object of objects) await world.apply(object);
    const before = await Promise.all(
      objects.map(({ kind = "", metadata }) => settled(world, kind, metadata.name ?? "")),
    );
    const held = () =>
      JSON.stringify([jobs.ids(), repos.all(), secrets.scopes(), secrets.keys("shared"), credentials.all()]);
    const then = held();
    ledger.clear();
    for (const { kind = "", metadata: { name = "" }, status } of before) {
      await world.kube.patch(pathOf(kind, world.namespace), name, { status: statusOf(status) }, {
        type: "merge",
        subresource: "status",
      });
    }
    for (const { kind = "", metadata: { name = "" }, status } of before) {
      await eventually(`${kind} ${name} is bound again`, async () => {
        const now = await world.get(kind, name);
        return now?.status?.id === status?.id && condition(now, "Ready")?.status === "True" ||
          problem(JSON.stringify(now?.status));
      });
    }
    await sweeps(world.workspace, JOBS, 3);
    assert.equal(held(), then);
    assert.deepEqual(ledger.writes().map(({ method, path }) => `${method} ${path}`), []);
  }, noIngest);
}

/** Waits until an object is Ready and the result of its last write was observed. */
async function settled(world: World, kind: string, name: string): Promise<KubeObject> {
  return await eventually(`${kind} ${name} is settled`, async () => {
    const object = await world.ready(kind, name);
    const baseline = baselineOf(object);
    return baseline?.observed === undefined ? problem(JSON.stringify(baseline)) : object;
  });
}

function text(value: Uint8Array | undefined): string {
  return new TextDecoder().decode(value);
}

clusterTest(
  "a status that was restored to an older one during a downtime creates no duplicate; without a tag a person decides",
  async (world) => {
    const { jobs, repos, secrets, ledger } = world.workspace;
    const objects = [job("x"), clone, manifest("DatabricksSecretScope", "own", { scope: { name: "own" } })];
    const first = await world.startOperator();
    for (const object of objects) await world.apply(object);
    for (const { kind = "", metadata: { name = "" } } of objects) await settled(world, kind, name);
    await world.stopOperator(first);
    world.workspace.settle();
    ledger.clear();
    for (const { kind = "", metadata: { name = "" } } of objects) {
      await world.kube.patch(pathOf(kind, world.namespace), name, { status: null }, {
        type: "merge",
        subresource: "status",
      });
    }
    await world.startOperator();
    await world.ready(JOB, "x");
    for (const [kind, name] of [["Repo", "lib"], [SCOPE, "own"]] as const) {
      await world.blocked(kind, name, "AlreadyExists");
      await world.annotate(kind, name, "adopt", "true");
      await world.ready(kind, name);
    }
    assert.deepEqual([jobs.ids().length, repos.all().length, secrets.scopes().length], [1, 1, 1]);
    assert.deepEqual(ledger.writes(), []);
  },
  { ...noIngest, start: false },
);
