/** Runs the README's quick start literally: real processes, real HTTP, real kubectl. */
import assert from "node:assert/strict";
import { clusterTest, eventually, problem, type World } from "../support/harness.ts";
import { exampleFiles } from "../support/documents.ts";
import { freePort } from "../support/ports.ts";

/** The commands of the README's quick start, on a free port, with examples that use this port. */
async function quickStart(folder: string, port: number): Promise<string> {
  const readme = await Deno.readTextFile("README.md");
  const block = readme.match(/<!-- quick start -->\s*```sh\n([\s\S]*?)```/)?.[1];
  assert.ok(block !== undefined, "README.md has a block of commands after <!-- quick start -->");
  for (const file of await exampleFiles()) {
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(`${folder}/${file.slice("examples/".length)}`, text.replaceAll("8099", String(port)));
  }
  return block.replaceAll("8099", String(port)).replaceAll(/\bexamples\//g, `${folder}/`);
}

/** A copy of the tests' kubeconfig, whose context names the world's namespace. */
async function kubeconfigFor(world: World): Promise<string> {
  const path = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.copyFile(world.kubeconfig, path);
  await world.kubectl(["--kubeconfig", path, "config", "set-context", "--current", `--namespace=${world.namespace}`]);
  return path;
}

clusterTest("the README's quick start works as shown", async (world) => {
  const path = await kubeconfigFor(world);
  // A separate session, so that its background processes can be ended with it.
  const [folder, port] = [await Deno.makeTempDir({ prefix: "examples-" }), freePort()];
  const script = `set -euo pipefail\ntrap 'kill $(jobs -p)' TERM EXIT\n${await quickStart(folder, port)}\nwait`;
  const child = new Deno.Command("bash", {
    args: ["-c", script],
    env: { KUBECONFIG: path, PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    for (
      const [kind, name] of [["DatabricksJob", "word-count"], ["Repo", "reports"], ["DatabricksSecret", "team-secret"]]
    ) {
      await world.ready(kind ?? "", name ?? "");
    }
    const texts = await Promise.all((await exampleFiles()).map((file) => Deno.readTextFile(file)));
    const jobs = texts.flatMap((text) => text.match(/^kind: DatabricksJob$/gm) ?? []).length;
    const listing = await world.kubectl(["get", "databricks"]);
    assert.match(listing, /word-count\s+\S+\s+True/);
    await eventually("the mock shows the calls", async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/_/ledger?count=true`);
      const counts = await answer.json() as Record<string, number>;
      return counts["POST /api/2.2/jobs/create"] === jobs ? true : problem(JSON.stringify(counts));
    });
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await Deno.remove(path);
    await Deno.remove(folder, { recursive: true });
  }
}, { start: false, settings: null, needs: ["kubectl"] });
