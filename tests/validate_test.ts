/** `validate`, on manifests as users write them. */
import assert from "node:assert/strict";
import { parseManifests } from "../src/commands/manifests.ts";
import { checkManifests, type Finding } from "../src/commands/validate/check.ts";
import { resources } from "../src/resources/mod.ts";
import { exampleFiles, masked, runSteps, stepsOf } from "./support/documents.ts";

function check(text: string): readonly Finding[] {
  const { manifests, unreadable } = parseManifests(text, "x.yaml");
  assert.deepEqual(unreadable, []);
  return checkManifests(manifests, { resources, namespace: "team" }).findings;
}

/** A job's manifest; `settings` and `metadata` are YAML. */
function jobText(settings: string, metadata = "name: etl"): string {
  return `apiVersion: com.dstancu.databricks/v1\nkind: DatabricksJob\nmetadata: { ${metadata} }\n` +
    `spec:\n  job:\n    settings: ${settings}\n`;
}

const TASKS = "tasks: [{ task_key: a, notebook_task: { notebook_path: /a } }]";

const mistakes: [what: string, text: string, message: RegExp, severity: Finding["severity"], line: number][] = [
  [
    "an annotation that is no text",
    jobText(`{ ${TASKS} }`, "name: etl, annotations: { databricks-operator/paused: true }"),
    /^metadata\.annotations: the value of databricks-operator\/paused must be a text: put true in quotes$/,
    "error",
    3,
  ],
  [
    "a misspelt annotation",
    jobText(`{ ${TASKS} }`, "name: etl, annotations: { databricks-operator/deletion-polcy: retain }"),
    /did you mean databricks-operator\/deletion-policy\?/,
    "error",
    3,
  ],
  ["a name in capitals", jobText(`{ ${TASKS} }`, "name: ETL"), /^metadata\.name: "ETL" is no name/, "error", 3],
  ["no name", jobText(`{ ${TASKS} }`, "labels: {}"), /^metadata\.name is missing$/, "error", 3],
  [
    "another version",
    jobText(`{ ${TASKS} }`).replace("/v1", "/v2"),
    /^apiVersion must be com\.dstancu\.databricks\/v1$/,
    "error",
    1,
  ],
  [
    "a kind that is misspelt",
    jobText(`{ ${TASKS} }`).replace("DatabricksJob", "DatabricksJobs"),
    /^there is no kind "DatabricksJobs": did you mean DatabricksJob\?$/,
    "error",
    2,
  ],
  [
    "a number in quotes",
    jobText(`{ timeout_seconds: "x", ${TASKS} }`),
    /^spec\.job\.settings\.timeout_seconds: must be an integer$/,
    "error",
    6,
  ],
  [
    "a task without its key",
    jobText("{ tasks: [{ notebook_task: { notebook_path: /a } }] }"),
    /^spec\.job\.settings\.tasks\[0\]\.task_key: is missing: it must be a string$/,
    "error",
    6,
  ],
  [
    "two triggers",
    jobText(`{ continuous: {}, schedule: { quartz_cron_expression: 0 0 3 * * ?, timezone_id: UTC }, ${TASKS} }`),
    /exclude each other: keep one$/,
    "error",
    6,
  ],
  [
    "a cycle of tasks",
    jobText("{ tasks: [{ task_key: a, depends_on: [{ task_key: a }], notebook_task: { notebook_path: /a } }] }"),
    /depends_on/,
    "error",
    6,
  ],
  [
    "a cron expression of another dialect",
    jobText(`{ schedule: { quartz_cron_expression: 0 0 3 * * *, timezone_id: UTC }, ${TASKS} }`),
    /may not be a Quartz expression/,
    "warning",
    6,
  ],
  [
    "a variable of a bundle",
    jobText(`{ name: "\${bundle.target}-etl", ${TASKS} }`),
    /^spec\.job\.settings\.name: .*\$\{bundle\.target\}, which only bundles resolve: write the value$/,
    "warning",
    6,
  ],
  [
    "a relative path",
    jobText("{ tasks: [{ task_key: a, spark_python_task: { python_file: ./etl.py } }] }"),
    /python_file: "\.\/etl\.py" is relative to a file, and Databricks has none/,
    "warning",
    6,
  ],
  [
    "an enum's value that is misspelt",
    jobText(`{ schedule: { quartz_cron_expression: 0 0 3 * * ?, timezone_id: UTC, pause_status: PAUSD }, ${TASKS} }`),
    /^spec\.job\.settings\.schedule\.pause_status: "PAUSD" .*: did you mean "PAUSED"\?$/,
    "warning",
    6,
  ],
  [
    "a field that is misspelt",
    jobText(`{ max_concurent_runs: 1, ${TASKS} }`),
    /check the spelling: did you mean max_concurrent_runs\?$/,
    "warning",
    6,
  ],
];

for (const [what, text, message, severity, line] of mistakes) {
  Deno.test(`validate finds ${what}, and nothing else, in its line`, () => {
    const findings = check(text);
    assert.equal(findings.length, 1, JSON.stringify(findings));
    assert.match(findings[0]?.message ?? "", message);
    assert.deepEqual([findings[0]?.severity, findings[0]?.line], [severity, line]);
  });
}

Deno.test("validate finds duplicate objects, and cycles of references", () => {
  const refer = (name: string, to: string) =>
    jobText(`{ tasks: [{ task_key: a, run_job_task: { job_ref: { name: ${to} } } }] }`, `name: ${name}`);
  const [again] = check(`${jobText(`{ ${TASKS} }`)}---\n${jobText(`{ ${TASKS} }`)}`);
  assert.match(again?.message ?? "", /^stands in x\.yaml:3 too: keep one of the two$/);
  assert.equal(again?.line, 10);
  const [circle, ...more] = check(`${refer("a", "b")}---\n${refer("b", "a")}`);
  assert.deepEqual(more, []);
  assert.match(circle?.message ?? "", /DatabricksJob team\/a → DatabricksJob team\/b → DatabricksJob team\/a/);
  assert.deepEqual(check(`${refer("a", "b")}---\n${refer("b", "elsewhere")}`), []);
});

Deno.test("validate reads lists, JSON and several documents, and counts objects of other kinds", () => {
  const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n";
  const list = JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: [{ apiVersion: "com.dstancu.databricks/v1", kind: "DatabricksJob", metadata: { name: "Etl" }, spec: {} }],
  });
  const { manifests } = parseManifests(`${config}---\n${list}\n`, "x.yaml");
  const { objects, others, findings } = checkManifests(manifests, { resources, namespace: "team" });
  assert.deepEqual([objects, others], [1, 1]);
  assert.ok(findings.some(({ object, message }) => object === "DatabricksJob team/Etl" && /is no name/.test(message)));
});

Deno.test("a file with invalid YAML is an error with its line, and the other files are still checked", () => {
  const { manifests, unreadable } = parseManifests("a: [1\n---\nkind: A\n", "x.yaml");
  assert.equal(manifests.length, 1);
  assert.equal(unreadable.length, 1);
  assert.ok((unreadable[0]?.line ?? 0) >= 1);
});

Deno.test("validate finds nothing in the examples", async () => {
  for (const file of await exampleFiles()) assert.deepEqual(check(await Deno.readTextFile(file)), [], file);
});

for await (const { name } of Deno.readDir("examples/illegal")) {
  Deno.test(`validate rejects examples/illegal/${name}, as the API server does`, async () => {
    const findings = check(await Deno.readTextFile(`examples/illegal/${name}`));
    assert.ok(findings.some(({ severity }) => severity === "error"), JSON.stringify(findings));
  });
}

Deno.test("the commands of docs/commands.md work as documented", async () => {
  const folder = await Deno.makeTempDir();
  const main = new URL("../src/main.ts", import.meta.url).pathname;
  const program = `${folder}/databricks-kube-operator`;
  await Deno.writeTextFile(program, `#!/bin/sh\nexec "${Deno.execPath()}" run -qA --no-check "${main}" "$@"\n`, {
    mode: 0o755,
  });
  const steps = stepsOf(await Deno.readTextFile("docs/commands.md"));
  assert.ok(steps.length >= 2);
  const onOutput = ({ output }: { output: string | undefined }, real: string) =>
    assert.equal(masked(real), masked(output ?? ""));
  // The shell starts in another folder.
  const enter = { commands: `cd "${folder}"\n`, output: "", inBackground: false };
  await runSteps([enter, ...steps], { env: { NO_COLOR: "1" }, programs: folder, onOutput });
  await Deno.remove(folder, { recursive: true });
});
