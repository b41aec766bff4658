/**
 * `deno task bench:namespaces`: measures many namespaces, each with its own workspace: the cost of one operator and,
 * with `--shards`, how several divide the work, and how soon a standby takes over after a kill.
 *
 * `--namespaces N`, `--jobs N` in each, `--shards N`, `--minutes N` of steady state; `K3S_BINARY` or `TEST_KUBECONFIG`
 * select a real API server, `OPERATOR_BINARY` a binary. Linux only.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { MockWorkspace, serve } from "../mock/mod.ts";
import type { Served } from "../mock/databricks/serve.ts";
import type { KubeClient } from "../src/kubernetes/client.ts";
import { connect } from "../src/kubernetes/kubeconfig.ts";
import { condition, job, pathOf, secret } from "../tests/support/objects.ts";
import { installCrds } from "../tests/support/harness.ts";
import { eventually, problem } from "../tests/support/waiting.ts";
import { Operator } from "./operator.ts";
import { inParallel, pause } from "./pace.ts";
import { openFilesOf, sumOf, usageOf } from "./process.ts";
import { thisProgram } from "./revision.ts";
import { startApiServer } from "./rig.ts";
import { round } from "./table.ts";

const PATIENCE = { patience: 1_800_000 };

interface Place {
  readonly namespace: string;
  readonly workspace: MockWorkspace;
  readonly served: Served;
}

/** The resources that one process used in the steady state. */
interface Row {
  readonly name: string;
  readonly jobs: number;
  readonly cpuPerMinute: number;
  readonly residentMb: number;
  readonly peakMb: number;
  readonly sockets: number;
}

async function main(): Promise<void> {
  const number = { type: "string" } as const;
  const { values } = parseArgs({ options: { namespaces: number, jobs: number, shards: number, minutes: number } });
  const { namespaces = "100", jobs = "100", shards = "1", minutes = "2" } = values;
  await using server = await startApiServer();
  const { client: kube } = await connect({ kubeconfig: server.kubeconfig });
  await installCrds(kube);
  const places: Place[] = [];
  for (let index = 0; index < Number(namespaces); index++) places.push(await makePlace(kube, `bench-${index}`));
  const start = (shard: number) => startOperator(server.kubeconfig, { shard, shards: Number(shards) });
  let operators = await startAll(Number(shards), start);
  const created = performance.now();
  await createJobs(kube, places, Number(jobs));
  await allReady(kube, places, Number(jobs));
  console.log(`${namespaces} namespaces × ${jobs} jobs, ${shards} shards: all Ready after ${secondsSince(created)} s`);
  await Promise.all(operators.map((operator) => operator.stop()));

  const started = performance.now();
  operators = await startAll(Number(shards), start);
  console.log(`A start with all namespaces: ready after ${secondsSince(started)} s`);
  await pause(30_000);
  const before = await Promise.all(operators.map((operator) => usageOf(operator.process.pid)));
  const calls = callsOf(places);
  await pause(Number(minutes) * 60_000);
  const perWorkspace = (callsOf(places) - calls) / Number(minutes) / places.length;
  const rows: Row[] = [];
  for (const [index, operator] of operators.entries()) {
    const usage = await usageOf(operator.process.pid);
    rows.push({
      name: `${index}/${shards}`,
      jobs: sumOf(await operator.metrics(), "databricks_managed_resources", { kind: "DatabricksJob" }),
      cpuPerMinute: round((usage.cpu - (before[index]?.cpu ?? 0)) / Number(minutes)),
      residentMb: usage.residentMb,
      peakMb: usage.peakMb,
      sockets: (await openFilesOf(operator.process.pid)).sockets,
    });
  }
  print(rows);
  console.log(`Calls per minute and workspace: ${round(perWorkspace)}`);
  if (Number(shards) > 1) await killOne(operators, places, start);
  console.log(`Duplicate jobs: ${madeIn(places) - Number(namespaces) * Number(jobs)}`);
  await Promise.all(operators.map((operator) => operator.stop().catch(() => {})));
  kube.close();
  for (const { served } of places) await served.close();
}

async function makePlace(kube: KubeClient, namespace: string): Promise<Place> {
  const workspace = new MockWorkspace();
  const served = await serve(workspace);
  await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: namespace } });
  const data = { databricks_url: served.url, access_token: "token" };
  await kube.create(pathOf("Secret", namespace), secret("databricks-api-secret", data));
  await kube.create(pathOf("ConfigMap", namespace), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "databricks-kube-operator" },
    data: { api_secret_name: "databricks-api-secret" },
  });
  return { namespace, workspace, served };
}

/** Starts an operator for a shard; each has a Lease, so that there may be a standby. */
function startOperator(kubeconfig: string, { shard, shards }: { shard: number; shards: number }): Operator {
  const share = shards === 1 ? [] : ["--shard", `${shard}/${shards}`, "--leader-elect"];
  return Operator.spawn(thisProgram(), kubeconfig, ["--all-namespaces", "--lease-namespace", "default", ...share]);
}

async function startAll(count: number, start: (shard: number) => Operator): Promise<Operator[]> {
  const operators = Array.from({ length: count }, (_, shard) => start(shard));
  await Promise.all(operators.map((operator) => operator.ready()));
  return operators;
}

async function createJobs(kube: KubeClient, places: readonly Place[], jobs: number): Promise<void> {
  const all = places.flatMap(({ namespace }) => Array.from({ length: jobs }, (_, index) => ({ namespace, index })));
  await inParallel(all.length, async (at) => {
    const { namespace = "", index } = all[at] ?? {};
    await kube.create(pathOf("DatabricksJob", namespace), job(`job-${index}`), { fieldManager: "bench" });
  });
}

async function allReady(kube: KubeClient, places: readonly Place[], jobs: number): Promise<void> {
  for (const { namespace } of places) {
    await eventually(`the jobs of ${namespace} are Ready`, async () => {
      const { items } = await kube.list(pathOf("DatabricksJob", namespace));
      const count = items.filter((item) => condition(item, "Ready")?.status === "True").length;
      return count === jobs || problem(`${count} of ${jobs}`);
    }, PATIENCE);
  }
}

/** Kills a shard that has a standby, and measures the time until its workspaces receive calls again. */
async function killOne(operators: Operator[], places: readonly Place[], start: (shard: number) => Operator) {
  const [killed] = operators;
  const standby = start(0);
  await pause(5000);
  await killed?.stop("SIGKILL");
  const at = performance.now();
  operators[0] = standby;
  await standby.ready();
  await eventually("the standby works", async () => {
    const count = sumOf(await standby.metrics(), "databricks_managed_resources", { kind: "DatabricksJob" });
    return count > 0 || problem("no object is counted");
  }, PATIENCE);
  console.log(`A standby takes over a killed shard after ${secondsSince(at)} s (a Lease lasts 15 s)`);
  console.log(`Calls to the workspaces meanwhile: ${callsOf(places)}`);
}

function madeIn(places: readonly Place[]): number {
  return places.reduce((sum, { workspace }) => sum + workspace.jobs.ids().length, 0);
}

function callsOf(places: readonly Place[]): number {
  const counts = places.flatMap(({ workspace }) => Object.values(workspace.ledger.counts()));
  return counts.reduce((sum, count) => sum + count, 0);
}

function print(rows: readonly Row[]): void {
  console.log("| process | jobs | CPU s a minute | MB | peak MB | sockets |\n|---|---|---|---|---|---|");
  for (const { name, jobs, cpuPerMinute, residentMb, peakMb, sockets } of rows) {
    console.log(`| ${[name, jobs, cpuPerMinute, residentMb, peakMb, sockets].join(" | ")} |`);
  }
}

function secondsSince(begun: number): number {
  return round((performance.now() - begun) / 1000);
}

if (import.meta.main) await main();
