/** `plan -f` and `diff -f` show what applying files would change, with the code that applies it, and write nothing. */
import assert from "node:assert/strict";
import { diffsOf, markdownOf, summaryOf, textOf } from "../../src/commands/plan/show.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { clusterTest, job, manifest, notebook, secret } from "../support/harness.ts";
import { ON_APPROVAL, planOf, settled, writes } from "../support/plans.ts";
import { AUTO, call, existing, planned, plans, run } from "../support/planning.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const KIND = "DatabricksJob";
const WAITING = { ...AUTO, ...ON_APPROVAL };

clusterTest("offline, a missing job is planned to be created, and nothing is written", async (world) => {
  const { code, out, err } = await run(world, [job("etl", { timeout_seconds: 60 })], { isOffline: true });
  assert.equal(err, "");
  assert.match(out, new RegExp(`^\\+ DatabricksJob ${world.namespace}/etl: create by manifest$`, "m"));
  assert.match(out, /^ {4}\+ timeout_seconds: 60$/m);
  assert.match(out, /^Plan for http\S+: 1 to create$/m);
  assert.equal(code, 2);
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest(
  "the digest of plan approves the object in the cluster, in the same commit as the change",
  async (world) => {
    await world.startOperator({ allowLoopback: true });
    const [create] = await planned(world, [job("etl", { timeout_seconds: 60 })]);
    assert.deepEqual([create?.action, create?.approval], ["create", "needed"]);
    await world.apply(job("etl", { timeout_seconds: 60 }, { approve: String(create?.digest) }));
    await settled(world, "etl");
    assert.deepEqual(writes(world), ["POST /api/2.2/jobs/create"]);

    const edit = job("etl", { timeout_seconds: 70 });
    const [update] = await planned(world, [edit]);
    assert.deepEqual(update?.changes, [{ path: "timeout_seconds", from: 60, to: 70, reason: "manifest" }]);
    const approved = job("etl", { timeout_seconds: 70 }, { approve: `${update?.digest} by Ann` });
    const [given] = await planned(world, [approved]);
    assert.deepEqual([given?.digest, given?.approval], [update?.digest, "given"]);
    await world.apply(edit);
    assert.equal((await planOf(world, "etl")).digest, update?.digest);
    await world.apply(approved);
    await settled(world, "etl");
    assert.deepEqual(writes(world), ["POST /api/2.2/jobs/create", "POST /api/2.2/jobs/reset"]);
  },
  WAITING,
);

clusterTest("an applied manifest shows no difference, whatever Databricks adds", async (world) => {
  const object = job("etl", { ...notebook("/Shared/load"), timeout_seconds: 60 });
  await existing(world, object);
  for (const isOffline of [false, true]) {
    const all = await plans(world, [object], { isOffline });
    assert.equal(summaryOf(all), "1 unchanged", textOf(all));
    assert.equal(diffsOf(all), "");
  }
  assert.deepEqual(writes(world), []);
}, { ...AUTO, mock: { ...AUTO.mock, serverFields: { performance_target: "STANDARD", new_field: { a: 1 } } } });

clusterTest("with the cluster an edit and drift are distinguished, and both are shown", async (world) => {
  const id = await existing(world, job("etl", { timeout_seconds: 60, max_concurrent_runs: 1 }));
  await world.stopOperators();
  world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
  const [one] = await planned(world, [job("etl", { timeout_seconds: 70, max_concurrent_runs: 1 })]);
  assert.deepEqual([one?.action, one?.cause, one?.resource], ["update", "manifest", `job ${id}`]);
  const told = one?.changes.map(({ path, from, to }) => `${path} ${from} ${to}`).sort();
  assert.deepEqual(told, ["max_concurrent_runs 9 1", "timeout_seconds 60 70"]);
  const [offline] = await planned(world, [job("etl", { timeout_seconds: 70, max_concurrent_runs: 1 })], {
    isOffline: true,
  });
  assert.equal(offline?.action, "update");
  assert.equal(offline?.digest, undefined);
  assert.match(offline?.notes.join() ?? "", /assumption.*no digest: .*add --kubeconfig/);
  const { out } = await run(world, [job("etl", { timeout_seconds: 70, max_concurrent_runs: 1 })], { command: "diff" });
  assert.match(out, new RegExp(`^--- Databricks: job ${id}\n\\+\\+\\+ job.yaml:1: DatabricksJob .*/etl\n`));
  assert.match(out, /^@@ timeout_seconds @@\n-60\n\+70$/m);
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest(
  "a reference to a missing object is known after apply, and to an existing one it is its id",
  async (world) => {
    const load = job("load");
    const all = job("all", { tasks: [{ task_key: "a", run_job_task: { job_ref: { name: "load" } } }] });
    for (const isOffline of [false, true]) {
      const [one, other] = await planned(world, [all, load], { isOffline });
      assert.deepEqual([one?.action, other?.action], ["create", "create"]);
      assert.match(stringifyJson(one?.changes), /"job_id":"\(known after apply: DatabricksJob [^"]*\/load\)"/);
      assert.equal(one?.digest, undefined);
      assert.match(one?.notes.join() ?? "", /no digest: known after apply: DatabricksJob .*\/load/);
      assert.notEqual(other?.digest, undefined);
    }
    const [beside] = await planned(world, [all], { isOffline: true });
    assert.match(stringifyJson(beside?.changes), /"job_id":"\(the id of DatabricksJob [^"]*\/load\)"/);
    const id = await existing(world, load);
    const [resolved, same] = await planned(world, [all, load]);
    assert.equal(same?.result, "unchanged");
    assert.match(stringifyJson(resolved?.changes), new RegExp(`"job_id":${id}\\D`));
    assert.notEqual(resolved?.digest, undefined);
    const [alone] = await planned(world, [all]);
    assert.equal(alone?.digest, resolved?.digest);
    assert.deepEqual(writes(world), []);
  },
  AUTO,
);

clusterTest("invalid input is rejected with file, object, field and remedy, and with exit code 1", async (world) => {
  const cases: [objects: (KubeObject | string)[], why: RegExp][] = [
    [["kind: ["], /^job\.yaml:1: /],
    [
      [{ ...job("etl"), kind: "DatabricksJib" }],
      /job\.yaml:1: .*there is no kind "DatabricksJib": did you mean Databricks/,
    ],
    [[job("etl", { timeout_seconds: "soon" })], /DatabricksJob .*\/etl: spec\.job\.settings\.timeout_seconds: /],
    [[job("etl"), job("etl")], /DatabricksJob .*\/etl: stands in job\.yaml:1 too: keep one of the two/],
    [[secret("a", {})], /there is no object of com\.dstancu\.databricks in it: name the files that hold some/],
  ];
  for (const [objects, why] of cases) {
    const { code, out, err } = await run(world, objects, { isOffline: true });
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, why);
  }
  const refused = await run(world, [job("etl")], { isOffline: true, token: "expired" });
  assert.equal(refused.code, 1);
  assert.match(
    refused.err,
    /^Cannot sign in to workspace "http:\/\/plan\.localhost" by the environment: .*--profile$/m,
  );
  assert.ok(!refused.err.includes("expired"));
  const missing = await run(world, [], { isOffline: true, args: ["-f", "nowhere.yaml"] });
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^nowhere\.yaml:1: No such file/m);
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest(
  "an object that the operator would reject is a failure with the operator's message, beside the plans of others",
  async (world) => {
    const existing = job("report");
    const { code, out } = await run(world, [
      manifest("GitCredential", "github", {
        credential: { git_username: "octocat", git_provider: "gitHub" },
        secret_name: "nowhere",
      }),
      existing,
    ]);
    assert.equal(code, 1);
    assert.match(
      out,
      /^! job\.yaml:1: GitCredential .*\/github: spec\.secret_name: Secret ".*" does not exist: create it$/m,
    );
    assert.match(out, /^\+ DatabricksJob .*\/report: create by manifest$/m);
    assert.match(out, /: 1 to create, 1 failed$/m);
  },
  AUTO,
);

clusterTest(
  "an adoption is planned with its changes, and the comment of a pull request shows it",
  async (world) => {
    const { job_id } = await call(world, "/api/2.2/jobs/create", { name: "etl", timeout_seconds: 60 });
    const spec = { job: { job_id, settings: { name: "etl", description: "`x` <b>@all</b>", timeout_seconds: 70 } } };
    const object = manifest(KIND, "etl", spec, { adopt: "true" });
    world.workspace.settle();
    world.workspace.ledger.clear();
    const [one] = await planned(world, [object]);
    assert.deepEqual([one?.action, one?.resource], ["adopt", `job ${job_id}`]);
    const out = markdownOf(await plans(world, [object]));
    assert.match(out, /^<!-- databricks-kube-operator plan -->\n### Databricks: 1 to adopt\n/);
    assert.match(out, /^```diff\n[\s\S]*^@@ timeout_seconds @@\n-60\n\+70\n[\s\S]*^```$/m);
    assert.deepEqual(writes(world), []);
    await world.configure({ ...ON_APPROVAL.settings });
    await world.startOperator({ allowLoopback: true });
    await world.apply(object);
    assert.equal((await planOf(world, "etl")).digest, one?.digest);
  },
  AUTO,
);
