/** `status`: what is not Ready, and why, without logs. */
import assert from "node:assert/strict";
import { clusterTest, job, manifest, type World } from "../support/harness.ts";

async function status(world: World, args: readonly string[] = []) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-qA", "--no-check", "src/main.ts", "status", "--kubeconfig", world.kubeconfig],
      ...["--namespace", world.namespace, ...args],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out ?? "", err: err ?? "" };
}

clusterTest("status names what is not Ready with its reason, and nothing else", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  const well = await status(world, ["--exit-code"]);
  assert.deepEqual(well, { code: 0, out: "1 object: 1 Ready, 0 not\n", err: "" });
  const credential = { git_username: "octocat", git_provider: "gitHub" };
  await world.apply(manifest("GitCredential", "github", { credential, secret_name: "nowhere" }));
  const { message } = await world.blocked("GitCredential", "github", "SecretMissing");
  const { code, out } = await status(world, ["--exit-code"]);
  assert.equal(code, 1);
  const [header = "", row = "", summary] = out.split("\n");
  assert.match(header, /^NAMESPACE +KIND +NAME +READY +REASON +MESSAGE$/);
  assert.ok(row.startsWith(world.namespace) && row.endsWith(message), row);
  assert.match(row, / GitCredential +github +False +SecretMissing /);
  assert.equal(summary, "2 objects: 1 Ready, 1 not");
  assert.equal((await status(world)).code, 0);
  assert.equal((await status(world, ["-o", "name"])).out, "gitcredential/github\n");
  const all = JSON.parse((await status(world, ["-o", "json", "--all"])).out) as { name: string; url?: string }[];
  assert.deepEqual(all.map(({ name }) => name).sort(), ["etl", "github"]);
  assert.match(all.find(({ name }) => name === "etl")?.url ?? "", /\/jobs\/\d+$/);
});

clusterTest("status says of an object that nobody works on what to look for", async (world) => {
  await world.apply(job("etl"));
  const { out } = await status(world);
  assert.match(
    out,
    / etl +Unknown +NotReconciled +no operator has worked on it: is one running, .*watch this namespace\?/,
  );
}, { start: false });
