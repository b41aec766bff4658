/** A backup that is restored into another cluster takes over the resources in Databricks, and creates nothing. */
import assert from "node:assert/strict";
import { clusterTest, job, manifest, secret, sweeps, type World } from "../support/harness.ts";

const KINDS: [kind: string, name: string][] = [
  ["DatabricksJob", "etl"],
  ["GitCredential", "github"],
  ["Repo", "reports"],
  ["DatabricksSecretScope", "team"],
  ["DatabricksSecret", "team"],
];

clusterTest(
  "an export restored elsewhere takes over each resource, twice, and creates nothing",
  async (world) => {
    let operator = await world.startOperator();
    await world.apply(job("etl", { name: "etl", tags: { team: "data" } }));
    await applySecrets(world, world.namespace);
    const credential = { git_username: "octocat", git_provider: "gitHub" };
    await world.apply(manifest("GitCredential", "github", { credential, secret_name: "github" }));
    const repository = {
      path: "/Repos/team/reports",
      url: "https://github.com/example/reports.git",
      provider: "gitHub",
    };
    await world.apply(manifest("Repo", "reports", { repository }));
    await world.apply(manifest("DatabricksSecretScope", "team", { scope: { name: "team-secrets" } }));
    await world.apply(manifest("DatabricksSecret", "team", { scope: "team-secrets", secret_name: "team" }));
    const ids = await idsIn(world, world.namespace);
    let [from, to] = ["", world.namespace];
    for (const suffix of ["second", "third"]) {
      [from, to] = [to, await world.addNamespace(suffix)];
      const backup = await exported(world, from);
      // The old cluster and its operator are gone.
      await world.stopOperator(operator);
      world.workspace.ledger.clear();
      await world.connect({ namespace: to, settings: { ingest: "false" } });
      await applySecrets(world, to);
      operator = await world.startOperator({ namespaces: [to] });
      // Applied with kubectl, as people do, and because it keeps ids exact.
      await world.kubectl(["apply", "--namespace", to, "-f", "-"], {
        input: backup.replaceAll(`: ${from}\n`, `: ${to}\n`),
      });
      assert.deepEqual(await idsIn(world, to), ids);
      for (const path of ["/jobs/list", "/repos", "/git-credentials", "/secrets/list"]) {
        await sweeps(
          world.workspace,
          path,
        );
      }
      const writes = world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`);
      assert.deepEqual(writes.sort(), [`PATCH /api/2.0/git-credentials/${ids[1]}`, "POST /api/2.0/secrets/put"]);
    }
    await world.patch("DatabricksJob", "etl", {
      metadata: { annotations: { "databricks-operator/deletion-policy": "retain" } },
    }, to);
    await world.delete("DatabricksJob", "etl", to);
    await world.gone("DatabricksJob", "etl", to);
    assert.deepEqual(
      world.workspace.jobs.get(ids[0] ?? "")?.settings.tags,
      { team: "data" },
      "a retained job has no tag left",
    );
  },
  { start: false, settings: { ingest: "false" } },
);

clusterTest("a copy with the UID of a live object gets none of its resources", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  const copy = (await exported(world, world.namespace)).replace("name: etl", "name: copy");
  await world.kubectl(["apply", "-f", "-"], { input: copy });
  await world.blocked("DatabricksJob", "copy", "HeldByAnother");
  assert.equal(world.workspace.jobs.ids().length, 1);
}, { settings: { ingest: "false" }, needs: ["kubectl"] });

async function applySecrets(world: World, namespace: string): Promise<void> {
  await world.apply(secret("github", { personal_access_token: "ghp_1" }), namespace);
  await world.apply(secret("team", { password: "p" }), namespace);
}

async function idsIn(world: World, namespace: string): Promise<string[]> {
  const objects = await Promise.all(KINDS.map(([kind, name]) => world.ready(kind, name, namespace)));
  return objects.map(({ status }) => String(status?.id));
}

async function exported(world: World, namespace: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "src/main.ts", "export", "--kubeconfig", world.kubeconfig, "--watch-namespaces", namespace],
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
