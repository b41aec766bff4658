/**
 * Runs tests with one command, and reports what it could not run.
 *
 * `deno task test` runs everything that needs only Deno and takes at most minutes: unit, doc and contract tests, a few
 * of the schedules, and the cluster tests on the embedded Kubernetes API except the slow ones, which it lists.
 * `deno task test:all` (`--all`) runs everything that this machine can run: also the slow tests and all schedules,
 * every sequence of acts, third-party clients, the extreme answers to doubts, real API servers if they can be started,
 * images, the chart, and the fault campaign. If a real API server can be started in several ways, the first one runs
 * all cluster tests, and the others run those that depend most on the server. `--cluster` runs only what needs a real
 * API server; arguments after `--` go to `deno test`. With `CI=true`, a part that cannot run is a failure.
 *
 * @module
 */
import { readOutcome } from "./faults/reading.ts";
import { type ApiServer, findSources } from "./support/api_servers.ts";
import { countResults, type Failure, failures, missingNeeds } from "./support/junit.ts";
import { passedAlone } from "./support/second_look.ts";
import { runTests } from "./support/test_run.ts";

/** The result of one `deno test`. */
interface Tally {
  readonly heading: string;
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
  readonly seconds: number;
  /** The needs of skipped tests. */
  readonly needs: readonly string[];
  /** The failed tests, with the first line of their errors. */
  readonly failures: readonly string[];
  /** The tests that failed at first and passed alone: see tests/support/second_look.ts. */
  readonly unsteady?: readonly string[];
  /** The number of files that ran at the same time. */
  readonly workers: number;
}

/** More workers than cores, since cluster tests mostly wait. */
const WAITING = { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "6" };

/** In CI every draw is the same, so that a failure is caused by the change; elsewhere each run draws other answers. */
const CI_SEED = "7";

/** The seed or setting for the answers to doubts about Databricks in all tests (docs/doubts.md). */
const SEED = Deno.env.get("DOUBTS") ?? (Deno.env.get("CI") === "true" ? CI_SEED : anySeed());
/**
 * Tests that also run with the first and the last answer to every doubt: the life of each kind, its parts and its end.
 */
const EXTREME = ["tests/contract", ...["lifecycle", "drift", "deletion", "scopes", "secrets"].map(inCluster)];

/** The number of schedules in a quick run; otherwise each file chooses its own. */
const FEW_SCHEDULES = { SCHEDULES: Deno.env.get("SCHEDULES") ?? "25" };
/**
 * Tests that only `test:all` runs: pages and projects whose commands are followed, every answer of a gateway or an API
 * server in turn, the cost of many objects, several replicas, every kind in turn, and rarer variants of what the quick
 * tests cover.
 */
const SLOW = [
  ...["demo", "new_kind", "testing_guide", "recording"].map((name) => `tests/${name}_test.ts`),
  "tests/schedules/concurrent_edits_test.ts",
  ...["absence", "api_faults", "export", "hand_back", "manifests", "migration_doc", "outage", "quickstart"].map(
    inCluster,
  ),
  ...["quota", "replicas", "runs_doc", "shards", "steady", "tutorial", "tutorial_doc"].map(inCluster),
  ...["unmanaged_rights", "unreadable_secrets", "adopt_doc", "review_doc", "rights_doc", "connect_doc"].map(inCluster),
  ...["phantoms", "canaries", "sign_in_canaries", "spelling", "kind_mistakes", "bad_input", "platform"].map(inCluster),
  ...["plan_command", "plan_sources", "status_command", "approve", "approve_parts", "sync"].map(inCluster),
  ...["serving_endpoints", "dashboards", "vector_search_indexes", "sql_warehouses"].map(inCluster),
  ...["run_faults", "run_repairs", "run_mistakes", "run_objects", "run_as"].map(inCluster),
  ...["untagged", "credentials", "neighbours", "workspaces", "ingest_choice", "gitops", "renamed"].map(inCluster),
  ...["take_over", "networks", "conflicts", "grants", "older_status", "letter_case", "evidence"].map(inCluster),
  ...["sign_in_bad_input", "passing_refusals", "unity_catalog_connections"].map(inCluster),
];

/** Checks all types once, including those in documents: otherwise each run would check its imports again. */
async function typesAreRight(): Promise<boolean> {
  return (await new Deno.Command(Deno.execPath(), { args: ["check", "--quiet", "--doc"] }).spawn().status).success;
}

function anySeed(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}

function inCluster(name: string): string {
  return `tests/cluster/${name}_test.ts`;
}

async function main(args: readonly string[]): Promise<number> {
  if (!await typesAreRight()) {
    console.log("the type check failed, so no test was run\n0 passed, 1 failed");
    return 1;
  }
  const dashes = args.indexOf("--");
  const rest = dashes < 0 ? [] : args.slice(dashes + 1);
  const isAll = args.includes("--all");
  const isClusterOnly = args.includes("--cluster");
  const { sources, missing } = isAll || isClusterOnly ? await findSources() : { sources: [], missing: [] };
  // A slow cluster test runs once: on a real API server if there is one.
  const elsewhere = sources.length > 0 ? SLOW.filter((path) => path.startsWith("tests/cluster/")) : [];
  const tallies = isClusterOnly
    ? []
    : await quickTests(rest, isAll ? { slow: elsewhere } : { slow: SLOW, env: FEW_SCHEDULES });
  if (!isAll && !isClusterOnly) {
    const slow = `not run: most schedules, and ${SLOW.map((path) => path.replace(/^.*\/|_test\.ts$/g, "")).join(", ")}`;
    return end(tallies, [slow, "not run: the slow parts; to run all of it, deno task test:all"]);
  }
  if (isAll) tallies.push(...await slowTests(rest, sources.length > 0));
  for (const [index, source] of sources.entries()) {
    await using server = await source.start();
    // Tests with their own API server mostly wait for dead connections.
    const beside = index === 1 ? ownServerTests(rest) : [];
    tallies.push(...await clusterTests(source.name, server, { rest, isWhole: index === 0 }), ...await beside);
  }
  if (isAll) tallies.push(...await outsideTests(rest));
  if (sources.length < 2) tallies.push(...await ownServerTests(rest));
  const notes = missing.map(({ name, remedy }) => `not run: ${name}; to run it, ${remedy}`);
  return end(tallies, notes, { isIncomplete: missing.length > 0 });
}

/** Runs everything that needs only Deno; it takes at most minutes without the slow tests. */
async function quickTests(
  rest: readonly string[],
  { slow, env = {} }: { readonly slow: readonly string[]; readonly env?: Record<string, string> },
): Promise<Tally[]> {
  const unit = (await unitPaths()).filter((path) => !slow.includes(path));
  const isPlayed = (path: string) => !slow.includes(path);
  const schedules = (await testFiles("tests/schedules")).filter(isPlayed);
  const cluster = (await testFiles("tests/cluster")).filter(isPlayed);
  return [
    await denoTest("unit, doc and contract tests", ["--doc", ...unit, ...rest]),
    // Schedules compute for long in one file: meanwhile, the other core runs cluster tests.
    await denoTest("schedules, and cluster tests on the embedded API", [...schedules, ...cluster, ...rest], {
      env: { ...WAITING, ...env },
    }),
  ];
}

/** Runs slower tests that do not need a shared server. */
async function slowTests(rest: readonly string[], hasServer: boolean): Promise<Tally[]> {
  const others = ["tests/sdk", "tests/clients", "tests/consumers", "tests/browser"];
  const tallies = [
    await denoTest("every sequence of acts up to a depth, and memory", ["tests/explore", "tests/memory", ...rest]),
    await denoTest("third-party clients against the stand-ins, and a browser", [...others, ...rest]),
  ];
  // With a real API server, the comparison of behaviours runs there.
  if (!hasServer) tallies.push(await denoTest("conformance of the embedded API", ["tests/conformance", ...rest]));
  for (const end of ["a", "b"]) tallies.push(await extremeTests(end, rest));
  return tallies;
}

/** Runs tests that kill or modify their API server. */
async function ownServerTests(rest: readonly string[]): Promise<Tally[]> {
  if (!Deno.env.has("K3S_BINARY")) return [];
  const heading = "tests that stop and change their own API server";
  return [await denoTest(heading, ["tests/server", ...rest], { isKept: true })];
}

/** Runs the tests of images and of the chart, and the fault campaign. */
async function outsideTests(rest: readonly string[]): Promise<Tally[]> {
  // Both mostly wait: for builds, for namespaces to end, for leases to expire.
  const images = denoTest("container images", ["tests/image", ...rest], { isKept: true });
  // Fewer than elsewhere: on an overloaded machine an operator rightly exits, since it cannot renew its Lease.
  const chart = await denoTest("chart, GitOps and editors", ["tests/chart", ...rest], { env: { DENO_JOBS: "3" } });
  const tallies = [await images, chart];
  if (rest.length === 0) tallies.push(await faults());
  return tallies;
}

/** Prints the report, and returns the exit code. */
function end(tallies: readonly Tally[], remarks: readonly string[], { isIncomplete = false } = {}): number {
  const notes = [...remarks];
  for (const need of new Set(tallies.flatMap(({ needs }) => needs))) notes.push(`left out: ${need}`);
  const isCi = Deno.env.get("CI") === "true";
  const lacks = isCi && (isIncomplete || tallies.some(({ ignored }) => ignored > 0));
  if (lacks) notes.push("CI=true: a part that cannot run counts as failed");
  notes.push(`answers to doubts about Databricks were drawn with DOUBTS=${SEED}`);
  report(tallies, notes);
  return tallies.some(({ failed }) => failed > 0) || lacks ? 1 : 0;
}

/**
 * Returns the paths of tests that need only Deno. (`--ignore` could exclude folders, but does not work with `--doc`.)
 */
async function unitPaths(): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir("tests")) if (name.endsWith(".ts")) files.push(`tests/${name}`);
  const folders = ["tests/contract", "tests/oracles", "tests/faults"];
  return ["src", "mock", "tools", "bench", "docs/testing.md", ...folders, ...files.sort()];
}

function extremeTests(end: string, rest: readonly string[]): Promise<Tally> {
  const heading = `some of them, and the contract, with extreme answer ${end} of every doubt`;
  return denoTest(heading, [...EXTREME, ...rest], { env: { ...WAITING, DOUBTS: `extreme:${end}` } });
}

/**
 * Tests that wait until a namespace is gone. They run first: an API server's controller ends namespaces one after the
 * other, and each other test leaves one behind.
 */
const NAMESPACES = ["tests/conformance", ...["connections", "deletion", "namespace_end"].map(inCluster)];
/** Tests for further API servers: connections, watches and Leases, and the life of each kind. */
const FURTHER = ["src/kubernetes/cluster_test.ts", ...["lifecycle", "replicas", "secrets"].map(inCluster)];

/** Runs the cluster tests on an API server: all, or on a further one those that depend most on it. */
async function clusterTests(
  name: string,
  server: ApiServer,
  { rest, isWhole }: { readonly rest: readonly string[]; readonly isWhole: boolean },
): Promise<Tally[]> {
  const env = { TEST_KUBECONFIG: server.kubeconfig, ...WAITING };
  const others = isWhole ? await allClusterTests() : FURTHER;
  const tallies = [
    await denoTest(`conformance and ends of namespaces on ${name}`, [...NAMESPACES, ...rest], { env }),
    await denoTest(`${isWhole ? "" : "some "}cluster tests on ${name}`, [...others.toSorted(), ...rest], { env }),
  ];
  if (tallies.some(({ failed }) => failed > 0)) console.log(`\n=== the end of ${name}\n${await server.lastWords()}`);
  return tallies;
}

async function allClusterTests(): Promise<string[]> {
  const files = await testFiles("tests/cluster");
  return ["src/kubernetes/cluster_test.ts", ...files.filter((path) => !NAMESPACES.includes(path))];
}

/** Returns the test files of a folder. (In Deno 2.9, `--ignore` has no effect with two folders.) */
async function testFiles(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => `${folder}/${name}`);
  return files.filter((path) => path.endsWith("_test.ts")).sort();
}

/** Options of a run of `deno test`. */
interface Run {
  readonly env?: Record<string, string>;
  /** True to hold the output and show it in one piece at the end, because something else runs at the same time. */
  readonly isKept?: boolean;
}

/** Runs `deno test` and counts the results in its report. */
async function denoTest(
  heading: string,
  args: readonly string[],
  { env = {}, isKept = false }: Run = {},
): Promise<Tally> {
  if (!isKept) console.log(`\n=== ${heading}`);
  const drawn = { DOUBTS: SEED, ...env };
  const start = performance.now();
  const { success, xml } = await runTests({ args, env: drawn, heading: isKept ? heading : undefined });
  const workers = Number(env.DENO_JOBS ?? Deno.env.get("DENO_JOBS") ?? navigator.hardwareConcurrency);
  const seconds = (performance.now() - start) / 1000;
  const counts = countResults(xml);
  const found = failures(xml);
  // The report does not contain a module that does not load, or a run that dies.
  const isWhole = success || counts.failed === found.length;
  const unsteady = isWhole ? await passedAlone(found, { args, env: drawn }) : [];
  return {
    heading,
    seconds,
    workers,
    needs: missingNeeds(xml),
    ignored: counts.ignored,
    passed: counts.passed + unsteady.length,
    failed: success ? counts.failed : Math.max(counts.failed, 1) - unsteady.length,
    failures: found.filter((failure) => !unsteady.includes(failure)).map(lineOf),
    unsteady: unsteady.map(lineOf),
  };
}

function lineOf({ name, error }: Failure): string {
  return `${name}: ${error}`;
}

/** Runs a choice of plans of the fault campaign, and counts its results. */
async function faults(): Promise<Tally> {
  console.log("\n=== faults and kills around the operator's process");
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/faults/main.ts"],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    await Deno.stdout.write(new TextEncoder().encode(chunk));
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    heading: "faults and kills around the operator's process",
    seconds,
    needs: [],
    ignored: 0,
    ...readOutcome(text),
  };
}

function report(tallies: readonly Tally[], notes: readonly string[]): void {
  for (const { heading, failures, unsteady = [] } of tallies) {
    if (failures.length > 0) console.log(`\n=== failures of ${heading}\n${failures.join("\n")}`);
    if (unsteady.length > 0) console.log(`\n=== failed first, then passed alone: ${heading}\n${unsteady.join("\n")}`);
  }
  console.log("\n=== results");
  for (const { heading, passed, failed, ignored, seconds, workers } of tallies) {
    const left = ignored > 0 ? `, ${ignored} left out` : "";
    console.log(`${heading}: ${passed} passed, ${failed} failed${left}, ${seconds.toFixed(1)} s, ${workers} at a time`);
  }
  for (const note of notes) console.log(note);
  const sum = (field: "passed" | "failed") => tallies.reduce((total, tally) => total + tally[field], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
}

// At the end, so that all constants above are initialized.
if (import.meta.main) Deno.exit(await main(Deno.args));
