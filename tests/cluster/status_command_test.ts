/**
 * `status`, `runs` and `open`: objects that are not Ready and why, the newest runs, and the pages in Databricks,
 * without logs.
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { command } from "../support/command.ts";
import { clusterTest, eventually, job, manifest, problem, type World } from "../support/harness.ts";

function status(world: World, args: readonly string[] = []) {
  return command(world, ["status", ...args]);
}

clusterTest("status lists only objects that are not Ready, with their reasons", async (world) => {
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
  assert.deepEqual(parse((await status(world, ["-o", "yaml", "--all"])).out), all);
  assert.deepEqual(all.map(({ name }) => name).sort(), ["etl", "github"]);
  assert.match(all.find(({ name }) => name === "etl")?.url ?? "", /\/jobs\/\d+$/);
});

clusterTest("status explains what to check for an object that no operator reconciles", async (world) => {
  await world.apply(job("etl"));
  const { out } = await status(world);
  assert.match(
    out,
    / etl +Unknown +NotReconciled +no operator has worked on it: is one running, .*watch this namespace\?/,
  );
}, { start: false });

clusterTest("runs lists the newest runs first, each with its first failed task", async (world) => {
  assert.match((await command(world, ["runs"])).out, /^No runs: create a DatabricksRun/);
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  for (const name of ["first", "second"]) {
    await world.apply(manifest("DatabricksRun", name, { job_ref: { name: "etl" } }));
    const id = await eventually(`${name} is started`, async () => {
      const { status } = await world.get("DatabricksRun", name) ?? {};
      return typeof status?.run_id === "string" ? status.run_id : problem(JSON.stringify(status));
    });
    world.workspace.runs.finish(id, name === "first" ? "FAILED" : "SUCCESS");
    await eventually(`${name} has ended`, async () => {
      const { status } = await world.get("DatabricksRun", name) ?? {};
      return ["Failed", "Succeeded"].includes(String(status?.phase)) || problem(JSON.stringify(status));
    });
  }
  const rows = JSON.parse((await command(world, ["runs", "etl", "-o", "json"])).out) as Record<string, string>[];
  const [row] = parse((await command(world, ["runs", "etl", "-o", "yaml"])).out) as Record<string, string>[];
  assert.deepEqual([row?.name, row?.phase, row?.url], [rows[0]?.name, rows[0]?.phase, rows[0]?.url]);
  assert.deepEqual(rows.map(({ of, phase }) => [of, phase]).sort(), [["etl", "Failed"], ["etl", "Succeeded"]]);
  assert.match(rows.find(({ phase }) => phase === "Failed")?.message ?? "", /^main\b/);
  assert.deepEqual(JSON.parse((await command(world, ["runs", "other", "-o", "json"])).out), []);
  assert.match((await command(world, ["runs", "--limit", "1"])).out, /^NAMESPACE .*\n.* etl /);
});

clusterTest("open prints the page of an object's resource, or says why there is none", async (world) => {
  await world.apply(job("etl"));
  const { status } = await world.ready("DatabricksJob", "etl");
  assert.deepEqual(await command(world, ["open", "dbj/etl", "--print"]), { code: 0, out: `${status?.url}\n`, err: "" });
  await world.apply(manifest("GitCredential", "github", {
    credential: { git_username: "octocat", git_provider: "gitHub" },
    secret_name: "nowhere",
  }));
  await world.blocked("GitCredential", "github", "SecretMissing");
  const none = await command(world, ["open", "gitcred/github", "--print"]);
  assert.equal(none.code, 2);
  assert.match(none.err, /has no page in Databricks yet: .*Secret ".*nowhere" does not exist/);
  assert.match((await command(world, ["open", "etl"])).err, /names no object: write <kind>\/<name>/);
});
