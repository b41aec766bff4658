/** docs/approve.md: its commands make a change wait, show it, approve it, and have drift reported. */
import assert from "node:assert/strict";
import { annotations } from "../../src/reconcile/object/status.ts";
import { APPLY_POLICIES } from "../../src/reconcile/object/policies.ts";
import { allMetrics } from "../../tools/observability.ts";
import { clusterTest, condition, eventually, job, type World } from "../support/harness.ts";
import { stepsOf } from "../support/documents.ts";
import { planOf, settled } from "../support/plans.ts";

const page = await Deno.readTextFile("docs/approve.md");

/** Runs commands like a person whose context names the world's namespace. */
async function run({ kubeconfig, namespace }: World, commands: string): Promise<string> {
  const chosen = `kubectl() { command kubectl --kubeconfig "${kubeconfig}" --namespace "${namespace}" "$@"; }\n`;
  const shell = new Deno.Command("bash", { args: ["-ceu", chosen + commands], stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await shell.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, err);
  return out ?? "";
}

clusterTest("the commands of docs/approve.md make a change wait, show it and approve it", async (world) => {
  const [wait, approve, report, ...others] = stepsOf(page).map(({ commands }) => commands);
  assert.deepEqual(others, []);
  await run(world, wait ?? "");
  await world.apply(job("etl"));
  const { digest, summary } = await planOf(world, "etl");
  const shown = await run(world, approve ?? "");
  assert.ok(shown.includes(summary), shown);
  assert.ok(shown.includes(digest), shown);
  const { status } = await settled(world, "etl");
  assert.equal((status?.approved as { annotation: string }).annotation, `${digest} by Ann`);
  await run(world, report ?? "");
  world.workspace.jobs.edit(String(status?.id), (settings) => void (settings.timeout_seconds = 99));
  await eventually("drift is shown", async () => condition(await world.get("DatabricksJob", "etl"), "Drifted"));
}, { settings: { ingest: "false" }, needs: ["kubectl"] });

Deno.test("docs/approve.md names every policy, and only existing annotations and metrics", () => {
  for (const policy of APPLY_POLICIES) assert.match(page, new RegExp(`^\\| \`${policy}\``, "m"));
  const known: readonly string[] = Object.values(annotations);
  const named = [...page.matchAll(/databricks-operator\/[a-z-]+/g)].map(([name]) => name);
  assert.deepEqual(named.filter((name) => !known.includes(name)), []);
  const metrics = new Set(allMetrics().describe().map(({ name }) => name));
  const told = [...page.matchAll(/databricks_\w+/g)].map(([name]) => name);
  assert.deepEqual(told.filter((name) => !metrics.has(name)), []);
});
