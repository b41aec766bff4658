/** A watched namespace that is deleted on a real API server, with exactly the rights from the chart. */
import assert from "node:assert/strict";
import { KubeError } from "../../src/kubernetes/client.ts";
import { binary as program, needs as cannotCompile } from "../image/binary.ts";
import { eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";
import { DATABRICKS_URL, type Replica } from "../support/replica.ts";
import { SideBySide } from "../support/side_by_side.ts";
import { hasHelm } from "./helm.ts";
import { OTHER, stage, TEAM } from "./stage.ts";

const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
/** The time limit for a namespace to end (ms). */
const END = 15_000;

const binary = Deno.env.get("K3S_BINARY");
const needs = [...hasHelm ? [] : ["HELM_BINARY"], ...binary === undefined ? ["K3S_BINARY"] : []].join(" and ");

const KINDS = ["DatabricksJob", "DatabricksSecretScope", "DatabricksSecret", "GitCredential", "Repo"];

async function applyAll(world: World): Promise<void> {
  await world.apply(secret("values", { personal_access_token: "ghp_x", password: "p" }));
  await world.apply(job("x"));
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }));
  await world.apply(manifest("DatabricksSecret", "x", { scope: "x", secret_name: "values" }));
  const credential = { git_provider: "gitHub", git_username: "octocat" };
  await world.apply(manifest("GitCredential", "x", { credential, secret_name: "values" }));
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub" };
  await world.apply(manifest("Repo", "x", { repository }));
  for (const kind of KINDS) await world.ready(kind, "x");
}

/** Deletes the namespace; returns how long it took to end (ms). */
async function end({ kube }: World, replica: Replica): Promise<number> {
  const begun = performance.now();
  await kube.delete(NAMESPACES, TEAM);
  await eventually("the namespace is gone", async () => {
    const found = await kube.get(NAMESPACES, TEAM).catch((error) => {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    });
    return found === undefined || problem(`${JSON.stringify(found.status)}\n${replica.log}`);
  });
  return performance.now() - begun;
}

/** Two at a time: each has its own control plane, and waits for namespaces to end. */
const tests = new SideBySide(2);

function realTest(name: string, fn: () => Promise<void>): void {
  const ignore = needs !== "";
  tests.test({ name: `${name}${ignore ? ` (needs ${needs})` : ""}`, ignore, fn });
}

const compiled = "a watched namespace that is deleted ends within 15 s under the compiled binary, and leaves nothing";
realTest(`${compiled}${cannotCompile}`, async () => {
  await using stand = await stage();
  // If there is no runtime to compile with, the source is run instead.
  await using replica = await stand.start(cannotCompile === "" ? { binary: program } : {});
  await replica.leads();
  const { world, world: { workspace } } = stand;
  await applyAll(world);
  const ms = await end(world, replica);
  assert.ok(ms < END, `${ms} ms\n${replica.log}`);
  const { jobs, credentials, repos, secrets } = workspace;
  assert.deepEqual([jobs.all(), credentials.all(), repos.all(), secrets.scopes()], [[], [], [], []]);
});

realTest(
  "a namespace with lost credentials can still be deleted, and the log names the resources that stay",
  async () => {
    await using stand = await stage();
    const { world } = stand;
    const first = await stand.start();
    await applyAll(world);
    await first[Symbol.asyncDispose]();
    await world.delete("Secret", "databricks-api-secret");
    await using second = await stand.start();
    await second.leads();
    await world.blocked("DatabricksJob", "x", "CredentialsMissing");
    const [id] = world.workspace.jobs.ids();
    const ms = await end(world, second);
    // Kubernetes checks every eight seconds whether a namespace is empty.
    assert.ok(ms < 3 * END, `${ms} ms\n${second.log}`);
    const said = `Left job ${id} behind in workspace "${DATABRICKS_URL}": namespace "${TEAM}" is being deleted`;
    assert.ok(second.log.includes(said), second.log);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
);

realTest("an operator that starts during the deletion of a watched namespace releases its objects", async () => {
  await using stand = await stage();
  const { world, world: { kube } } = stand;
  const first = await stand.start();
  await applyAll(world);
  await first[Symbol.asyncDispose]();
  await kube.delete(NAMESPACES, TEAM);
  await eventually("its Role is gone", async () => {
    const path = { group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", namespace: TEAM };
    return (await kube.list(path)).items.length === 0;
  });
  await using second = await stand.start();
  // The first one was killed, so its lease has to expire.
  await second.leads();
  const begun = performance.now();
  await eventually(
    "the namespace is gone",
    () => kube.get(NAMESPACES, TEAM).then(() => problem(second.log), () => true),
  );
  assert.ok(performance.now() - begun < END + 10_000, second.log);
  assert.match(second.log, /Left job \d+ behind/);
});

realTest("the rights for deleting namespaces cover only watched namespaces", async () => {
  await using stand = await stage();
  const { world, account } = stand;
  await world.apply(job("x"), OTHER);
  const path = { group: "com.dstancu.databricks", version: "v1", plural: "databricksjobs" };
  const patch = { metadata: { annotations: { "example.com/a": "b" } } };
  await eventually("the policy is in force", async () => {
    const answer = await account.patch({ ...path, namespace: OTHER }, "x", patch, { type: "merge" })
      .catch((error) => error as KubeError);
    return answer instanceof KubeError && /does not watch this namespace/.test(answer.message) ||
      problem(String(answer));
  });
  await world.apply(job("x"));
  await account.patch({ ...path, namespace: TEAM }, "x", patch, { type: "merge" });
  for (const plural of ["secrets", "events"]) {
    await assert.rejects(account.list({ group: "", version: "v1", plural, namespace: OTHER }), /403/);
  }
});
