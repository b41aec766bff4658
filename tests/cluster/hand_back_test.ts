/** The way back to the predecessor creates nothing twice, whichever variant is used. */
import assert from "node:assert/strict";
import { giveBack } from "../../src/commands/hand_back.ts";
import { clusterTest, job, manifest, notebook, secret, sweeps, type World } from "../support/harness.ts";

const OURS = "databricks-operator/external-resource";
const REMOTE = "databricks-operator/remote_api_resource";
const idle = { start: false };

/** Applies one object of each kind, as the predecessor's users have them. */
async function applyAll(world: World): Promise<[kind: string, name: string][]> {
  await world.apply(secret("github", { personal_access_token: "ghp_1" }));
  await world.apply(secret("team", { password: "p" }));
  const objects = [
    job("etl", { name: "etl" }),
    manifest("GitCredential", "github", {
      credential: { git_username: "octocat", git_provider: "gitHub" },
      secret_name: "github",
    }),
    manifest("Repo", "reports", {
      repository: { path: "/Repos/team/reports", url: "https://github.com/example/reports.git", provider: "gitHub" },
    }),
    manifest("DatabricksSecretScope", "team", { scope: { name: "team-secrets" } }),
    manifest("DatabricksSecret", "team", { scope: "team-secrets", secret_name: "team" }),
  ];
  for (const object of objects) await world.apply(object);
  return objects.map(({ kind = "", metadata: { name = "" } }) => [kind, name]);
}

async function command(world: World, options: { dryRun?: boolean } = {}): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const { kube: client, namespace } = world;
  const lease = { namespace, name: "databricks-kube-operator" };
  const code = await giveBack({ client, namespaces: [namespace], lease, say: (line) => lines.push(line), ...options });
  return { code, said: lines.join("\n") };
}

clusterTest("forward, back and forward again creates nothing twice", async (world) => {
  const operator = await world.startOperator();
  const objects = await applyAll(world);
  const ids = await idsOf(world, objects);
  await world.stopOperator(operator);
  world.workspace.ledger.clear();

  assert.match((await command(world, { dryRun: true })).said, /5 would be given back, 0 refused/);
  assert.deepEqual((await world.get("DatabricksJob", "etl"))?.metadata.finalizers, [OURS], "a dry run writes nothing");

  const { code, said } = await command(world);
  assert.equal(code, 0, said);
  assert.match(said, /5 given back, 0 refused, 0 left/);
  for (const [kind, name] of objects) {
    const { metadata, status } = await world.get(kind, name) ?? { metadata: {} };
    const finalizer = kind === "DatabricksSecret" ? "databricks-operator/remote_secret" : REMOTE;
    assert.deepEqual(metadata.finalizers, [finalizer], kind);
    assert.deepEqual(Object.keys(status ?? {}).filter((field) => field !== "latest_run_state"), [], kind);
  }
  assert.equal(specOf(await world.get("DatabricksJob", "etl")).job?.job_id, BigInt(ids[0] ?? ""));
  assert.match((await command(world)).said, /0 given back, 0 refused, 5 left/, "it can be repeated");
  assert.deepEqual(world.workspace.ledger.calls, [], "Databricks gets no request");

  await world.startOperator();
  assert.deepEqual(await idsOf(world, objects), ids, "each object still has its resource");
  for (const path of ["/jobs/list", "/repos", "/git-credentials", "/secrets/list"]) await sweeps(world.workspace, path);
  const writes = world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`);
  // Values that cannot be read back are sent once; nothing else is written.
  assert.deepEqual(writes.sort(), [`PATCH /api/2.0/git-credentials/${ids[1]}`, "POST /api/2.0/secrets/put"]);
  for (const [kind, name] of objects) {
    assert.deepEqual((await world.get(kind, name))?.metadata.finalizers, [OURS], kind);
  }
}, idle);

clusterTest("after a hand-back and a return the object has the job that the predecessor made", async (world) => {
  const operator = await world.startOperator();
  await world.apply(job("etl", { name: "etl" }));
  const before = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await world.stopOperator(operator);
  assert.equal((await command(world)).code, 0);
  // As if it was deleted in the webapp, and the predecessor had made another and written its id into spec.
  world.workspace.jobs.remove(before);
  const made = world.workspace.jobs.add({ name: "etl", ...notebook() });
  await world.patch("DatabricksJob", "etl", { spec: { job: { job_id: BigInt(made) } } });
  await world.startOperator();
  assert.equal((await world.ready("DatabricksJob", "etl")).status?.id, made);
  await sweeps(world.workspace, "/jobs/list");
  assert.deepEqual(world.workspace.jobs.ids(), [made]);
}, idle);

clusterTest("hand-back stops if an operator, or a shard of it, holds its lease", async (world) => {
  const { namespace } = world;
  const leases = { group: "coordination.k8s.io", version: "v1", plural: "leases", namespace };
  const held = (name: string, holderIdentity: string) => ({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name },
    spec: { holderIdentity, leaseDurationSeconds: 3600, renewTime: new Date().toISOString().replace("Z", "000Z") },
  });
  await world.kube.create(leases, held("databricks-kube-operator", ""));
  assert.equal((await command(world)).code, 0, "a released lease blocks no other replica");
  await world.kube.create(leases, held("databricks-kube-operator-0", ""));
  await world.kube.create(leases, held("databricks-kube-operator-1", "pod-1_x"));
  await assert.rejects(command(world), /databricks-kube-operator-1" is held by "pod-1_x": scale the operator to 0/);
}, idle);

clusterTest("hand-back rejects objects without an id, gives the rest back, and exits with 1", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook() });
  const finalizers = [OURS];
  for (const name of ["etl", "pending"]) {
    const object = job(name);
    await world.create({ ...object, metadata: { ...object.metadata, finalizers } });
  }
  const status = {
    etl: { id },
    pending: { pending: { operation: "create", token: "t", since: "2026-01-01T00:00:00Z", absent: true } },
  };
  for (const [name, value] of Object.entries(status)) {
    const path = {
      group: "com.dstancu.databricks",
      version: "v1",
      plural: "databricksjobs",
      namespace: world.namespace,
    };
    await world.kube.patch(path, name, { status: value }, { subresource: "status" });
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-qA", "src/main.ts", "hand-back", "--kubeconfig", world.kubeconfig],
      ...["--watch-namespaces", world.namespace, "--lease-namespace", world.namespace],
    ],
    stdin: "null",
  });
  const { code, stdout } = await child.output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 1, said);
  assert.match(said, /DatabricksJob \S+\/pending: refused: may have been created without its id being known/);
  assert.match(said, new RegExp(`DatabricksJob \\S+/etl: spec.job.job_id is ${id}`));
  assert.deepEqual((await world.get("DatabricksJob", "pending"))?.metadata.finalizers, [OURS]);
}, idle);

async function idsOf(world: World, objects: readonly [kind: string, name: string][]): Promise<string[]> {
  const bound = await Promise.all(objects.map(([kind, name]) => world.ready(kind, name)));
  return bound.map(({ status }) => String(status?.id));
}

function specOf(object: { spec?: Record<string, unknown> } | undefined): Record<string, Record<string, unknown>> {
  return (object?.spec ?? {}) as Record<string, Record<string, unknown>>;
}

clusterTest(
  "an object with a connection is rejected, and given back after the connection is deleted as the message says",
  async (world) => {
    const operator = await world.startOperator();
    await world.apply(secret("login", { host: world.workspace.host, token: "token" }));
    await world.apply(manifest("DatabricksConnection", "default", { auth: { secret_name: "login" }, ingest: false }));
    await world.apply(job("etl"));
    assert.equal((await world.ready("DatabricksJob", "etl")).status?.connection, "default");
    await world.stopOperator(operator);
    const refused = await command(world);
    assert.equal(refused.code, 1);
    const told =
      /it uses DatabricksConnection "default".* kubectl (delete --wait=false databricksconnection default), and/;
    const [, args = ""] = refused.said.match(told) ?? [];
    await world.kubectl(args.split(" "));
    const { code, said } = await command(world);
    assert.equal(code, 0, said);
    assert.match(said, /DatabricksConnection .*\/default: is gone[\s\S]*1 given back, 0 refused/);
    assert.equal(await world.get("DatabricksConnection", "default"), undefined);
  },
  { ...idle, needs: ["kubectl"] },
);
