/**
 * The metrics for Prometheus. Metrics of reconciles, work queues and API server calls have controller-runtime's names,
 * so that dashboards of other operators fit; metrics about Databricks begin with `databricks_`.
 *
 * Names: https://book.kubebuilder.io/reference/metrics-reference
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { DURATIONS, LAGS, WAITS } from "./buckets.ts";
import type { ManagedCount, MetricDescription, PlanCounts } from "./counts.ts";
import { RunningSeconds } from "./running_seconds.ts";

export type * from "./counts.ts";

/** The result of a pass, in controller-runtime's words. */
export type ReconcileResult = "success" | "error" | "requeue_after";

/** The labels of one value. */
type Labels = Record<string, string>;

/**
 * The metrics of one operator.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Metrics } from "./metrics.ts";
 *
 * const metrics = new Metrics();
 * metrics.apiCalled("GET /api/2.0/secrets/scopes/list", 200, 0.1);
 * assert.match(await metrics.text(), /databricks_api_requests_total\{endpoint=".*list",code="200"\} 1/);
 * ```
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #reconciles = this.#counter("controller_runtime_reconcile_total", "Passes over objects, by how they ended", [
    "controller",
    "result",
  ]);
  readonly #reconcileErrors = this.#counter("controller_runtime_reconcile_errors_total", "Passes that failed", [
    "controller",
  ]);
  readonly #reconcileTime = this.#histogram("controller_runtime_reconcile_time_seconds", "How long a pass takes", [
    "controller",
  ]);
  readonly #active = this.#gauge("controller_runtime_active_workers", "Passes under way", ["controller"]);
  readonly #adds = this.#counter("workqueue_adds_total", "Objects that were queued", ["name"]);
  readonly #queueTime = this.#histogram(
    "workqueue_queue_duration_seconds",
    "How long an object that is due waits for its pass",
    ["name", "priority"],
    WAITS,
  );
  readonly #workTime = this.#histogram("workqueue_work_duration_seconds", "How long work on an object takes", ["name"]);
  readonly #retries = this.#counter("workqueue_retries_total", "Objects that were queued again after a failure", [
    "name",
  ]);
  /** The start times of the passes under way (ms, monotonic). */
  readonly #underWay = new Set<{ readonly since: number }>();
  #queue = "";
  readonly #apiCalls = this.#counter(
    "databricks_api_requests_total",
    "Requests to Databricks by endpoint and HTTP status; code 0 is a request without an answer",
    ["endpoint", "code"],
  );
  readonly #apiTime = this.#histogram(
    "databricks_api_request_duration_seconds",
    "How long Databricks takes to answer",
    ["endpoint"],
  );
  readonly #limiterWait = this.#histogram(
    "databricks_api_limiter_wait_seconds",
    "How long requests wait for the rate limit",
    ["priority"],
    WAITS,
  );
  readonly #repairs = this.#counter(
    "databricks_drift_repairs_total",
    "Differences between Databricks and manifest that were set back",
    ["kind"],
  );
  readonly #damped = this.#counter(
    "databricks_drift_repairs_damped_total",
    "Times that a difference was left alone for a while because setting it back did not hold",
    ["kind"],
  );
  readonly #runDetection = this.#histogram(
    "databricks_run_time_to_detect_finished_seconds",
    "Delay between the end of a run and its detection",
    [],
    [1, 5, 15, 30, 60, 90, 120, 300, 600],
  );
  readonly #runs = this.#counter(
    "databricks_runs_total",
    "Runs that have ended, of managed jobs and of DatabricksRuns, by result",
    ["namespace", "result"],
  );
  readonly #runTime = this.#histogram(
    "databricks_run_duration_seconds",
    "How long these runs took, by result",
    ["result"],
    [30, 60, 300, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400],
  );
  /** The seconds for which declared compute was seen running. */
  readonly running: RunningSeconds = new RunningSeconds(this.#registry);
  readonly #kubernetesCalls = this.#counter("rest_client_requests_total", "Requests to the API server", [
    "code",
    "method",
  ]);
  readonly #lag = this.#histogram(
    "databricks_kube_operator_event_loop_lag_seconds",
    "How much later than it should a timer fires: what computes for long keeps all else waiting",
    [],
    LAGS,
  );
  readonly #leader = this.#gauge(
    "leader_election_master_status",
    "1 while this process is the leader, 0 while it stands by",
    ["name"],
  );

  constructor() {
    this.#processMetrics();
  }

  /** The metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics by name, for the documentation. */
  describe(): MetricDescription[] {
    const metrics = this.#registry.getMetricsAsArray() as unknown as (MetricDescription & { labelNames?: string[] })[];
    return metrics.map(({ name, help, type, labelNames = [] }) => {
      return { name, help, type: String(type), labels: labelNames.filter((label) => label !== "le") };
    }).sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** Sets the version in `build_info`. */
  built(version: string): void {
    const { deno, typescript } = Deno.version;
    this.#gauge("databricks_kube_operator_build_info", "1, with the version as a label", [
      "version",
      "deno",
      "typescript",
    ])
      .set({ version, deno, typescript }, 1);
  }

  /** A pass began. @returns a function to call when it has ended. */
  reconciling(controller: string): (result: ReconcileResult) => void {
    const pass = { since: performance.now() };
    this.#underWay.add(pass);
    this.#active.inc({ controller });
    return (result) => {
      const seconds = (performance.now() - pass.since) / 1000;
      this.#underWay.delete(pass);
      this.#reconcileTime.observe({ controller }, seconds);
      this.#workTime.observe({ name: this.#queue }, seconds);
      this.#active.dec({ controller });
      this.#reconciles.inc({ controller, result });
      if (result !== "error") return;
      this.#reconcileErrors.inc({ controller });
      this.#retries.inc({ name: this.#queue });
    };
  }

  /** Counts an object that was queued. */
  queued(name: string): void {
    this.#adds.inc({ name });
  }

  /** Observes how long an object that was due waited for its pass. */
  dequeued(name: string, priority: string, seconds: number): void {
    this.#queueTime.observe({ name, priority }, seconds);
  }

  /** Reads the queue's length on each scrape. */
  observeQueue(name: string, depth: () => number, concurrency: number): void {
    this.#queue = name;
    const gauge = (metric: string, help: string, value: () => number) =>
      this.#gauge(metric, help, ["name"], (gauge) => gauge.set({ name }, value()));
    gauge("workqueue_depth", "Objects that are due and wait", depth);
    gauge("workqueue_unfinished_work_seconds", "How long the passes under way have taken, in sum", () => {
      return this.#ages().reduce((sum, age) => sum + age, 0);
    });
    gauge(
      "workqueue_longest_running_processor_seconds",
      "How long the longest of the passes under way has taken",
      () => {
        return Math.max(0, ...this.#ages());
      },
    );
    this.#gauge("controller_runtime_max_concurrent_reconciles", "Passes that may be under way in a namespace", [
      "controller",
    ])
      .set({ controller: name }, concurrency);
  }

  /** Counts a call to Databricks and its duration; code 0 means no answer. */
  apiCalled(endpoint: string, code: number, seconds: number): void {
    this.#apiCalls.inc({ endpoint, code: String(code) });
    this.#apiTime.observe({ endpoint }, seconds);
  }

  /** Counts a request that waited for the rate limit, and how long. */
  limited(priority: string, seconds: number): void {
    this.#limiterWait.observe({ priority }, seconds);
  }

  /** Counts a repair: a difference from the manifest was reverted. */
  repaired(kind: string): void {
    this.#repairs.inc({ kind });
  }

  /** Counts a repair that was postponed, because earlier repairs did not hold. */
  repairDamped(kind: string): void {
    this.#damped.inc({ kind });
  }

  /** Observes how long after its end a run was seen to have ended. */
  runEnded(seconds: number): void {
    this.#runDetection.observe(Math.max(0, seconds));
  }

  /** Counts a run that has ended. */
  runFinished(
    { namespace, result, seconds }: {
      readonly namespace: string;
      readonly result: string;
      readonly seconds: number | undefined;
    },
  ): void {
    this.#runs.inc({ namespace, result });
    if (seconds !== undefined) this.#runTime.observe({ result }, seconds);
  }

  /** Counts a call to the API server; code 0 means no answer. */
  kubernetesCalled(method: string, code: number): void {
    this.#kubernetesCalls.inc({ method, code: String(code) });
  }

  /** Observes how late a timer fired. */
  eventLoopLagged(seconds: number): void {
    this.#lag.observe(seconds);
  }

  /** Sets whether this process is the leader. */
  leading(name: string, isLeader: boolean): void {
    this.#leader.set({ name }, isLeader ? 1 : 0);
  }

  /** Reads the number of objects on each scrape. */
  observeManaged(counts: () => Iterable<ManagedCount>): void {
    const labels = ["kind", "owner", "ready"];
    this.#gauge("databricks_managed_resources", "Objects by kind, owner and readiness", labels, (gauge) => {
      gauge.reset();
      for (const { kind, owner, ready, count } of counts()) gauge.set({ kind, owner, ready: String(ready) }, count);
    });
  }

  /** Reads on each scrape the number of resources whose tag names an object that has another resource. */
  observeDuplicates(counts: () => Iterable<{ kind: string; count: number }>): void {
    const help = "Resources in Databricks that carry the ownership tag of an object that holds another one";
    this.#gauge("databricks_duplicate_external_resources", help, ["kind"], (gauge) => {
      for (const { kind, count } of counts()) gauge.set({ kind }, count);
    });
  }

  /** Reads on each scrape the phases of one-time resources that have not ended. */
  observePhases(counts: () => Iterable<{ namespace: string; phase: string; count: number }>): void {
    const help = "DatabricksRuns that have not ended, by phase";
    this.#gauge("databricks_active_run_objects", help, ["namespace", "phase"], (gauge) => {
      gauge.reset();
      for (const { namespace, phase, count } of counts()) gauge.set({ namespace, phase }, count);
    });
  }

  /** Reads on each scrape the plans that wait for approval, and the drift that is only reported. */
  observePlans(counts: () => Iterable<PlanCounts>, now: () => number): void {
    const gauge = (name: string, help: string, labels: string[], rows: (one: PlanCounts) => [Labels, number][]) =>
      this.#gauge(name, help, labels, (gauge) => {
        gauge.reset();
        for (const one of counts()) for (const [labels, value] of rows(one)) gauge.set(labels, value);
      });
    const pending = "Changes that wait for an approval, by kind and cause";
    gauge("databricks_plans_pending", pending, ["kind", "cause"], ({ kind, pending }) => {
      return pending.map(({ cause, count }) => [{ kind, cause }, count]);
    });
    const oldest = "The age of the oldest change that waits for an approval, by kind";
    gauge("databricks_plans_oldest_pending_seconds", oldest, ["kind"], ({ kind, pending }) => {
      const since = Math.min(...pending.map(({ oldest }) => oldest));
      return pending.length === 0 ? [] : [[{ kind }, Math.max(0, (now() - since) / 1000)]];
    });
    const drifted = "Objects that differ from Databricks where drift is only reported, by kind";
    gauge("databricks_drifted_resources", drifted, ["kind"], ({ kind, drifted }) => {
      return drifted === 0 ? [] : [[{ kind }, drifted]];
    });
  }

  /** Reads on each scrape the kinds whose objects are not reconciled. */
  observeWaiting(kinds: () => Iterable<string>): void {
    const help = "1 for each kind whose objects are not worked on: its CRD is missing, or it may not be listed";
    this.#gauge("databricks_kube_operator_waiting_kinds", help, ["kind"], (gauge) => {
      gauge.reset();
      for (const kind of kinds()) gauge.set({ kind }, 1);
    });
  }

  /** The age of the passes under way (s). */
  #ages(): number[] {
    return [...this.#underWay].map(({ since }) => (performance.now() - since) / 1000);
  }

  /** The usual process metrics, as far as they can be read without permissions. */
  #processMetrics(): void {
    const startedAt = Date.now() / 1000 - performance.now() / 1000;
    this.#gauge("process_start_time_seconds", "When the process began, in seconds since the epoch", []).set(startedAt);
    this.#gauge("process_resident_memory_bytes", "Resident memory", [], (gauge) => gauge.set(Deno.memoryUsage().rss));
    this.#gauge("nodejs_heap_size_used_bytes", "Used heap", [], (gauge) => gauge.set(Deno.memoryUsage().heapUsed));
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<T extends string>(name: string, help: string, labelNames: T[], buckets = DURATIONS): Histogram<T> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }

  #gauge<T extends string>(name: string, help: string, labelNames: T[], collect?: (gauge: Gauge<T>) => void): Gauge<T> {
    return new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      ...(collect === undefined ? {} : {
        collect() {
          collect(this);
        },
      }),
    });
  }
}
