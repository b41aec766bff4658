/**
 * Formats the results of scenarios as tables for people and as lines of JSON for machines, and compares them with
 * targets.
 *
 * @module
 */
import type { Snapshot } from "./rig.ts";

/** One line of a table. */
export interface Row {
  readonly scenario: string;
  readonly jobs: number;
  readonly seconds: number;
  readonly calls: number;
  readonly kubernetesWrites: number;
  readonly cpuSeconds: number;
  /** The peak of memory during the scenario, and the memory at its end. */
  readonly peakMb: number;
  readonly residentMb: number;
  readonly heapMb: number;
  /** Event loop lag, as an upper bound (ms). */
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  /** Further measurements; their names contain the unit. */
  readonly measured: Readonly<Record<string, number>>;
  /** Calls by endpoint. */
  readonly endpoints: Readonly<Record<string, number>>;
}

/** A target: the maximum of a row's value. */
interface Target {
  readonly scenario: string;
  readonly jobs: number;
  readonly what: string;
  readonly most: number;
  readonly value: (row: Row) => number | undefined;
}

const perMinute = (row: Row, value: number) => round(value * 60 / row.seconds);

/** Targets for counts hold everywhere; those for seconds and MB on a machine like the one in RESULTS.md. */
export const targets: readonly Target[] = [
  { scenario: "create", jobs: 200, what: "calls", most: 240, value: ({ calls }) => calls },
  { scenario: "create", jobs: 200, what: "CPU s", most: 5, value: ({ cpuSeconds }) => cpuSeconds },
  { scenario: "steady", jobs: 200, what: "calls/min", most: 10, value: (row) => perMinute(row, row.calls) },
  {
    scenario: "steady",
    jobs: 200,
    what: "CPU ms/min",
    most: 900,
    value: (row) => perMinute(row, row.cpuSeconds * 1000),
  },
  { scenario: "steady", jobs: 10_000, what: "calls/min", most: 30, value: (row) => perMinute(row, row.calls) },
  { scenario: "steady", jobs: 10_000, what: "MB", most: 250, value: ({ residentMb }) => residentMb },
  { scenario: "ends of runs", jobs: 200, what: "ms, p50", most: 3000, value: ({ measured }) => measured.p50_ms },
  { scenario: "ends of runs", jobs: 200, what: "ms, p99", most: 8000, value: ({ measured }) => measured.p99_ms },
  {
    scenario: "ends of runs",
    jobs: 200,
    what: "calls/min when none is active, sweeps among them",
    most: 10,
    value: ({ measured }) => measured.idle_calls_per_min,
  },
  { scenario: "restart", jobs: 200, what: "calls in 30 s", most: 10, value: ({ calls }) => calls },
  { scenario: "restart", jobs: 1000, what: "ms until ready", most: 1000, value: ({ measured }) => measured.ready_ms },
  {
    scenario: "new among quiet",
    jobs: 10_000,
    what: "ms to the first call",
    most: 1000,
    value: ({ measured }) => measured.max_ms,
  },
  // A minute, plus a tenth of jitter.
  {
    scenario: "drift by default",
    jobs: 200,
    what: "s until repaired",
    most: 66,
    value: ({ measured }) => measured.until_repaired_s,
  },
  { scenario: "edit under load", jobs: 1000, what: "ms (p50)", most: 80, value: ({ measured }) => measured.p50_ms },
  {
    scenario: "large job",
    jobs: 1,
    what: "CPU ms a pass",
    most: 15,
    value: ({ measured }) => measured.cpu_ms_per_pass,
  },
  { scenario: "server limit", jobs: 200, what: "s", most: 22, value: ({ measured }) => measured.all_made_s },
  { scenario: "server limit", jobs: 200, what: "refusals", most: 5, value: ({ measured }) => measured.refusals },
];

/** The difference between two snapshots. */
export function rowOf(
  { scenario, jobs, measured = {} }: Pick<Row, "scenario" | "jobs"> & Partial<Pick<Row, "measured">>,
  before: Snapshot,
  after: Snapshot,
): Row {
  const endpoints = Object.fromEntries(
    Object.entries(after.calls).map(([name, count]) => [name, count - (before.calls[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  return {
    scenario,
    jobs,
    seconds: round((after.at - before.at) / 1000),
    calls: Object.values(endpoints).reduce((sum, count) => sum + count, 0),
    kubernetesWrites: after.kubernetesWrites - before.kubernetesWrites,
    cpuSeconds: round(after.usage.cpu - before.usage.cpu),
    peakMb: after.usage.peakMb,
    residentMb: after.usage.residentMb,
    heapMb: after.heapMb,
    lagP99Ms: lagQuantile(before, after, 0.99),
    lagMaxMs: lagQuantile(before, after, 1),
    measured,
    endpoints,
  };
}

/** The rows of one revision of the operator. */
export interface Measured {
  readonly revision: string;
  readonly rows: readonly Row[];
}

/** Prints the rows of one scenario, one per revision. */
export function printScenario(scenario: string, measured: readonly Measured[], machine: Record<string, unknown>): void {
  console.log(`\n${scenarioTable(scenario, measured)}`);
  for (const { revision, rows } of measured) {
    console.log(`\n${JSON.stringify({ bench: scenario, revision, ...machine, rows: rowsOf(scenario, rows) })}`);
  }
}

/** The table of one scenario. */
export function scenarioTable(scenario: string, measured: readonly Measured[]): string {
  const lines = measured.flatMap(({ revision, rows }) => rowsOf(scenario, rows).map((row) => ({ revision, row })));
  const cells = lines.toSorted((a, b) => a.row.jobs - b.row.jobs).map(({ revision, row }) => [
    ...[row.jobs, revision, row.seconds, row.calls, row.kubernetesWrites, row.cpuSeconds, row.peakMb, row.residentMb],
    `≤ ${row.lagP99Ms} / ${row.lagMaxMs} ms`,
    Object.entries(row.measured).map(([name, value]) => `${name} ${value}`).join(", "),
    Object.entries(row.endpoints).map(([name, count]) => `${count} ${name.replace("/api/", "")}`).join(", "),
  ]);
  const head = ["jobs", "revision", "s", "calls", "k8s writes", "CPU s", "peak MB", "MB after", "lag p99 / max"];
  return `### ${scenario}\n\n${tableOf([...head, "measured", "calls by endpoint"], cells)}`;
}

/**
 * The cost per job in each scenario that ran with several numbers of jobs. If a cost grows faster than the number of
 * jobs, the figures increase to the right.
 */
export function slopeTable(rows: readonly Row[]): string {
  const repeated = new Set(rows.map(({ scenario }) => scenario).filter((name) => rowsOf(name, rows).length > 1));
  const ofRepeated = rows.filter(({ scenario }) => repeated.has(scenario));
  const counts = [...new Set(ofRepeated.map(({ jobs }) => jobs))].sort((a, b) => a - b);
  const costs: readonly [string, (row: Row) => number][] = [
    ["calls", ({ calls, jobs }) => calls / jobs],
    ["k8s writes", ({ kubernetesWrites, jobs }) => kubernetesWrites / jobs],
    ["CPU ms", ({ cpuSeconds, jobs }) => 1000 * cpuSeconds / jobs],
    ["kB at the peak", ({ peakMb, jobs }) => 1000 * peakMb / jobs],
  ];
  const cells = [...repeated].flatMap((scenario) =>
    costs.map(([what, cost]) => [
      scenario,
      `${what} a job`,
      ...counts.map((count) => {
        const row = rows.find((one) => one.scenario === scenario && one.jobs === count);
        return row === undefined ? "" : round(cost(row));
      }),
    ])
  );
  return `### cost against the number of jobs\n\n${tableOf(["scenario", "cost", ...counts.map(String)], cells)}`;
}

function rowsOf(scenario: string, rows: readonly Row[]): Row[] {
  return rows.filter((row) => row.scenario === scenario);
}

function tableOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * The medians of rows with the same scenario and number of jobs, in the order of their first occurrence.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mediansOf, type Row } from "./table.ts";
 *
 * const row = (calls: number, p50_ms: number) =>
 *   ({ scenario: "edit", jobs: 200, calls, measured: { p50_ms }, endpoints: { "GET jobs/get": calls } }) as unknown as Row;
 * const [median] = mediansOf([row(9, 1), row(3, 2), row(4, 9)]);
 * assert.deepEqual([median?.calls, median?.measured, median?.endpoints], [4, { p50_ms: 2 }, { "GET jobs/get": 4 }]);
 * ```
 */
export function mediansOf(rows: readonly Row[]): Row[] {
  const groups = Map.groupBy(rows, ({ scenario, jobs }) => `${scenario} ${jobs}`);
  return [...groups.values()].map((group) => medianOf(group as unknown as Values[]) as unknown as Row);
}

/** A row: numbers, texts that are the same in all rows, and nested numbers by name. */
type Values = { readonly [name: string]: number | string | Values };

/** The median of each number; a missing name counts as 0. */
function medianOf(rows: readonly Values[]): Values {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries([...names].map((name) => {
    const values = rows.map((row) => row[name] ?? 0);
    const [first] = values;
    if (values.some((value) => typeof value === "object")) {
      return [name, medianOf(values.map((value) => typeof value === "object" ? value : {}))];
    }
    if (typeof first === "string") return [name, first];
    return [name, (values as number[]).sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0];
  }));
}

/** The targets with the measured values, as far as they were measured. */
export function targetTable(rows: readonly Row[]): string {
  const cells = targets.flatMap(({ scenario, jobs, what, most, value }) => {
    const row = rows.find((row) => row.scenario === scenario && row.jobs === jobs);
    const reached = row === undefined ? undefined : value(row);
    if (reached === undefined) return [];
    return [[scenario, jobs, `${most} ${what}`, reached, reached <= most ? "held" : "**missed**"]];
  });
  return `### targets\n\n${tableOf(["scenario", "jobs", "at most", "measured", ""], cells)}`;
}

/** Rounds to hundredths. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The upper bound (ms) of the histogram bucket that contains a quantile of the event loop lag. */
function lagQuantile(before: Snapshot, after: Snapshot, share: number): number {
  const count = (bound: string) => (after.lag.get(bound) ?? 0) - (before.lag.get(bound) ?? 0);
  const wanted = share * count("+Inf");
  const bound = [...after.lag.keys()].find((bound) => count(bound) >= wanted) ?? "+Inf";
  return bound === "+Inf" ? Infinity : Number(bound) * 1000;
}
