/**
 * The scenarios: each measures one thing on a set of jobs, one after the other.
 *
 * @module
 */
import { inParallel, pause } from "./pace.ts";
import { percentile } from "./process.ts";
import type { Rig, Snapshot } from "./rig.ts";
import { round, type Row, rowOf } from "./table.ts";

/** A scenario, which runs on a rig with a number of jobs. */
export interface Scenario {
  readonly name: string;
  /** The property that the scenario shows. */
  readonly shows: string;
  readonly play: (rig: Rig, jobs: number) => Promise<Row>;
  /** Set for a scenario with its own workspace: the number of jobs that it creates there. */
  readonly alone?: number;
}

/** The length of the steady phase (ms). It is the longest interval of sweeps, so each kind is swept at least once. */
const STEADY = 300_000;
/** The number of a large job's tasks, and of passes over it. */
const TASKS = 1000;
const PASSES = 50;
/** The number of timed edits. */
const EDITS = 100;
/** One in this many jobs is changed in the web application, up to a maximum. */
const DRIFT_EVERY = 20;
const DRIFT_MOST = 500;

/** The number of runs that end, the time during which they end, and the quiet time after them (ms). */
const RUNS = 100;
const ENDING = 60_000;
const IDLE = 120_000;

const named = (index: number) => `job-${index}`;

/** The scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  { name: "create", shows: "applies N manifests, until all are Ready", play: create },
  { name: "edit", shows: "edits a manifest; from the patch until Databricks has the change", play: edit },
  { name: "steady", shows: "five idle minutes, including sweeps of each kind", play: steady },
  {
    name: "new among quiet",
    shows: "adds a manifest to N quiet jobs; from the create until the call to Databricks",
    play: addOne,
  },
  { name: "drift repair", shows: "changes every 20th job (at most 500) in the webapp, and sweeps", play: repair },
  {
    name: "drift by default",
    shows: "changes one job in the webapp, with default settings, until it is reverted",
    play: driftByDefault,
  },
  {
    name: "edit under load",
    shows: "edits a manifest each second while 500 repairs wait for the limit of 15 calls per second",
    play: editUnderLoad,
  },
  { name: "run", shows: "ends 50 runs; from the end until status shows it, polled every 5 s", play: runs },
  {
    name: "ends of runs",
    shows: "ends 100 runs one by one within a minute, with default settings; then two quiet minutes",
    play: endsOfRuns,
  },
  { name: "restart", shows: "starts with N jobs, plus 30 s", play: restart },
  {
    name: "server limit",
    shows: "applies 200 manifests with a limit of 15 calls per second to a server that allows 10",
    play: limit,
    alone: 200,
  },
  {
    name: "large job",
    shows: "runs passes without a change over a job of 1,000 tasks",
    play: largeJob,
    alone: 1,
  },
];

async function create(rig: Rig, jobs: number): Promise<Row> {
  const before = await rig.snapshot();
  await inParallel(jobs, (index) => rig.create(named(index), { max_concurrent_runs: 1 }));
  await rig.until("all jobs are Ready", () => rig.readyCount === jobs);
  const measured = { all_ready_s: round((performance.now() - before.at) / 1000) };
  await rig.quiet();
  return rowOf({ scenario: "create", jobs, measured }, before, await rig.snapshot());
}

async function edit(rig: Rig, jobs: number): Promise<Row> {
  const before = await rig.snapshot();
  const latencies = await timeEdits(rig, Math.min(EDITS, jobs), 2);
  await rig.quiet();
  return rowOf({ scenario: "edit", jobs, measured: quantiles(latencies) }, before, await rig.snapshot());
}

async function steady(rig: Rig, jobs: number): Promise<Row> {
  const before = await rig.snapshot();
  await pause(STEADY);
  return rowOf({ scenario: "steady", jobs }, before, await rig.snapshot());
}

async function addOne(rig: Rig, jobs: number): Promise<Row> {
  const before = await rig.snapshot();
  const latencies: number[] = [];
  for (let index = 0; index < 10; index++) {
    const name = `new-${index}`;
    const begun = performance.now();
    await rig.create(name);
    await rig.until("Databricks is called", () => rig.wasCreated(name));
    latencies.push(performance.now() - begun);
  }
  await rig.until("all jobs are Ready", () => rig.readyCount === jobs + 10);
  return rowOf({ scenario: "new among quiet", jobs, measured: quantiles(latencies) }, before, await rig.snapshot());
}

async function repair(rig: Rig, jobs: number): Promise<Row> {
  const before = await rig.snapshot();
  const drifted = drift(rig, Math.min(DRIFT_MOST, Math.ceil(jobs / DRIFT_EVERY)));
  const begun = performance.now();
  await rig.configure({ rate_limit: "0", default_requeue_interval: "299" });
  await rig.until("all are reverted", () => drifted.every((id) => !isDrifted(rig, id)));
  const measured = { repairs: drifted.length, all_after_ms: Math.round(performance.now() - begun) };
  await rig.configure({ rate_limit: "0" });
  await rig.quiet();
  return rowOf({ scenario: "drift repair", jobs, measured }, before, await rig.snapshot());
}

async function driftByDefault(rig: Rig, jobs: number): Promise<Row> {
  await rig.configure({});
  await rig.quiet();
  const before = await rig.snapshot();
  const [id = ""] = drift(rig, 1);
  await rig.until("it is reverted", () => !isDrifted(rig, id));
  const measured = { until_repaired_s: round((performance.now() - before.at) / 1000) };
  await rig.configure({ rate_limit: "0" });
  return rowOf({ scenario: "drift by default", jobs, measured }, before, await rig.snapshot());
}

/** The pause of a person between two edits (ms). */
const BETWEEN_EDITS = 1000;

async function editUnderLoad(rig: Rig, jobs: number): Promise<Row> {
  const before = await rig.snapshot();
  const drifted = drift(rig, Math.min(DRIFT_MOST, jobs / 2));
  await rig.configure({ rate_limit: "15", default_requeue_interval: "299" });
  await rig.until("repairs have begun", () => drifted.some((id) => !isDrifted(rig, id)));
  const latencies: number[] = [];
  const edited = drifted.length + 10;
  while (drifted.some((id) => isDrifted(rig, id)) && latencies.length < 20) {
    latencies.push(...await timeEdits(rig, 1, 3, edited + latencies.length));
    await pause(BETWEEN_EDITS);
  }
  const left = drifted.filter((id) => isDrifted(rig, id)).length;
  await rig.configure({ rate_limit: "0" });
  await rig.until("all are reverted", () => drifted.every((id) => !isDrifted(rig, id)));
  await rig.quiet();
  const measured = { edits: latencies.length, repairs_left: left, ...quantiles(latencies) };
  return rowOf({ scenario: "edit under load", jobs, measured }, before, await rig.snapshot());
}

async function runs(rig: Rig, jobs: number): Promise<Row> {
  await rig.configure({ rate_limit: "0", status_poll_interval: "5" });
  const before = await rig.snapshot();
  const names = Array.from({ length: Math.min(50, jobs) }, (_, index) => named(index));
  const started = names.map((name) => rig.workspace.runs.start(rig.statusOf(name)?.id ?? ""));
  await rig.until("the runs are seen", () => names.every((name) => rig.statusOf(name)?.run === "RUNNING"));
  const latencies: number[] = [];
  const begun = performance.now();
  for (const run of started) rig.workspace.runs.finish(run, "SUCCESS", "");
  const waiting = new Set(names);
  await rig.until("the ends are seen", () => {
    for (const name of waiting) {
      if (rig.statusOf(name)?.run !== "TERMINATED") continue;
      waiting.delete(name);
      latencies.push(performance.now() - begun);
    }
    return waiting.size === 0;
  });
  await rig.configure({ rate_limit: "0" });
  return rowOf({ scenario: "run", jobs, measured: quantiles(latencies) }, before, await rig.snapshot());
}

async function endsOfRuns(rig: Rig, jobs: number): Promise<Row> {
  // The settings' defaults.
  await rig.configure({ rate_limit: "15" });
  const names = Array.from({ length: Math.min(RUNS, jobs) }, (_, index) => named(index));
  const running = new Map(names.map((name) => [name, rig.workspace.runs.start(rig.statusOf(name)?.id ?? "")]));
  await rig.until("the runs are seen", () => names.every((name) => rig.statusOf(name)?.run === "RUNNING"));
  const before = await rig.snapshot();
  const endedAt = new Map<string, number>();
  const latencies: number[] = [];
  const seen = rig.until("the ends are seen", () => {
    for (const [name, at] of endedAt) {
      if (rig.statusOf(name)?.run !== "TERMINATED") continue;
      endedAt.delete(name);
      latencies.push(performance.now() - at);
    }
    return latencies.length === names.length;
  });
  for (const [name, run] of running) {
    rig.workspace.runs.finish(run, "SUCCESS", "");
    endedAt.set(name, performance.now());
    await pause(ENDING / RUNS);
  }
  await seen;
  const after = await rig.snapshot();
  await pause(IDLE);
  const idle = callsIn(await rig.snapshot()) - callsIn(after);
  await rig.configure({ rate_limit: "0" });
  const measured = { ...quantiles(latencies), idle_calls_per_min: round(idle * 60_000 / IDLE) };
  return rowOf({ scenario: "ends of runs", jobs, measured }, before, after);
}

function callsIn({ calls }: Snapshot): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

async function restart(rig: Rig, jobs: number): Promise<Row> {
  const stopped = await rig.stopOperator();
  const before = rig.beforeStart();
  const ready = await rig.startOperator();
  const { usage } = await rig.snapshot();
  await pause(30_000 - ready);
  const measured = { ready_ms: Math.round(ready), ready_cpu_s: round(usage.cpu), stop_ms: Math.round(stopped) };
  return rowOf({ scenario: "restart", jobs, measured }, before, await rig.snapshot());
}

async function limit(rig: Rig, jobs: number): Promise<Row> {
  await rig.configure({ rate_limit: "15" });
  const before = await rig.snapshot();
  await inParallel(jobs, (index) => rig.create(named(index)));
  await rig.until("all jobs exist", () => rig.workspace.jobs.ids().length === jobs);
  const seconds = (performance.now() - before.at) / 1000;
  await rig.until("all jobs are Ready", () => rig.readyCount === jobs);
  const after = await rig.snapshot();
  const measured = { all_made_s: round(seconds), refusals: after.refused - before.refused };
  return rowOf({ scenario: "server limit", jobs, measured }, before, after);
}

async function largeJob(rig: Rig, jobs: number): Promise<Row> {
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    task_key: `task-${index}`,
    notebook_task: { notebook_path: `/Shared/task-${index}` },
    ...index > 0 && { depends_on: [{ task_key: `task-${index - 1}` }] },
  }));
  await rig.create(named(0), { tasks });
  await rig.until("it is Ready", () => rig.readyCount === 1);
  await rig.quiet();
  const before = await rig.snapshot();
  for (let pass = 0; pass < PASSES; pass++) {
    // A label from another writer causes a pass, but changes no managed field.
    await rig.label(named(0), { pass: String(pass) });
    await pause(100);
  }
  const after = await rig.snapshot();
  const measured = { cpu_ms_per_pass: round((after.usage.cpu - before.usage.cpu) * 1000 / PASSES) };
  return rowOf({ scenario: "large job", jobs, measured }, before, after);
}

/** Edits jobs one after the other, from the given one on; returns how long each edit took to reach Databricks (ms). */
async function timeEdits(rig: Rig, count: number, to: number, from = 0): Promise<number[]> {
  const latencies: number[] = [];
  for (let index = from; index < from + count; index++) {
    const id = rig.statusOf(named(index))?.id ?? "";
    const begun = performance.now();
    await rig.edit(named(index), { max_concurrent_runs: to });
    await rig.until("the edit is applied", () => rig.workspace.jobs.get(id)?.settings.max_concurrent_runs === to);
    latencies.push(performance.now() - begun);
  }
  return latencies;
}

/** Changes the first jobs in the web application, and returns their ids. */
function drift(rig: Rig, count: number): string[] {
  const ids = Array.from({ length: count }, (_, index) => rig.statusOf(named(index))?.id ?? "");
  for (const id of ids) rig.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
  return ids;
}

function isDrifted(rig: Rig, id: string): boolean {
  return rig.workspace.jobs.get(id)?.settings.max_concurrent_runs === 9;
}

function quantiles(latencies: readonly number[]): Record<string, number> {
  const at = (share: number) => Math.round(percentile(latencies, share) ?? 0);
  return { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) };
}
