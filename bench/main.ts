/**
 * `deno task bench`: what the operator costs, with 200, 1,000 and 10,000 jobs. One table, and one line of JSON for
 * machines.
 *
 * `--jobs 200,1000` chooses the numbers, `--only create,idle` the scenarios; `K3S_BINARY` or `TEST_KUBECONFIG` give a
 * real API server. CPU seconds differ between machines; counts do not.
 *
 * @module
 */
import { job } from "../tests/objects.ts";
import { percentile } from "./process.ts";
import { Rig, type Snapshot, startApiServer } from "./rig.ts";

/** One line of the table. */
interface Row {
  readonly scenario: string;
  readonly jobs: number;
  readonly seconds: number;
  readonly calls: number;
  readonly kubernetesWrites: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly notes: string;
  /** Calls by endpoint. */
  readonly endpoints: Record<string, number>;
}

/** How many manifests are applied at the same time. */
const PARALLEL = 20;
/** How long nothing happens (s). */
const IDLE_SECONDS = 60;
/** How many edits are timed. */
const EDITS = 100;
/** Every how many-th job is changed in the webapp. */
const DRIFT_EVERY = 20;

const rows: Row[] = [];

if (import.meta.main) {
  const list = (name: string, fallback: string) =>
    (Deno.args[Deno.args.indexOf(name) + 1 || Deno.args.length] ?? fallback).split(",");
  const only = list("--only", "create,idle,edit,drift,run,restart,limit");
  let kube = "";
  for (const jobs of list("--jobs", "200,1000,10000").map(Number)) {
    await using server = await startApiServer();
    kube = server.name.split("/").at(-1) ?? "";
    await playStory(await Rig.make(server, { settings: { rate_limit: "0" } }), jobs, only);
  }
  if (only.includes("limit")) {
    await using server = await startApiServer();
    await playLimit(await Rig.make(server, { settings: { rate_limit: "15" }, mock: { ratePerSecond: 10 } }));
  }
  print(kube);
}

/** Everything that can be measured on one set of jobs. */
async function playStory(made: Rig, jobs: number, only: readonly string[]): Promise<void> {
  await using rig = made;
  const start = await rig.startOperator();
  const named = (index: number) => `job-${index}`;
  const before = await rig.snapshot();
  await inParallel(jobs, (index) => rig.kube.create(rig.jobs, job(named(index), { max_concurrent_runs: 1 })));
  await rig.until("all jobs are Ready", () => rig.readyCount === jobs);
  await add("create", jobs, before, rig, `operator ready after ${Math.round(start)} ms`);

  if (only.includes("edit")) await playEdits(rig, jobs, named);
  if (only.includes("idle")) {
    // What the writes left to do (an observation of what was written) is done.
    await pause(15_000);
    const quiet = await rig.snapshot();
    await pause(IDLE_SECONDS * 1000);
    await add("idle minute", jobs, quiet, rig, "");
  }
  if (only.includes("run")) await playRuns(rig, jobs, named);
  if (only.includes("drift")) await playDrift(rig, jobs, named);
  if (only.includes("restart")) await playRestart(rig, jobs);
}

/** Edits of manifests, one at a time: how soon they are in Databricks. */
async function playEdits(rig: Rig, jobs: number, named: (index: number) => string): Promise<void> {
  const before = await rig.snapshot();
  const latencies: number[] = [];
  for (let index = 0; index < Math.min(EDITS, jobs); index++) {
    const id = rig.statusOf(named(index))?.id ?? "";
    const begun = performance.now();
    await rig.kube.patch(rig.jobs, named(index), { spec: { job: { settings: { max_concurrent_runs: 2 } } } });
    await rig.until("the edit is in Databricks", () => rig.workspace.jobs.get(id)?.settings.max_concurrent_runs === 2);
    latencies.push(performance.now() - begun);
  }
  await add("edit manifests", jobs, before, rig, `to Databricks ${quantiles(latencies)}`);
}

/** Runs that end: how soon status says so, at the shortest interval of polls. */
async function playRuns(rig: Rig, jobs: number, named: (index: number) => string): Promise<void> {
  await configure(rig, { rate_limit: "0", status_poll_interval: "5" });
  const before = await rig.snapshot();
  const names = Array.from({ length: Math.min(50, jobs) }, (_, index) => named(index));
  const runs = names.map((name) => rig.workspace.runs.start(rig.statusOf(name)?.id ?? ""));
  await rig.until("the runs are seen", () => names.every((name) => rig.statusOf(name)?.run === "RUNNING"));
  const begun = performance.now();
  for (const run of runs) rig.workspace.runs.finish(run, "SUCCESS", "");
  const latencies: number[] = [];
  const waiting = new Set(names);
  await rig.until("the ends are seen", () => {
    for (const name of waiting) {
      if (rig.statusOf(name)?.run !== "TERMINATED") continue;
      waiting.delete(name);
      latencies.push(performance.now() - begun);
    }
    return waiting.size === 0;
  });
  await configure(rig, { rate_limit: "0" });
  await add("50 runs end", jobs, before, rig, `to status ${quantiles(latencies)} (polled every 5 s)`);
}

/** Jobs that are changed in the webapp: what it costs to set them back. */
async function playDrift(rig: Rig, jobs: number, named: (index: number) => string): Promise<void> {
  const before = await rig.snapshot();
  const drifted: string[] = [];
  for (let index = 0; index < jobs; index += DRIFT_EVERY) {
    const id = rig.statusOf(named(index))?.id ?? "";
    const held = rig.workspace.jobs.get(id);
    if (held !== undefined) held.settings.max_concurrent_runs = 9;
    drifted.push(id);
  }
  await configure(rig, { rate_limit: "0", default_requeue_interval: "10" });
  await rig.until(
    "all are set back",
    () => drifted.every((id) => rig.workspace.jobs.get(id)?.settings.max_concurrent_runs !== 9),
  );
  await configure(rig, { rate_limit: "0" });
  await add(`repair ${drifted.length}`, jobs, before, rig, "");
}

/** A restart: how soon it is ready, and what the first 30 s cost. */
async function playRestart(rig: Rig, jobs: number): Promise<void> {
  await pause(10_000);
  const stopped = await rig.stopOperator();
  const calls = rig.workspace.ledger.counts();
  const ready = await rig.startOperator();
  await pause(30_000 - ready);
  const after = await rig.snapshot();
  const none = {
    at: performance.now() - 30_000,
    kubernetesWrites: 0,
    refused: 0,
    heapMb: 0,
    usage: { cpu: 0, peakMb: 0, residentMb: 0 },
  };
  rows.push(
    row(
      "restart, 30 s",
      jobs,
      { ...none, calls },
      after,
      `ready after ${Math.round(ready)} ms, ended in ${Math.round(stopped)} ms`,
    ),
  );
}

/** 200 creates against a server that takes 10 calls a second. */
async function playLimit(made: Rig): Promise<void> {
  await using rig = made;
  await rig.startOperator();
  const before = await rig.snapshot();
  await inParallel(200, (index) => rig.kube.create(rig.jobs, job(`job-${index}`)));
  await rig.until("all jobs exist", () => rig.workspace.jobs.ids().length === 200);
  const seconds = (performance.now() - before.at) / 1000;
  await rig.until("all jobs are Ready", () => rig.readyCount === 200);
  const after = await rig.snapshot();
  const notes = `all made after ${seconds.toFixed(1)} s, ${after.refused - before.refused} refusals`;
  rows.push(row("create, server takes 10/s", 200, before, after, notes));
}

async function configure(rig: Rig, settings: Record<string, string>): Promise<void> {
  const path = { group: "", version: "v1", plural: "configmaps", namespace: rig.jobs.namespace ?? "" };
  const data = { default_requeue_interval: null, status_poll_interval: null, ...settings };
  await rig.kube.patch(path, "databricks-kube-operator", { data });
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

async function add(scenario: string, jobs: number, before: Snapshot, rig: Rig, notes: string): Promise<void> {
  rows.push(row(scenario, jobs, before, await rig.snapshot(), notes));
}

function row(scenario: string, jobs: number, before: Snapshot, after: Snapshot, notes: string): Row {
  const endpoints = Object.fromEntries(
    Object.entries(after.calls).map(([name, count]) => [name, count - (before.calls[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  const made: Row = {
    scenario,
    jobs,
    seconds: round((after.at - before.at) / 1000),
    calls: Object.values(endpoints).reduce((sum, count) => sum + count, 0),
    kubernetesWrites: after.kubernetesWrites - before.kubernetesWrites,
    cpuSeconds: round(after.usage.cpu - before.usage.cpu),
    peakMb: after.usage.peakMb,
    notes: [notes, `${after.usage.residentMb} MB now, heap ${after.heapMb} MB`].filter(Boolean).join("; "),
    endpoints,
  };
  console.error(
    `${jobs} jobs, ${scenario}: ${made.seconds} s, ${made.calls} calls, ${made.cpuSeconds} CPU s; ${made.notes}`,
  );
  return made;
}

function quantiles(latencies: readonly number[]): string {
  return `p50 ${Math.round(percentile(latencies, 0.5) ?? 0)} ms, p99 ${
    Math.round(percentile(latencies, 0.99) ?? 0)
  } ms`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function print(kube: string): void {
  const cells = rows.map((
    { scenario, jobs, seconds, calls, kubernetesWrites, cpuSeconds, peakMb, notes, endpoints },
  ) => [
    String(jobs),
    scenario,
    String(seconds),
    String(calls),
    String(kubernetesWrites),
    String(cpuSeconds),
    String(peakMb),
    [notes, ...Object.entries(endpoints).map(([name, count]) => `${count} ${name.replace("/api/", "")}`)].filter(
      Boolean,
    ).join("; "),
  ]);
  const head = ["jobs", "scenario", "s", "calls", "k8s writes", "CPU s", "peak MB", "notes; calls by endpoint"];
  console.log(`| ${head.join(" | ")} |\n|${head.map(() => "---").join("|")}|`);
  for (const line of cells) console.log(`| ${line.join(" | ")} |`);
  const machine = { cores: navigator.hardwareConcurrency, deno: Deno.version.deno, kube };
  console.log(JSON.stringify({ bench: "operator", ...machine, rows }));
}
