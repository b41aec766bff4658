/**
 * `deno task judges`: runs other projects' clients against the mocks, and writes into the mocks' READMEs which clients
 * were used and how many of their checks passed. It needs Go, Python, npm, kubectl, and HELM_BINARY for those clients.
 *
 * @module
 */
import { clients, countOf, partsOf, tableOf } from "../tests/clients/table.ts";
import { results, type TestResult } from "../tests/support/junit.ts";

const FILES = [
  ...["client_node", "databricks", "kubernetes"].map((name) => `tests/clients/${name}_test.ts`),
  "tests/sdk",
  "tests/consumers/node_test.ts",
  "tests/conformance/kubectl_test.ts",
  "tests/chart/embedded_test.ts",
];

/** Runs the clients' tests once, and returns each test's result. */
async function run(): Promise<TestResult[]> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const args = ["test", "-A", "--no-check", `--junit-path=${report}`, ...FILES];
  await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn().status;
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  return results(xml);
}

if (import.meta.main) {
  const all = await run();
  const missing: string[] = [];
  for (const [file, own] of Object.entries(clients)) {
    const { head, tail } = partsOf(await Deno.readTextFile(file));
    await Deno.writeTextFile(file, `${head}\n${tableOf(own, (client) => countOf(client, all))}\n\n${tail}`);
    for (const client of own) {
      const { passed, checks } = countOf(client, all);
      if (passed < checks || checks === 0) missing.push(`${client.name}: ${passed} of ${checks} passed`);
    }
  }
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", ...Object.keys(clients)] }).spawn().status;
  for (const line of missing) console.error(line);
  Deno.exit(missing.length === 0 ? 0 : 1);
}
