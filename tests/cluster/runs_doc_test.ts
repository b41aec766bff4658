/**
 * docs/runs.md: every DatabricksRun in it, including those in other manifests, is created, runs and ends as described.
 */
import assert from "node:assert/strict";
import { databricksRun } from "../../src/resources/databricks_run.ts";
import { parse, parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, eventually, job, pathOf, problem, type World } from "../support/harness.ts";
import { end, withPipeline } from "../support/pipeline_runs.ts";

const KIND = "DatabricksRun";
const page = await Deno.readTextFile("docs/runs.md");

/** All manifests of the page. */
const manifests = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].flatMap(([, text = ""]) =>
  parseAllDocuments(text).map((document) => document.toJS() as KubeObject)
);

/** The DatabricksRuns of the page, by the kind that contains them. */
function runs(): { where: string; run: KubeObject }[] {
  return manifests.flatMap((manifest) => {
    if (manifest.kind === KIND) return [{ where: KIND, run: manifest }];
    const texts = stringsIn(manifest).flatMap((text) =>
      text.match(/apiVersion: com\.dstancu[\s\S]*?(?=\nEOF|$)/) ?? []
    );
    return texts.map((text) => ({ where: manifest.kind ?? "", run: parse(filled(text)) as KubeObject }));
  });
}

/** Fills in parameters as other programs do. */
function filled(text: string): string {
  return text.replaceAll("$(params.job)", "nightly").replaceAll("{{workflow.parameters.day}}", "2026-11-28");
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Creates a run as `kubectl create` does, and waits until it has started. */
async function begin(world: World, run: KubeObject): Promise<{ name: string; id: string }> {
  const { metadata } = await world.kube.create(pathOf(KIND, world.namespace), run);
  const name = metadata.name ?? "";
  const id = await eventually(`${name} is started`, async () => {
    const { status } = await world.get(KIND, name) ?? {};
    return typeof status?.run_id === "string" ? status.run_id : problem(JSON.stringify(status));
  });
  return { name, id };
}

Deno.test("docs/runs.md has a run for each program that it mentions", () => {
  assert.deepEqual(runs().map(({ where }) => where), [KIND, KIND, "WorkflowTemplate", KIND, "Task", "ConfigMap"]);
});

clusterTest(
  "every run in docs/runs.md starts once and ends in the phase that Argo Workflows waits for",
  async (world) => {
    await world.apply(job("nightly", { parameters: [{ name: "day", default: "" }], max_concurrent_runs: 10 }));
    await world.ready("DatabricksJob", "nightly");
    await withPipeline(world);
    for (const { run } of runs()) {
      const { name, id } = await begin(world, run);
      if (run.spec?.pipeline_ref === undefined) world.workspace.runs.finish(id);
      else end(world, id, "COMPLETED");
      await eventually(`${name} has ended`, async () => {
        const { status } = await world.get(KIND, name) ?? {};
        return (status?.phase === "Succeeded" && status.final === true) || problem(JSON.stringify(status));
      });
    }
    assert.equal(world.workspace.runs.list().length, runs().length - 1, "all except the update of a pipeline");
    const [template] = manifests.filter(({ kind }) => kind === "WorkflowTemplate");
    const conditions = stringsIn(template).filter((text) => text.startsWith("status.phase"));
    assert.deepEqual(conditions, [
      "status.phase == Succeeded",
      "status.phase in (Failed, Cancelled, Skipped, Unknown)",
    ]);
  },
);

clusterTest(
  "the wait commands of docs/runs.md end with the run, and distinguish success from failure",
  async (world) => {
    await world.apply(job("nightly", { parameters: [{ name: "day", default: "" }], max_concurrent_runs: 10 }));
    const task = runs().find(({ where }) => where === "Task")?.run as KubeObject;
    const [good, bad] = [await begin(world, task), await begin(world, task)];
    world.workspace.runs.finish(good.id);
    world.workspace.runs.finish(bad.id, "FAILED");
    const wait = (name: string, what: string, timeout: string) =>
      world.kubectl(["wait", `databricksrun/${name}`, `--for=${what}`, `--timeout=${timeout}`]);
    for (const { name } of [good, bad]) await wait(name, "jsonpath={.status.final}=true", "30s");
    await wait(good.name, "condition=Complete", "0");
    await wait(bad.name, "condition=Failed", "0");
    await assert.rejects(wait(bad.name, "condition=Complete", "0"));
    await world.kubectl([
      ...["patch", "databricksrun", bad.name, "--type=merge"],
      ...["--patch", '{"spec": {"repair": {"attempt": 1}}}'],
    ]);
    await eventually(
      "it is repaired",
      () => world.workspace.runs.get(bad.id)?.repairs.length === 1 || problem("not yet"),
    );
    world.workspace.runs.finish(bad.id);
    await wait(bad.name, "condition=Complete", "30s");
  },
  { needs: ["kubectl"] },
);

Deno.test("the manifests for other programs in docs/runs.md are those of examples/runs", async () => {
  const files = [];
  for await (const { name } of Deno.readDir("examples/runs")) files.push(name);
  for (const name of files.filter((name) => name !== "generate-name.yaml")) {
    const [head, ...lines] = (await Deno.readTextFile(`examples/runs/${name}`)).split("\n");
    assert.match(head ?? "", /^# /);
    assert.ok(page.includes("```yaml\n" + lines.join("\n") + "```"), name);
  }
  assert.equal(files.length, 5);
});

clusterTest("kubectl create with generateName starts another run each time", async (world) => {
  await world.apply(job("nightly", { max_concurrent_runs: 10 }));
  await world.ready("DatabricksJob", "nightly");
  const input = await Deno.readTextFile("examples/runs/generate-name.yaml");
  for (const count of [1, 2]) {
    await world.kubectl(["create", "-f", "-"], { input });
    await eventually(`${count} runs`, () => world.workspace.runs.list().length === count || problem("not yet"));
  }
}, { needs: ["kubectl"] });

Deno.test("the screen of docs/runs.md has the columns that kubectl prints for a run", () => {
  const [, screen = ""] = page.match(/```text\n(NAME [^`]*)```/) ?? [];
  const [head = "", ...rows] = screen.trim().split("\n");
  const columns = databricksRun.printerColumns.filter(({ priority = 0 }) => priority === 0).map(({ name }) => name);
  assert.deepEqual(head.split(/ {2,}/), ["NAME", ...columns.map((name) => name.toUpperCase())]);
  const at = head.indexOf("PHASE");
  assert.deepEqual(rows.map((row) => row.slice(at).split(" ")[0]), [
    ...["", "Pending", "Running", "Failed", "Repairing", "Succeeded"],
  ]);
});
