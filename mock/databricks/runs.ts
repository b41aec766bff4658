/**
 * The runs of one workspace.
 *
 * A run goes PENDING → RUNNING → TERMINATED when a test says so, or by the workspace's clock if `runSeconds` is set.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { ApiError, invalid, missing } from "./errors.ts";
import { IdSequence } from "./ids.ts";
import { copy, type Settings } from "./job_settings.ts";
import type { Jobs } from "./jobs.ts";
import { isActive, type Run, stateOf, taskRunIds } from "./run.ts";
import { steady } from "./steady.ts";

/** The parts of a workspace that {@link Runs} uses. */
export interface RunsOptions {
  now: () => number;
  user: string;
  firstId: bigint;
  doubts: Doubts;
  runSeconds: number | undefined;
  /** How long lists lag, if they do (ms). */
  listLagMs: number;
}

/** Options of a run that a test starts. */
export interface StartOptions {
  /** The life-cycle state; by default RUNNING. */
  state?: string;
  creator?: string;
  overrides?: Settings;
}

const tokenMs = 60 * 60 * 1000;
const retentionMs = 60 * 24 * 60 * 60 * 1000;

/** The runs of one workspace. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #jobs: Jobs;
  readonly #ids: IdSequence;
  readonly #runs = new Map<string, Run>();
  readonly #tokens = new Map<string, Run>();
  /** The start of each run, on the {@link steady} clock. */
  readonly #begun = new Map<string, number>();
  readonly #steady: () => number;
  /** Lists show runs that began before this time, even if lists lag. */
  #settledAt = 0;

  constructor(jobs: Jobs, options: RunsOptions) {
    this.#jobs = jobs;
    this.#options = options;
    this.#steady = steady(options.now);
    this.#ids = new IdSequence(options.firstId);
  }

  /** Makes lists show all runs so far. */
  settle(): void {
    this.#settledAt = this.#options.now();
  }

  /** Begins a run of a job, as its schedule or a person does, and returns the run's id. */
  start(jobId: string, { state = "RUNNING", ...more }: StartOptions = {}): string {
    const { settings } = this.#jobs.require(jobId);
    const run = this.#add({ job_id: jobId, run_type: "JOB_RUN", settings, ...more }, state);
    return run.run_id;
  }

  /** Begins a run, as jobs/run-now does: it is queued or skipped if too many are active. */
  runNow(jobId: string, more: StartOptions = {}): Run {
    const { settings } = this.#jobs.require(jobId);
    const restarts = settings.continuous && settings.continuous.pause_status !== "PAUSED";
    if (restarts) this.#restart(jobId);
    const active = restarts ? 0 : this.#activeOf(jobId).length;
    const room = active < (settings.max_concurrent_runs ?? 1);
    const state = room ? "PENDING" : settings.queue?.enabled ? "QUEUED" : "SKIPPED";
    const run = this.#add({ job_id: jobId, run_type: "JOB_RUN", settings, ...more }, state);
    if (state === "SKIPPED") this.#end(run, "MAXIMUM_CONCURRENT_RUNS_REACHED", "Too many active runs", "SKIPPED");
    return run;
  }

  /** Cancels the active run of a continuous job, before run-now starts the next one. */
  #restart(jobId: string): void {
    if (this.#options.doubts.runNowContinuous === "409") {
      throw new ApiError(409, "RESOURCE_CONFLICT", `Job ${jobId} is continuous and cannot be run on demand`);
    }
    const active = this.#activeOf(jobId);
    // At the same time, another caller restarts the job or cancels its run.
    if (active.some(({ cancelledAt }) => cancelledAt !== undefined)) {
      throw new ApiError(409, "RESOURCE_CONFLICT", `Job ${jobId} is being restarted`);
    }
    for (const { run_id } of active) this.cancel(run_id);
  }

  #activeOf(jobId: string): Run[] {
    return this.list().filter((run) => run.job_id === jobId && isActive(run));
  }

  /** Begins a run without a job; Databricks assigns it a job id nevertheless. */
  submit(settings: Settings, more: StartOptions = {}): Run {
    const job_id = this.#jobs.nextId();
    return this.#add({ job_id, run_type: "SUBMIT_RUN", settings, ...more }, "PENDING");
  }

  /** Ends a run, even one that has already ended. */
  finish(runId: string, resultState = "SUCCESS", message = ""): void {
    const failed = resultState === "FAILED" && this.#options.doubts.failedRunState === "INTERNAL_ERROR";
    this.#end(this.require(runId), resultState, message, failed ? "INTERNAL_ERROR" : "TERMINATED");
  }

  /** Cancels a run, unless it has ended. A doubt decides if it is TERMINATING first. */
  cancel(runId: string): void {
    const run = this.require(runId);
    const { doubts } = this.#options;
    if (!isActive(run) || run.cancelledAt !== undefined) return;
    if (doubts.cancelEnd === "at once" || run.state.life_cycle_state === "QUEUED") return this.#endCancelled(run);
    Object.assign(run, { state: stateOf("TERMINATING"), cancelledAt: this.#steady() });
  }

  #endCancelled(run: Run): void {
    delete run.cancelledAt;
    this.#end(run, "CANCELED", "Run cancelled.");
  }

  /** Sets the output of a run's tasks; `runs/get-output` returns it once the run has ended. */
  print(runId: string, text: string): void {
    this.require(runId).output = text;
  }

  /**
   * Runs the failed tasks of an ended run again, and returns the repair's id.
   *
   * @param overrides Parameters, which replace those of the run.
   */
  repair(runId: string, latestRepairId?: string, overrides: Settings = {}): string {
    const run = this.require(runId);
    if (isActive(run)) throw new ApiError(400, "INVALID_STATE", `Run ${runId} is active and cannot be repaired`);
    this.#checkLatest(run, latestRepairId);
    const id = this.#ids.next();
    const { start_time, end_time, state } = run;
    const former = run.repairs.at(-1);
    if (former === undefined) run.original = { start_time, end_time, state };
    else Object.assign(former, { end_time, state });
    run.repairs.push({ id: BigInt(id), type: "REPAIR", start_time: this.#options.now() });
    Object.assign(run, { state: stateOf("PENDING"), end_time: 0, overrides });
    if (this.#options.doubts.repairStart === "changes it") run.start_time = this.#options.now();
    return id;
  }

  #checkLatest({ repairs }: Run, given: string | undefined): void {
    const latest = repairs.at(-1)?.id as bigint | undefined;
    if (latest === undefined) return;
    if (given === undefined) {
      throw invalid("The latest repair ID needs to be provided in order to repair a run that was repaired before");
    }
    if (given === String(latest) || this.#options.doubts.staleRepairId === "accepted") return;
    throw invalid(`latest_repair_id must be ${latest}, the id of the latest repair`);
  }

  /** A run as runs/get returns it: without the latest repair if that answer lags. */
  shown(run: Run): Run {
    const { doubts, now, listLagMs } = this.#options;
    const latest = run.repairs.at(-1);
    if (latest === undefined || doubts.repairLag === "none" || now() - latest.start_time >= listLagMs) return run;
    const repairs = run.repairs.slice(0, -1);
    const { start_time = run.start_time, end_time, state } = repairs.at(-1) ?? run.original ?? run;
    return { ...run, repairs, start_time, end_time, state };
  }

  /** The runs in jobs/runs/list: without the latest ones if lists lag. */
  listed(): Run[] {
    const { now, doubts, listLagMs } = this.#options;
    const newest = doubts.listLag === "none" ? Infinity : Math.max(now() - listLagMs, this.#settledAt);
    return this.list().filter((run) => run.start_time <= newest);
  }

  /** From the newest to the oldest; runs disappear after 60 days. */
  list(): Run[] {
    this.advance();
    const oldest = this.#options.now() - retentionMs;
    return [...this.#runs.values()].filter((run) => run.start_time >= oldest).reverse();
  }

  /** The run itself, not a copy. */
  get(runId: string): Run | undefined {
    this.advance();
    return this.#runs.get(runId);
  }

  /** The run. @throws {ApiError} the Jobs API's error if there is none. */
  require(runId: string): Run {
    const run = this.get(runId);
    if (!run && this.ofTask(runId)) throw invalid(`Run ${runId} is a task's run: ask for the run of its job`);
    if (!run) throw missing("Run", runId, this.#options.doubts);
    return run;
  }

  /** The run that contains the task run with this id. */
  ofTask(id: string): Run | undefined {
    return this.list().find((run) => taskRunIds(run).includes(BigInt(id)));
  }

  /** Removes a run. @returns false if there was none. */
  remove(runId: string): boolean {
    return this.#runs.delete(runId);
  }

  /** The run that a request with this idempotency token started. */
  byToken(token: string): Run | undefined {
    const run = this.#tokens.get(token);
    const isOld = run !== undefined && this.#options.now() - run.start_time > tokenMs;
    return isOld && this.#options.doubts.idempotencyTokenLife === "an hour" ? undefined : run;
  }

  /** Stores the idempotency token of a run. */
  remember(token: string, run: Run): void {
    this.#tokens.set(token, run);
  }

  /** Advances runs to their state at the current time; without `runSeconds`, only cancelled ones advance. */
  advance(): void {
    const { runSeconds, listLagMs } = this.#options;
    for (const run of this.#runs.values()) {
      if (run.cancelledAt !== undefined && this.#steady() - run.cancelledAt >= listLagMs) this.#endCancelled(run);
    }
    if (runSeconds === undefined) return;
    for (const run of this.#runs.values()) this.#advance(run, runSeconds * 1000);
  }

  #advance(run: Run, durationMs: number): void {
    if (!["PENDING", "RUNNING"].includes(run.state.life_cycle_state)) return;
    const elapsed = this.#steady() - (this.#begun.get(run.run_id) ?? 0);
    if (elapsed >= durationMs) this.#end(run, "SUCCESS", "", "TERMINATED", run.start_time + durationMs);
    else if (elapsed > 0) run.state = stateOf("RUNNING");
  }

  #add(given: Pick<Run, "job_id" | "run_type" | "settings"> & StartOptions, state: string): Run {
    const { job_id, run_type, settings, creator = this.#options.user, overrides = {} } = given;
    const run: Run = {
      run_id: this.#ids.next(),
      job_id,
      run_name: settings.name ?? settings.run_name ?? "Untitled",
      run_type,
      creator_user_name: creator,
      state: stateOf(state),
      start_time: this.#options.now(),
      end_time: isActive({ state: stateOf(state) }) ? 0 : this.#options.now(),
      overrides,
      settings: copy(settings),
      repairs: [],
    };
    this.#runs.set(run.run_id, run);
    this.#begun.set(run.run_id, this.#steady());
    return run;
  }

  #end(run: Run, result_state: string, message: string, state = "TERMINATED", at = this.#options.now()): void {
    const user_cancelled_or_timedout = ["CANCELED", "TIMEDOUT"].includes(result_state);
    run.state = { life_cycle_state: state, result_state, state_message: message, user_cancelled_or_timedout };
    run.end_time = at;
    if (state !== "SKIPPED") this.#releaseQueued(run.job_id);
  }

  #releaseQueued(jobId: string): void {
    for (const run of this.#runs.values()) {
      if (run.job_id !== jobId || run.state.life_cycle_state !== "QUEUED") continue;
      run.state = stateOf("PENDING");
      return;
    }
  }
}
