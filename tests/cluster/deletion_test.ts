/**
 * Deletions are complete and correct: nothing is left behind, and nothing is deleted that should stay, whatever else is
 * deleted at the same time.
 */
import assert from "node:assert/strict";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clusterTest, eventually, job, manifest, problem, secret, sweeps, type World } from "../support/harness.ts";

const API_SECRET = "databricks-api-secret";
const SETTINGS = "databricks-kube-operator";
const FINALIZER = "databricks-operator/external-resource";
/** The kinds of {@link applyAll}, which creates one object of each. */
const KINDS = ["DatabricksJob", "GitCredential", "Repo", "DatabricksSecret", "DatabricksSecretScope"];

async function applyAll(world: World): Promise<void> {
  const credential = { git_username: "octocat", git_provider: "gitHub" };
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub" };
  world.workspace.secrets.addScope("team");
  await world.apply(secret("source", { personal_access_token: "ghp_one" }));
  await world.apply(job("x"));
  await world.apply(manifest("GitCredential", "x", { credential, secret_name: "source" }));
  await world.apply(manifest("Repo", "x", { repository }));
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "own" } }));
  await world.apply(manifest("DatabricksSecret", "x", { scope: "team", secret_name: "source" }));
  for (const kind of KINDS) await world.ready(kind, "x");
}

/** Counts the resources of {@link applyAll} that are left. */
function left({ jobs, credentials, repos, secrets }: MockWorkspace): number[] {
  const lists = [jobs.ids(), credentials.all(), repos.all(), secrets.keys("team")];
  return [...lists.map(({ length }) => length), secrets.scopes().length - 1];
}

/** Stops the operator, deletes its credentials, and starts another, which does not know them. */
async function restartWithout(world: World, operator: Awaited<ReturnType<World["startOperator"]>>): Promise<void> {
  await world.stopOperator(operator);
  await world.delete("Secret", API_SECRET);
  await world.startOperator();
}

clusterTest(
  "objects are deleted although the API Secret, the ConfigMap and source Secrets were deleted just before",
  async (world) => {
    await applyAll(world);
    for (const name of [API_SECRET, "source"]) await world.delete("Secret", name);
    await world.delete("ConfigMap", SETTINGS);
    await Promise.all(KINDS.map((kind) => world.delete(kind, "x")));
    for (const kind of KINDS) await world.gone(kind, "x");
    assert.deepEqual(left(world.workspace), [0, 0, 0, 0, 0]);
  },
);

clusterTest("deleting a namespace deletes all of its resources in Databricks", async (world) => {
  await applyAll(world);
  await world.kube.delete({ group: "", version: "v1", plural: "namespaces" }, world.namespace);
  await eventually("nothing is left", () => {
    const rest = left(world.workspace);
    return rest.every((count) => count === 0) || problem(rest.join());
  });
  for (const kind of KINDS) await world.gone(kind, "x");
});

clusterTest(
  "without credentials since a restart the finalizer stays, and the condition says what to do",
  async (world) => {
    const first = await world.startOperator();
    await applyAll(world);
    await restartWithout(world, first);
    await Promise.all(KINDS.map((kind) => world.delete(kind, "x")));
    for (const kind of KINDS) {
      await eventually(`the message of ${kind} says what to do`, async () => {
        const { message } = await world.blocked(kind, "x", "CredentialsMissing");
        return /^Cannot delete .*: Secret ".*" does not exist: create it .*deletion-policy: retain/.test(message) ||
          problem(message);
      });
      assert.deepEqual((await world.get(kind, "x"))?.metadata.finalizers, [FINALIZER]);
    }
    await world.event("x", "CredentialsMissing");
    assert.deepEqual(left(world.workspace), [1, 1, 1, 1, 1]);
    await world.connect();
    for (const kind of KINDS) await world.gone(kind, "x");
    assert.deepEqual(left(world.workspace), [0, 0, 0, 0, 0]);
  },
  { start: false },
);

clusterTest("without credentials, deletion-policy retain releases objects, as the message says", async (world) => {
  const first = await world.startOperator();
  await applyAll(world);
  await restartWithout(world, first);
  await Promise.all(KINDS.map((kind) => world.delete(kind, "x")));
  for (const kind of KINDS) {
    await world.blocked(kind, "x", "CredentialsMissing");
    await world.annotate(kind, "x", "deletion-policy", "retain");
    await world.gone(kind, "x");
  }
  assert.deepEqual(left(world.workspace), [1, 1, 1, 1, 1]);
}, { start: false });

clusterTest("with the credentials of another workspace, deletion-policy retain releases an object", async (world) => {
  await world.apply(job("x"));
  await world.ready("DatabricksJob", "x");
  await world.apply(secret(API_SECRET, { databricks_url: "https://other.invalid", access_token: "token" }));
  await world.delete("DatabricksJob", "x");
  await eventually("the condition contains the remedy for a deletion", async () => {
    const { message } = await world.blocked("DatabricksJob", "x", "WorkspaceChanged");
    return /or set annotation databricks-operator\/deletion-policy: retain/.test(message) || problem(message);
  });
  await world.annotate("DatabricksJob", "x", "deletion-policy", "retain");
  await world.gone("DatabricksJob", "x");
  assert.equal(world.workspace.jobs.ids().length, 1);
});

for (const [status, reason] of [[403, "PermissionDenied"], [500, "Unavailable"], [503, "Unavailable"]] as const) {
  clusterTest(`a deletion that Databricks rejects with ${status} keeps the finalizer and says so`, async (world) => {
    await applyAll(world);
    const fault = world.workspace.faults.add({ match: /delete|DELETE/, status });
    await Promise.all(KINDS.map((kind) => world.delete(kind, "x")));
    for (const kind of KINDS) {
      const { message } = await world.blocked(kind, "x", reason);
      assert.match(message, /^Cannot delete /);
      assert.deepEqual((await world.get(kind, "x"))?.metadata.finalizers, [FINALIZER]);
    }
    fault.remove();
    for (const kind of KINDS) await world.gone(kind, "x");
    assert.deepEqual(left(world.workspace), [0, 0, 0, 0, 0]);
  }, { settings: { ingest: "false" } });
}

clusterTest("a tag that cannot be removed does not block an object with a retained job", async (world) => {
  await world.apply(job("x", {}, { "deletion-policy": "retain" }));
  await world.ready("DatabricksJob", "x");
  world.workspace.faults.add({ match: "jobs/update", status: 403 });
  await world.delete("DatabricksJob", "x");
  await world.gone("DatabricksJob", "x");
  assert.equal(world.workspace.jobs.ids().length, 1);
});

clusterTest("stopping the operator deletes nothing", async (world) => {
  const operator = await world.startOperator();
  await applyAll(world);
  world.workspace.ledger.clear();
  await world.stopOperator(operator);
  await world.delete("ConfigMap", SETTINGS);
  await world.delete("Secret", API_SECRET);
  await world.startOperator();
  await eventually("the objects report missing settings", async () => {
    await Promise.all(KINDS.map((kind) => world.blocked(kind, "x", "SettingsMissing")));
    return true;
  });
  assert.deepEqual(world.workspace.ledger.writes(), []);
  assert.deepEqual(left(world.workspace), [1, 1, 1, 1, 1]);
}, { start: false });

clusterTest(
  "a deletion searches for the job of an unconfirmed create, and deletes it",
  async (world) => {
    world.workspace.faults.add({ match: "jobs/create", effect: "kept", cut: "before-headers", times: 1 });
    const operator = await world.startOperator();
    await world.apply(job("x"));
    await eventually("the job exists", () => world.workspace.jobs.ids().length === 1);
    await world.delete("DatabricksJob", "x");
    await world.stopOperator(operator);
    await world.startOperator();
    await world.gone("DatabricksJob", "x");
    await sweeps(world.workspace, "/jobs/list", 1);
    assert.deepEqual(world.workspace.jobs.ids(), []);
  },
  { start: false },
);

clusterTest("a confirmed delete is not repeated while only a lagging list shows the job", async (world) => {
  await world.apply(job("x"));
  const id = String((await world.ready("DatabricksJob", "x")).status?.id);
  world.workspace.settle();
  await world.delete("DatabricksJob", "x");
  await world.gone("DatabricksJob", "x");
  const { ledger } = world.workspace;
  const asked = ledger.calls.slice(ledger.calls.findIndex(({ path }) => path.endsWith("/jobs/delete")));
  assert.ok(asked.filter(({ path }) => path.includes("/jobs/get")).length > 2, `the pass waited for it: ${id}`);
  assert.equal(ledger.count("POST", "jobs/delete"), 1);
}, { settings: { ingest: "false" }, mock: { doubts: { listLag: "seconds" }, listLagMs: 2000 } });

clusterTest("a confirmed delete without an effect is repeated", async (world) => {
  await world.apply(job("x"));
  await world.ready("DatabricksJob", "x");
  world.workspace.faults.add({ match: "jobs/delete", status: 200, body: {}, times: 1 });
  await world.delete("DatabricksJob", "x");
  await world.gone("DatabricksJob", "x");
  assert.deepEqual(world.workspace.jobs.ids(), []);
}, { settings: { ingest: "false" } });
