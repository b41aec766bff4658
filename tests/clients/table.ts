/**
 * The tables in the stand-ins' READMEs: which client checked which behaviour, and how many of its checks passed in one
 * run.
 *
 * @module
 */
import type { TestResult } from "../support/junit.ts";
import { judges as ofDatabricks } from "./databricks_judges.ts";
import type { Judge } from "./judge.ts";
import { judges as ofKubernetes } from "./kubernetes_judges.ts";

/** A client of a stand-in. */
export interface Client {
  readonly name: string;
  /** The subject of its tests. */
  readonly about: string;
  /** The number of its checks, if they are listed; otherwise the last run counted them. */
  readonly checks?: number;
  /** True for its tests. */
  isTest(test: TestResult): boolean;
}

function judged({ libraries, checks }: Judge): Client {
  const names = new Set(checks.map((check) => `${libraries}: ${check}`));
  return { name: libraries, about: checks.join("; "), checks: checks.length, isTest: ({ name }) => names.has(name) };
}

function inFile(path: string, name: string, about: string): Client {
  return { name, about, isTest: ({ file }) => file.endsWith(path) };
}

/** The READMEs, each with the clients of its stand-in. */
export const clients: Readonly<Record<string, readonly Client[]>> = {
  "mock/README.md": [
    ...ofDatabricks.map(judged),
    inFile(
      "tests/sdk/sdk_test.ts",
      "Python: the official SDK, at the version of the API types",
      "every endpoint that the operator calls ([tests/sdk](../tests/sdk))",
    ),
    inFile(
      "tests/consumers/node_test.ts",
      "TypeScript: @databricks/sdk-experimental 0.17.0",
      "the npm package in a Node project: its tests (the SDK intercepted by MSW among them), its types, its program " +
        "([tests/consumers/node](../tests/consumers/node))",
    ),
  ],
  "mock/kubernetes/README.md": [
    ...ofKubernetes.map(judged),
    inFile(
      "tests/conformance/kubectl_test.ts",
      "kubectl",
      "a session, command by command ([kubectl_test.ts](../../tests/conformance/kubectl_test.ts))",
    ),
    {
      name: "Helm 3",
      about: "our chart installed, upgraded, uninstalled; a chart with a `kind: List`",
      // A report names the file that registers a test, here the one about Helm.
      isTest: ({ file, name }) => file.endsWith("tests/chart/helm.ts") && name.includes("on the embedded API"),
    },
    inFile(
      "tests/clients/client_node_test.ts",
      "TypeScript: @kubernetes/client-node",
      "typed clients, watch, informer",
    ),
  ],
};

/** The number of a client's checks in one run, and how many passed. */
export interface Count {
  readonly passed: number;
  readonly checks: number;
}

/** Counts a client's checks in the results of a run; a test that consists of steps does not count itself. */
export function countOf(client: Client, results: readonly TestResult[]): Count {
  const own = results.filter((test) => client.isTest(test));
  const leaves = own.filter(({ name }) => !own.some((other) => other.name.startsWith(`${name} > `)));
  return { checks: client.checks ?? leaves.length, passed: leaves.filter(({ hasPassed }) => hasPassed).length };
}

/** Formats a table of clients; `countOf` returns the counts of a run. */
export function tableOf(all: readonly Client[], countOf: (client: Client) => Count): string {
  const rows = all.map((client) => {
    const { passed, checks } = countOf(client);
    return `| ${client.name} | ${checks} | ${passed} | ${client.about} |`;
  });
  return ["| Client | Checks | Passed | What they are about |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Splits a README: the text before its table, the table, and the text after it. */
export function partsOf(readme: string): { head: string; table: string; tail: string } {
  const [, head = "", table = "", tail = ""] =
    /^([\s\S]*<!-- judges -->\n)([\s\S]*)(<!-- \/judges -->[\s\S]*)$/.exec(readme) ?? [];
  return { head, table, tail };
}

/** The counts in a table, by client. */
export function countsIn(table: string): Map<string, Count> {
  const rows = [...table.matchAll(/^\| ([^|]+?) +\| (\d+) +\| (\d+) +\|/gm)];
  return new Map(
    rows.map(([, name = "", checks, passed]) => [name, { checks: Number(checks), passed: Number(passed) }]),
  );
}
