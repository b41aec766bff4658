/** docs/operations.md lists every reason, setting and flag, and no others. */
import assert from "node:assert/strict";
import { keys } from "../src/reconcile/connect/settings.ts";
import { defaultTimings } from "../src/reconcile/pass/context.ts";
import { leftBehind } from "../src/reconcile/pass/delete/left_behind.ts";
import { isIngestedByDefault, isIngestible, type Resource } from "../src/resource.ts";
import { resources } from "../src/resources/mod.ts";
import { databricksJob } from "../src/resources/databricks_job.ts";
import { object } from "./support/passes.ts";
import { failures, healthy, news, underWay } from "../src/reconcile/object/reasons.ts";

const text = await Deno.readTextFile("docs/operations.md");

/** Returns the first column of the tables below a heading, up to the next one. */
function named(heading: string): string[] {
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n##+ /)[0] ?? "";
  return section.split("\n").filter((line) => line.startsWith("| `")).flatMap((line) =>
    [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
  );
}

const tables: [heading: string, what: string, names: readonly string[]][] = [
  ["### Reasons that are no trouble", "reason", [...healthy, ...underWay]],
  ["### Troubleshooting", "reason of a failure", failures],
  ["### Events", "Event", news],
  ["## Settings", "key of the ConfigMap", ["api_secret_name", ...keys.map(({ key }) => key)]],
];

Deno.test("operations.md: every kind is in the right table of ingest", () => {
  const rows = (text.split("\n## Ingest\n")[1]?.split("\n## ")[0] ?? "").split("\n").filter((line) =>
    /^\| .*`/.test(line)
  );
  const named = (from: string) => [...from.matchAll(/`([a-z]+)`/g)].map(([, name = ""]) => name);
  const [byDefault = "", chosen = "", ...never] = rows;
  const plurals = (test: (resource: Resource) => boolean) => resources.filter(test).map(({ plural }) => plural).sort();
  assert.deepEqual(named(byDefault).sort(), plurals(isIngestedByDefault));
  assert.deepEqual(named(chosen).sort(), plurals((one) => isIngestible(one) && !isIngestedByDefault(one)));
  assert.deepEqual(never.flatMap((row) => named(row.split("|")[1] ?? "")).sort(), plurals((one) => !isIngestible(one)));
});

for (const [heading, what, names] of tables) {
  Deno.test(`operations.md: "${heading}" has every ${what}, and no other`, () => {
    assert.deepEqual(named(heading).sort(), [...names].sort());
  });
}

Deno.test("operations.md: it lists exactly the flags of run", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "src/main.ts", "run", "--help"],
    env: { NO_COLOR: "1" },
  }).output();
  const options = new TextDecoder().decode(stdout).split("Options:")[1] ?? "";
  const flags = [...options.matchAll(/^\s+(?:-h, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
  const documented = named("## Flags of `run`").flatMap((name) => name.match(/^--[\w-]+/) ?? []);
  assert.deepEqual(documented.sort(), flags.filter((flag) => flag !== "--help").sort());
});

Deno.test("reasons: the code uses each documented reason", async () => {
  let code = "";
  // The kinds define the states of external resources; the contract names them.
  for (const folder of ["src/reconcile", "src/resource"]) {
    for await (const path of sources(folder)) code += await Deno.readTextFile(path);
  }
  const unused = [...healthy, ...underWay, ...failures, ...news].filter((reason) => !code.includes(`"${reason}"`));
  assert.deepEqual(unused, []);
});

/** The files below a folder that may set a reason: all except the list of reasons and tests. */
async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (!/(_test|^reasons)\.ts$/.test(name)) yield `${folder}/${name}`;
  }
}

Deno.test("operations.md: it describes `kubectl delete namespace`, with the time of waiting for credentials", () => {
  const section = text.split("\n## Stop and uninstall\n")[1]?.split("\n## ")[0]?.replaceAll(/\s+/g, " ") ?? "";
  assert.match(section, /`kubectl delete namespace` also deletes the namespace's resources in Databricks/);
  const words = ["no", "one", "two", "three", "four", "five"];
  const seconds = words[defaultTimings.abandonMs / 1000];
  assert.match(
    section,
    new RegExp(`it releases the objects after ${seconds} seconds and logs what stays in Databricks`),
  );
  const pass = object(databricksJob, {}).having({ id: "123", workspace: "https://a" }).pass();
  const [, logged = ""] = section.match(/\(`(Left [^`]+) …`\)/) ?? [];
  assert.ok(logged !== "" && leftBehind(pass).startsWith(logged), logged);
});
