/**
 * The newest run of every job, from workspace-wide lists: what it costs does not grow with the number of idle jobs.
 *
 * Guarantees: a job is said to have no runs only when that is known; a run that starts and ends between two polls is
 * seen; an outage loses nothing; runs of jobs that nobody wants to know about cost their place in the lists, no call of
 * their own, and no memory for ever.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { DatabricksError } from "../../databricks/errors.ts";
import { isObject } from "../../base/json.ts";
import { endpoint, type Workspace } from "../../resource.ts";
import type { LatestRun, RunState } from "../object/status.ts";

/** The API allows "less than 25". */
const PAGE = 24;
/** How many pages the first fill reads at most. */
const FILL_PAGES = 20;
/** How many jobs that the first fill did not reach are asked for in one poll. */
const ASK_PER_POLL = 20;
/** Runs may appear in the list a little after their start (ms). */
const OVERLAP = 60_000;
/** What is remembered of jobs that nobody wants to know about: as many as a workspace may hold. */
const REMEMBERED = 10_000;
/** One-off runs (`runs/submit`, `dbutils.notebook.run`) are of no job that anybody manages. */
const OF_JOBS = "JOB_RUN";
/** The last time that a date can tell (ms). */
const LATEST = 8.64e15;

const endpoints = {
  list: endpoint("GET /api/{jobs_api_version}/jobs/runs/list", { items: "runs" }),
  get: endpoint("GET /api/{jobs_api_version}/jobs/runs/get"),
};

/** A run, as far as status shows it. */
export interface Run {
  readonly jobId: string;
  readonly runId: string;
  readonly startedAt: number;
  readonly state: RunState;
  readonly latest: LatestRun;
}

/** What a {@link RunFeed} needs. */
export interface RunFeedOptions {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** The jobs whose runs somebody wants to know. */
  readonly jobs: () => Iterable<string>;
  /** Told the jobs whose newest run changed. */
  readonly onChange: (jobIds: ReadonlySet<string>) => void;
  /** Told how many seconds after its end a run was seen to have ended. */
  readonly onEnded?: (seconds: number) => void;
}

/** Follows the runs of a workspace. */
export class RunFeed {
  readonly #options: RunFeedOptions;
  readonly #newest = new Map<string, Run>();
  /** Jobs that are known to have no runs. */
  readonly #idle = new Set<string>();
  /** Jobs of which something newer may exist than what is known. */
  readonly #unsure = new Set<string>();
  /** Jobs that Databricks would not tell about, so that others are asked for first. */
  readonly #refused = new Set<string>();
  /** Runs that began before are known, or were out of the first fill's reach; `undefined` before that. */
  #from: number | undefined;
  /** The latest start of a run, and when it was seen (ms, monotonic). */
  #seen = { latest: 0, at: 0 };
  /** True when the first fill reached the oldest run, so that a job without a run has none. */
  #complete = false;

  constructor(options: RunFeedOptions) {
    this.#options = options;
  }

  /** The job's newest run; `"none"` when it has none, `undefined` when that is not known yet. */
  newest(jobId: string): Run | "none" | undefined {
    const isKnown = !this.#unsure.has(jobId) && (this.#complete || this.#idle.has(jobId));
    return this.#newest.get(jobId) ?? (isKnown ? "none" : undefined);
  }

  /** Notes that a job was made just now, so that it has no runs. */
  created(jobId: string): void {
    this.#idle.add(jobId);
  }

  /** Asks Databricks what happened since the last poll. */
  async poll(workspace: Workspace): Promise<void> {
    const changed = new Set<string>();
    try {
      const active = await this.#readActive(workspace, changed);
      await this.#readRecent(workspace, changed);
      await this.#readEnded(workspace, active, changed);
      await this.#askUnknown(workspace, changed);
      this.#forgetOthers();
    } finally {
      // Also when the poll breaks off: what it found by then is no news to the next one.
      if (changed.size > 0) this.#options.onChange(changed);
    }
  }

  async #readActive(workspace: Workspace, changed: Set<string>): Promise<Set<string>> {
    const active = new Set<string>();
    for await (const page of workspace.pages(endpoints.list, { active_only: true, run_type: OF_JOBS, limit: PAGE })) {
      for (const run of page.flatMap(toRun)) {
        active.add(run.runId);
        this.#note(run, changed);
      }
    }
    return active;
  }

  async #readRecent(workspace: Workspace, changed: Set<string>): Promise<void> {
    const begunAt = this.#options.clock.monotonic();
    const isFill = this.#from === undefined;
    const from = isFill ? {} : { start_time_from: this.#from };
    let [latest, pages] = [0, 0];
    for await (const page of workspace.pages(endpoints.list, { ...from, run_type: OF_JOBS, limit: PAGE })) {
      const runs = page.flatMap(toRun);
      for (const run of runs) {
        latest = Math.max(latest, run.startedAt);
        this.#note(run, changed);
      }
      if (isFill && this.#isFilled(++pages, runs.at(-1)?.startedAt ?? Infinity)) return this.#advance(latest, begunAt);
    }
    if (isFill) {
      this.#complete = true;
      for (const jobId of this.#options.jobs()) changed.add(jobId);
    }
    this.#advance(latest, begunAt);
  }

  /**
   * Only a whole read moves the mark: after an outage the next one begins where the last good one began. What time it is
   * in Databricks is told by its own times and by how long ago they were seen, so that our clock may be wrong, and jump.
   */
  #advance(latest: number, begunAt: number): void {
    if (latest > this.#timeThere(begunAt)) this.#seen = { latest, at: begunAt };
    this.#from = Math.max(this.#from ?? 0, this.#timeThere(begunAt) - OVERLAP);
  }

  /** The least that Databricks' clock can have shown at a time of ours (ms, monotonic). */
  #timeThere(at: number): number {
    return this.#seen.latest === 0 ? 0 : this.#seen.latest + Math.floor(at - this.#seen.at);
  }

  /** True when the first fill has read enough: back to `oldest`, from the newest. */
  #isFilled(pages: number, oldest: number): boolean {
    const isKnown = (jobId: string) => (this.#newest.get(jobId)?.startedAt ?? -1) >= oldest || this.#idle.has(jobId);
    if ([...this.#options.jobs()].every(isKnown)) return true;
    if (pages < FILL_PAGES) return false;
    // An active run may be older than a finished one that was not reached.
    for (const { jobId, startedAt } of this.#newest.values()) if (startedAt < oldest) this.#unsure.add(jobId);
    return true;
  }

  /** Asks for the runs that were active when they were last seen, and are not any more, of jobs that are wanted. */
  async #readEnded(workspace: Workspace, active: ReadonlySet<string>, changed: Set<string>): Promise<void> {
    const ended = [...this.#newest.values()].filter(({ runId, state }) => !active.has(runId) && !isOver(state));
    const wanted = ended.length > 0 ? new Set(this.#options.jobs()) : undefined;
    for (const { runId, jobId } of ended) {
      if (!wanted?.has(jobId)) {
        this.#newest.delete(jobId);
        this.#unsure.add(jobId);
        continue;
      }
      const answer = await workspace.tryCall(endpoints.get, { run_id: runId });
      for (const run of toRun(answer)) this.#note(run, changed);
      if (answer !== undefined) continue;
      // It was deleted, so the one before it is the newest.
      this.#newest.delete(jobId);
      this.#unsure.add(jobId);
      changed.add(jobId);
    }
  }

  /** Asks for some of the jobs of which nothing is known. */
  async #askUnknown(workspace: Workspace, changed: Set<string>): Promise<void> {
    for (const jobId of this.#unknown().slice(0, ASK_PER_POLL)) {
      const page = await this.#ask(workspace, jobId);
      if (page === undefined) continue;
      this.#unsure.delete(jobId);
      const run = (Array.isArray(page.runs) ? page.runs : []).flatMap(toRun)[0];
      if (run !== undefined) this.#note(run, changed);
      else {
        this.#idle.add(jobId);
        changed.add(jobId);
      }
    }
  }

  /** One job whose runs we may not see must not keep us from the others. */
  async #ask(workspace: Workspace, jobId: string): Promise<Record<string, unknown> | undefined> {
    try {
      this.#refused.delete(jobId);
      return await workspace.call(endpoints.list, { job_id: jobId, limit: 1 });
    } catch (error) {
      if (!(error instanceof DatabricksError) || error.transient || !error.refused) throw error;
      this.#refused.add(jobId);
    }
  }

  #unknown(): string[] {
    const unknown = [...this.#options.jobs()].filter((jobId) =>
      this.#unsure.has(jobId) || this.newest(jobId) === undefined
    );
    return unknown.sort((a, b) => Number(this.#refused.has(a)) - Number(this.#refused.has(b)));
  }

  /** Keeps what is known of others from growing for ever. What is forgotten is asked for when somebody wants it. */
  #forgetOthers(): void {
    const wanted = new Set(this.#options.jobs());
    const known = [this.#newest, this.#idle, this.#unsure, this.#refused];
    if (known.every(({ size }) => size <= wanted.size + REMEMBERED)) return;
    for (const jobId of wanted) if (this.newest(jobId) === "none") this.#idle.add(jobId);
    this.#complete = false;
    for (const jobs of known) {
      for (const jobId of jobs.keys()) if (!wanted.has(jobId)) jobs.delete(jobId);
    }
  }

  #note(run: Run, changed: Set<string>): void {
    const known = this.#newest.get(run.jobId);
    if (known !== undefined && known.runId !== run.runId && !isNewer(run, known)) return;
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(run)) return;
    this.#newest.set(run.jobId, run);
    changed.add(run.jobId);
    // Runs that ended before the first fill were nobody's to detect.
    if (this.#from === undefined || run.latest.end_time === undefined || !isOver(run.state)) return;
    if (known?.runId === run.runId && isOver(known.state)) return;
    this.#options.onEnded?.((this.#options.clock.now() - Date.parse(run.latest.end_time)) / 1000);
  }
}

function isNewer(a: Run, b: Run): boolean {
  return a.startedAt > b.startedAt || (a.startedAt === b.startedAt && BigInt(a.runId) > BigInt(b.runId));
}

function isOver(state: RunState): boolean {
  return ["TERMINATED", "SKIPPED", "INTERNAL_ERROR"].includes(state.life_cycle_state);
}

/**
 * Reads a run; one without a job or a state, or whose id or times cannot be, is passed over, and so is a one-off run, whose
 * job nobody can manage.
 */
function toRun(item: unknown): Run[] {
  if (!isObject(item) || !isObject(item.state) || !/^\d+$/.test(String(item.run_id)) || !item.job_id) return [];
  if ((item.run_type ?? OF_JOBS) !== OF_JOBS) return [];
  const { life_cycle_state, result_state, state_message, user_cancelled_or_timedout } = item.state;
  const state: RunState = {
    life_cycle_state: String(life_cycle_state ?? ""),
    ...(result_state === undefined ? {} : { result_state: String(result_state) }),
    ...(state_message === undefined ? {} : { state_message: String(state_message) }),
    ...(user_cancelled_or_timedout === undefined
      ? {}
      : { user_cancelled_or_timedout: user_cancelled_or_timedout === true }),
  };
  const runId = String(item.run_id);
  const startedAt = Number(item.start_time ?? 0);
  const endedAt = Number(item.end_time ?? 0);
  if (![startedAt, endedAt].every((time) => Math.abs(time) <= LATEST)) return [];
  const latest: LatestRun = {
    run_id: runId,
    ...(startedAt > 0 ? { start_time: new Date(startedAt).toISOString() } : {}),
    ...(endedAt > 0 ? { end_time: new Date(endedAt).toISOString() } : {}),
    ...(typeof item.run_page_url === "string" ? { url: item.run_page_url } : {}),
  };
  return [{ jobId: String(item.job_id), runId, startedAt, state, latest }];
}
