/** The READMEs of the stand-ins say who judged them. UPDATE_JUDGES=1 writes their tables anew. */
import assert from "node:assert/strict";
import { judges as ofDatabricks } from "./databricks_judges.ts";
import type { Judge } from "./judge.ts";
import { judges as ofKubernetes } from "./kubernetes_judges.ts";

/** Judges whose checks are tests of their own. */
const others: Record<string, readonly string[]> = {
  "mock/README.md": [
    "| Python: the official SDK, at the version of the API types | every endpoint that the operator calls ([tests/sdk](../tests/sdk)) |",
    "| TypeScript: @databricks/sdk-experimental 0.17.0 | in Node, intercepted by MSW: the current user, a job made and listed ([tests/consumers/node](../tests/consumers/node)) |",
  ],
  "mock/kubernetes/README.md": [
    "| kubectl, Helm 3 | a session of 77 commands; our chart installed, upgraded, uninstalled |",
    "| TypeScript: @kubernetes/client-node | typed clients, watch, informer |",
  ],
};

function tableOf(judges: readonly Judge[], more: readonly string[]): string {
  const rows = judges.map(({ libraries, checks }) => `| ${libraries} | ${checks.join("; ")} |`);
  return ["| Client | What it checks |", "| --- | --- |", ...rows, ...more].join("\n");
}

for (const [file, judges] of [["mock/README.md", ofDatabricks], ["mock/kubernetes/README.md", ofKubernetes]] as const) {
  Deno.test(`${file} says who judged the stand-in`, async () => {
    const text = await Deno.readTextFile(file);
    const [, head, table, tail] = /^([\s\S]*<!-- judges -->\n)([\s\S]*)(<!-- \/judges -->[\s\S]*)$/.exec(text) ?? [];
    const expected = `\n${tableOf(judges, others[file] ?? [])}\n\n`;
    if (Deno.env.has("UPDATE_JUDGES")) return await Deno.writeTextFile(file, `${head}${expected}${tail}`);
    const bare = (part = "") => part.replace(/[ -]+/g, " ").trim();
    assert.equal(bare(table), bare(expected));
  });
}
