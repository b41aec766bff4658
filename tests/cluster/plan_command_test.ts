/** `plan -f` and `diff -f`: what applying files would change, by the code that applies it, without writing anything. */
import assert from "node:assert/strict";
import { serve } from "../../mock/databricks/serve.ts";
import { parseJson, stringifyJson } from "../../src/base/json.ts";
import { type ClusterState, clusterState } from "../../src/commands/plan/cluster_state.ts";
import { offline, plansOf } from "../../src/commands/plan/plan.ts";
import type { Planned } from "../../src/commands/plan/planned.ts";
import { diffsOf, jsonOf, markdownOf, type Plans, summaryOf, textOf } from "../../src/commands/plan/show.ts";
import { readSubjects } from "../../src/commands/plan/subjects.ts";
import { DEFAULT_CONFIG_MAP } from "../../src/reconcile/connect/settings.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import {
  clusterTest,
  job,
  manifest,
  notebook,
  pathOf,
  secret,
  type World,
  type WorldOptions,
} from "../support/harness.ts";
import { resources } from "../../src/resources/mod.ts";
import { ON_APPROVAL, planOf, settled, writes } from "../support/plans.ts";

const KIND = "DatabricksJob";
/** The token that worlds sign in with. */
const TOKEN = "token";
/** A workspace by a name that only the proxy of the command resolves, and that the objects' status has, too. */
const AUTO = {
  mock: { host: "http://plan.localhost" },
  settings: { ingest: "false" },
  start: false,
} satisfies WorldOptions;
const WAITING = { ...AUTO, ...ON_APPROVAL };

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command over objects in a file, or over files; with the cluster unless `isOffline`. */
async function run(
  world: World,
  objects: readonly (KubeObject | string)[],
  { command = "plan", args = [], isOffline = false, token = TOKEN }: {
    readonly command?: "plan" | "diff";
    readonly args?: readonly string[];
    readonly isOffline?: boolean;
    readonly token?: string;
  } = {},
): Promise<Ran> {
  await using served = await serve(world.workspace);
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    file,
    objects.map((one) => typeof one === "string" ? one : stringifyJson(one)).join("\n---\n"),
  );
  const cluster = isOffline ? ["--no-cluster"] : ["--kubeconfig", world.kubeconfig];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-qA", "--no-check", "src/main.ts", command, "-f", file, "--namespace", world.namespace],
      ...cluster,
      ...args,
    ],
    env: {
      ...{ DATABRICKS_HOST: world.workspace.host, DATABRICKS_TOKEN: token, HOME: "/nonexistent", NO_COLOR: "1" },
      ...{ HTTP_PROXY: served.url, NO_PROXY: "127.0.0.1" },
    },
    stdin: "null",
  }).output();
  await Deno.remove(file);
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out.replaceAll(file, "job.yaml"), err: err.replaceAll(file, "job.yaml") };
}

/** What the command makes of the same, in this process. */
async function plans(
  { kube, namespace, workspace }: World,
  objects: readonly KubeObject[],
  { isOffline = false, state = clusterState(kube, DEFAULT_CONFIG_MAP) }: {
    readonly isOffline?: boolean;
    readonly state?: ClusterState;
  } = {},
): Promise<Plans> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(file, objects.map((one) => stringifyJson(one)).join("\n---\n"));
  const subjects = await readSubjects([file], namespace);
  await Deno.remove(file);
  assert.deepEqual(subjects.problems, []);
  return await plansOf(subjects, {
    cluster: isOffline ? offline : { state, namespace, isAsked: true },
    profile: { keys: { host: workspace.host, token: TOKEN }, from: "the test" },
    transport: () => workspace.transport,
    timeoutMs: 60_000,
  });
}

async function planned(...args: Parameters<typeof plans>): Promise<readonly Planned[]> {
  return (await plans(...args)).objects;
}

/** Starts the operator, applies a job, and waits until it is in Databricks. */
async function existing(world: World, object: KubeObject): Promise<string> {
  await world.startOperator({ allowLoopback: true });
  await world.apply(object);
  const { status } = await settled(world, String(object.metadata.name));
  world.workspace.ledger.clear();
  return String(status?.id);
}

clusterTest("offline, a job that is not there is planned to be created, and nothing is written", async (world) => {
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

clusterTest("a manifest that is applied shows no difference, whatever Databricks adds by itself", async (world) => {
  const object = job("etl", { ...notebook("/Shared/load"), timeout_seconds: 60 });
  await existing(world, object);
  for (const isOffline of [false, true]) {
    const all = await plans(world, [object], { isOffline });
    assert.equal(summaryOf(all), "1 unchanged", textOf(all));
    assert.equal(diffsOf(all), "");
  }
  assert.deepEqual(writes(world), []);
}, { ...AUTO, mock: { ...AUTO.mock, serverFields: { performance_target: "STANDARD", new_field: { a: 1 } } } });

clusterTest("an edit and somebody's change are told apart with the cluster, and both are shown", async (world) => {
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
  "a reference to what is not there yet is known after apply, and to what is there it is its id",
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

clusterTest("a value of a Secret is never shown, whoever knows it", async (world) => {
  const CANARY = "hunter2-canary";
  const credential = manifest("GitCredential", "github", {
    credential: { git_username: "octocat", git_provider: "gitHub" },
    secret_name: "git",
  });
  const scope = manifest("DatabricksSecret", "keys", { scope: "team", secret_name: "git" });
  await call(world, "/api/2.0/secrets/scopes/create", { scope: "team" });
  world.workspace.settle();
  world.workspace.ledger.clear();
  const told: string[] = [];
  const say = async (objects: readonly KubeObject[], isOffline: boolean) => {
    const all = await plans(world, objects, { isOffline });
    for (const shown of [textOf, jsonOf, markdownOf, diffsOf]) told.push(shown(all));
  };
  await say([credential, scope], true);
  await say([credential, secret("git", { personal_access_token: CANARY })], true);
  await world.apply(secret("git", { personal_access_token: CANARY }));
  await say([credential, scope], false);
  assert.match(told.join("\n"), /GitCredential .*\/github: create/);
  assert.match(told.join("\n"), /\+ keys\[personal_access_token\]: "\*\*\*"/);
  assert.ok(!told.join("\n").includes(CANARY));
  assert.ok(!told.join("\n").includes(btoa(CANARY)));
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest("bad input is refused with file, object, field and the way out, and with exit code 1", async (world) => {
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
  "what the operator would refuse is a failure with its words, beside the plans of the others",
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
  "an adoption is planned with what it would change, and the comment of a pull request shows it",
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

clusterTest("an object in another workspace is not planned in this one", async (world) => {
  await existing(world, job("etl"));
  await world.stopOperators();
  await world.kube.patch(pathOf(KIND, world.namespace), "etl", { status: { workspace: "https://other.example.com" } }, {
    subresource: "status",
  });
  const [one] = await planned(world, [job("etl", { timeout_seconds: 70 })]);
  assert.equal(one?.result, "failed");
  assert.match(
    one?.message ?? "",
    /is in workspace "https:\/\/other\.example\.com", and you are signed in to "http:\/\/plan\.localhost"/,
  );
}, AUTO);

clusterTest(
  "the settings of the connection that an object names count for its plan, and its Secret is not read",
  async (world) => {
    await world.apply(secret("far-api", { databricks_url: world.workspace.host, access_token: TOKEN }));
    const spec = { auth: { secret_name: "far-api" }, apply: "on-approval", ingest: false };
    await world.apply(manifest("DatabricksConnection", "far", spec));
    await world.startOperator({ allowLoopback: true });
    const object = job("etl", { timeout_seconds: 60 });
    const placed = { ...object, spec: { ...object.spec, connection: "far" } };
    const [one] = await planned(world, [placed]);
    assert.equal(one?.approval, "needed");
    await world.apply(placed);
    assert.equal((await planOf(world, "etl")).digest, one?.digest);
    const [other] = await planned(world, [job("near", { timeout_seconds: 60 })]);
    assert.equal(other?.approval, "not needed");
  },
  AUTO,
);

clusterTest(
  "two objects that ask for one name in Databricks are not both planned, where there is one of a name",
  async (world) => {
    const warehouse = (name: string) =>
      manifest("DatabricksSQLWarehouse", name, {
        warehouse: { name: "shared", cluster_size: "Small", auto_stop_mins: 10 },
      });
    const [one, other] = await planned(world, [warehouse("a"), warehouse("b")], { isOffline: true });
    assert.equal(one?.action, "create");
    assert.equal(other?.result, "failed");
    assert.match(
      other?.message ?? "",
      /asks for the SQL warehouse "shared", as .*\/a \(.*:1\) does, .*: change one of the two/,
    );
    const jobs = await planned(world, [job("a", { name: "same" }), job("b", { name: "same" })], { isOffline: true });
    assert.deepEqual(jobs.map(({ action }) => action), ["create", "create"]);
  },
  AUTO,
);

clusterTest("what is paused, and drift that is only reported, is no change, and the plan says why", async (world) => {
  const id = await existing(world, job("etl", { timeout_seconds: 60 }));
  await world.stopOperators();
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 99));
  const [paused] = await planned(world, [job("etl", { timeout_seconds: 70 }, { paused: "true" })]);
  assert.deepEqual([paused?.result, paused?.changes], ["unchanged", []]);
  assert.match(paused?.message ?? "", /while annotation databricks-operator\/paused is "true"/);
  const [reported] = await planned(world, [job("etl", { timeout_seconds: 60 }, { drift: "report" })]);
  assert.equal(reported?.result, "unchanged");
  assert.match(reported?.message ?? "", /timeout_seconds from 99 to 60; it is not set back, since drift is "report"/);
  const [corrected] = await planned(world, [job("etl", { timeout_seconds: 60 })]);
  assert.deepEqual([corrected?.result, corrected?.cause], ["change", "drift"]);
  assert.deepEqual(writes(world), []);
}, AUTO);

clusterTest(
  "a Secret that may not be read is no rotation, and what is to be read is asked of no other object",
  async (world) => {
    const credential = manifest("GitCredential", "github", {
      credential: { git_username: "octocat", git_provider: "gitHub" },
      secret_name: "git",
    });
    await world.apply(secret("git", { personal_access_token: "ghp" }));
    await world.startOperator({ allowLoopback: true });
    await world.apply(credential);
    await world.ready("GitCredential", "github");
    await world.apply(job("beside"));
    await settled(world, "beside");
    await world.stopOperators();
    world.workspace.ledger.clear();
    const state = clusterState(world.kube, DEFAULT_CONFIG_MAP);
    const all = await plans(world, [credential], { state: { ...state, secret: () => Promise.resolve("unreadable") } });
    assert.equal(summaryOf(all), "1 unchanged", textOf(all));
    assert.match(textOf(all), /Secret "git" was not read, so its values are not compared/);
    const paths = world.workspace.ledger.calls.map(({ path }) => path);
    assert.deepEqual(paths.filter((path) => path.includes("/jobs/")), []);
    await world.apply(secret("git", { personal_access_token: "another" }));
    const [rotated] = await planned(world, [credential]);
    assert.deepEqual([rotated?.action, rotated?.cause], ["update", "rotation"]);
    assert.ok(!stringifyJson(rotated).includes("another"));
  },
  { ...AUTO, start: false },
);

clusterTest(
  "no example of any kind makes plan write, fail for its own reasons, or end without an answer",
  async (world) => {
    const examples = [...exampleObjects()];
    const all = await planned(world, examples, { isOffline: true });
    assert.equal(all.length, examples.length);
    const failures = all.filter(({ result, message = "" }) => result === "failed" && /in time|defect/.test(message));
    assert.deepEqual(failures, []);
    assert.deepEqual(writes(world), []);
  },
  AUTO,
);

/** One object of each example of each kind, with a name of its own. */
function* exampleObjects(): Generator<KubeObject> {
  for (const { kind, examples } of resources) {
    for (const [index, { spec }] of examples.entries()) {
      yield manifest(kind, `${kind.toLowerCase()}-${index}`, spec as Record<string, unknown>);
    }
  }
}

/** A call as a person's program makes it. */
async function call({ workspace }: World, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const request = new Request(`${workspace.host}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return parseJson(await (await workspace.fetch(request)).text() || "{}") as Record<string, unknown>;
}
