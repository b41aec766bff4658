/**
 * The newest run of every job, from workspace-wide lists: the cost does not grow with the number of idle jobs.
 *
 * Guarantees: a job counts as without runs only when that is known; a run that starts and ends between two polls is
 * seen; an outage loses nothing; a run that Databricks does not return delays no other one; runs of unwanted jobs take
 * a place in the lists, but no calls of their own, and limited memory.
 *
 * Caveat: it is unknown whether a repair changes a run's start time. If not, a repair that begins and ends between two
 * polls shows in no list; only a get of the run shows it, and each poll makes {@link LOOKS_PER_POLL} of these.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { DatabricksError } from "../../databricks/errors.ts";
import { type Known, type OnEnded, RunEnds } from "./ends.ts";
import type { Run, Runs, Workspace } from "../../resource.ts";

/** The number of polls that request a run which the operator started and no list shows. */
const LOOKS_FOR_STARTED = 60;
/** The largest number of pages that the first fill reads. */
const FILL_PAGES = 20;
/** The number of jobs beyond the first fill's reach that one poll requests. */
const ASK_PER_POLL = 20;
/** The number of failed runs that one poll reads again, since they may have been repaired. */
export const LOOKS_PER_POLL = 2;
/** Runs may appear in the list a little after their start (ms). */
const OVERLAP = 60_000;
/** The number of jobs without an object that are remembered: as many as a workspace can hold. */
const REMEMBERED = 10_000;

/** Options of a {@link RunFeed}. */
export interface RunFeedOptions {
  readonly runs: Runs;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** The jobs whose runs are wanted. */
  readonly jobs: () => Iterable<string>;
  /** Called with the jobs whose newest run changed. */
  readonly onChange: (jobIds: ReadonlySet<string>) => void;
  /** Called with the number of seconds after its end at which a run was seen to have ended. */
  readonly onEnded?: OnEnded;
  /** Returns the newest run that a job's status mentions: later ones that ended meanwhile are reported. */
  readonly known?: Known;
}

/** Follows the runs of a workspace. */
export class RunFeed {
  readonly #options: RunFeedOptions;
  readonly #newest = new Map<string, Run>();
  /** Jobs that are known to have no runs. */
  readonly #idle = new Set<string>();
  /** Jobs that may have a newer run than the known one. */
  readonly #unsure = new Set<string>();
  /** Jobs whose runs Databricks did not return when requested, so that others are requested first. */
  readonly #refused = new Set<string>();
  /** The poll in which a job's failed run was last looked at. */
  readonly #looked = new Map<string, number>();
  /** Runs that the operator started and no list has shown yet, by job. */
  readonly #started = new Map<string, { readonly runId: string; readonly looks: number }>();
  readonly #ends: RunEnds;
  #polls = 0;
  #calls = 0;
  #hasActive = false;
  /** Runs that began earlier are known, or were beyond the first fill's reach; `undefined` before the fill. */
  #from: number | undefined;
  /** The latest start of a run, and when it was seen (ms, monotonic). */
  #seen = { latest: 0, at: 0 };

  constructor(options: RunFeedOptions) {
    this.#options = options;
    this.#ends = new RunEnds(options);
  }

  /** The number of calls that the last poll made, and whether runs of wanted jobs were active then. */
  get last(): { readonly calls: number; readonly hasActive: boolean } {
    return { calls: this.#calls, hasActive: this.#hasActive || this.#started.size > 0 };
  }

  /** The job's newest run; `"none"` if it has none, `undefined` if that is not known yet. */
  newest(jobId: string): Run | "none" | undefined {
    const isIdle = !this.#unsure.has(jobId) && this.#idle.has(jobId);
    return this.#newest.get(jobId) ?? (isIdle ? "none" : undefined);
  }

  /** Notes that a job was created just now, so that it has no runs. */
  created(jobId: string): void {
    this.#idle.add(jobId);
  }

  /** Notes a run that was started just now: lists may not show it yet, so the next polls request it by its id. */
  started(jobId: string, runId: string): void {
    this.#started.set(jobId, { runId, looks: 0 });
  }

  /** Notes that a job cannot be seen: lists without its runs do not mean that it has none. */
  hidden(jobId: string): void {
    this.#idle.delete(jobId);
    this.#unsure.add(jobId);
  }

  /** Reads what happened since the last poll. */
  async poll(workspace: Workspace): Promise<void> {
    const changed = new Set<string>();
    this.#polls++;
    this.#calls = 0;
    try {
      const active = await this.#readActive(workspace, changed);
      const gone = this.#ends.replaceActive(active);
      await this.#readRecent(workspace, changed);
      // An error in one of them must not prevent the other.
      const failures = [
        await this.#readEnded(workspace, active, changed),
        await this.#readOthers(workspace, gone, changed),
        await this.#askUnknown(workspace, changed),
        await this.#readStarted(workspace, changed),
      ].filter((failure) => failure !== undefined);
      this.#forgetOthers();
      if (failures.length > 0) throw failures[0];
    } finally {
      // Also when the poll fails: its findings so far are no news to the next one.
      if (changed.size > 0) this.#options.onChange(changed);
    }
  }

  async #readActive(workspace: Workspace, changed: Set<string>): Promise<Map<string, Run>> {
    const active = new Map<string, Run>();
    this.#calls++;
    for await (const page of this.#options.runs.list(workspace, { active: true })) {
      if (active.size > 0) this.#calls++;
      for (const run of page) {
        active.set(run.runId, run);
        this.#note(run, changed);
      }
    }
    const wanted = new Set(this.#options.jobs());
    this.#hasActive = [...active.values()].some(({ jobId }) => wanted.has(jobId));
    return active;
  }

  /** Reads runs that ended beside a newer run of their job, which may be in no list of recent runs. */
  async #readOthers(workspace: Workspace, gone: readonly Run[], changed: Set<string>): Promise<unknown> {
    const wanted = new Set(this.#options.jobs());
    for (const run of gone) if (!wanted.has(run.jobId)) this.#ends.drop(run);
    const open = gone.filter((run) => this.#ends.isActive(run)).slice(0, ASK_PER_POLL);
    return await this.#each(open.map(({ jobId }) => jobId), async (jobId) => {
      for (const run of open.filter((run) => run.jobId === jobId && this.#ends.isActive(run))) {
        this.#calls++;
        const now = await this.#options.runs.get(workspace, run.runId);
        if (now === undefined || now === "unreadable") this.#ends.drop(run);
        else this.#note(now, changed);
      }
    });
  }

  async #readRecent(workspace: Workspace, changed: Set<string>): Promise<void> {
    const begunAt = this.#options.clock.monotonic();
    const isFill = this.#isFillDue();
    const since = isFill ? undefined : this.#from;
    // Only for these do the lists prove that they have no runs: a job that is wanted later may have been missed.
    const asked = isFill ? this.#toFill() : new Set<string>();
    let [latest, pages] = [0, 0];
    for await (const runs of this.#options.runs.list(workspace, { since })) {
      this.#calls++;
      for (const run of runs) {
        latest = Math.max(latest, run.startedAt);
        this.#note(run, changed);
      }
      const oldest = runs.at(-1)?.startedAt ?? Infinity;
      if (isFill && this.#isFilled(++pages, { oldest, asked })) return this.#advance(latest, begunAt);
    }
    for (const jobId of asked) this.#noteIdle(jobId, changed);
    this.#advance(latest, begunAt);
  }

  /** True the first time, and when requesting each new job would take longer than reading all again. */
  #isFillDue(): boolean {
    return this.#from === undefined || this.#toFill().size > ASK_PER_POLL;
  }

  /** The jobs that a fill covers: at first all, then those that are new. */
  #toFill(): Set<string> {
    const jobs = [...this.#options.jobs()];
    const isNew = (jobId: string) => !this.#unsure.has(jobId) && this.newest(jobId) === undefined;
    return new Set(this.#from === undefined ? jobs : jobs.filter(isNew));
  }

  #noteIdle(jobId: string, changed: Set<string>): void {
    if (this.#newest.has(jobId) || this.#idle.has(jobId) || this.#unsure.has(jobId)) return;
    this.#idle.add(jobId);
    changed.add(jobId);
  }

  /**
   * Only a complete read moves the mark: after an outage the next read begins where the last good one began.
   * Databricks' clock is inferred from the times in its answers and from when they were seen, so that the local clock
   * may be wrong, and jump.
   */
  #advance(latest: number, begunAt: number): void {
    if (latest > this.#timeThere(begunAt)) this.#seen = { latest, at: begunAt };
    this.#from = Math.max(this.#from ?? 0, this.#timeThere(begunAt) - OVERLAP);
  }

  /** The earliest time that Databricks' clock can have shown at a local time (ms, monotonic). */
  #timeThere(at: number): number {
    return this.#seen.latest === 0 ? 0 : this.#seen.latest + Math.floor(at - this.#seen.at);
  }

  /** True when a fill has read enough: from the newest run back to `oldest`. */
  #isFilled(pages: number, { oldest, asked }: { oldest: number; asked: ReadonlySet<string> }): boolean {
    const isKnown = (jobId: string) => (this.#newest.get(jobId)?.startedAt ?? -1) >= oldest || this.#idle.has(jobId);
    if ([...asked].every(isKnown)) return true;
    if (pages < FILL_PAGES) return false;
    for (const jobId of asked) if (!this.#newest.has(jobId) && !this.#idle.has(jobId)) this.#unsure.add(jobId);
    // An active run may be older than a finished one that was not reached.
    for (const { jobId, startedAt } of this.#newest.values()) {
      if (startedAt < oldest && (this.#from === undefined || asked.has(jobId))) this.#unsure.add(jobId);
    }
    return true;
  }

  /**
   * Reads the runs of wanted jobs that have changed since they were last seen, or may have.
   *
   * @returns the errors that prevented reading some of them.
   */
  async #readEnded(workspace: Workspace, active: ReadonlyMap<string, Run>, changed: Set<string>): Promise<unknown> {
    const wanted = new Set(this.#options.jobs());
    const ended = [...this.#newest.values()].filter(({ runId, isOver }) => !active.has(runId) && !isOver);
    for (const { jobId } of ended) if (!wanted.has(jobId)) this.#lose(jobId);
    const asked = [...ended.filter(({ jobId }) => wanted.has(jobId)), ...this.#repairable(wanted)];
    return await this.#each(asked.map(({ jobId }) => jobId), async (jobId) => {
      const { runId = "" } = this.#newest.get(jobId) ?? {};
      this.#calls++;
      const run = await this.#options.runs.get(workspace, runId);
      if (run !== undefined && run !== "unreadable") this.#note(run, changed);
      if (run !== undefined) return;
      // The run was deleted, so the one before it is the newest.
      this.#lose(jobId);
      changed.add(jobId);
    });
  }

  /** Failed runs, the longest unread first. A repair that ends before the next poll shows only here. */
  #repairable(wanted: ReadonlySet<string>): Run[] {
    const failed = [...this.#newest.values()].filter(({ jobId, isRepairable }) => wanted.has(jobId) && isRepairable);
    const lookedAt = ({ jobId }: Run) => this.#looked.get(jobId) ?? 0;
    // A run that was seen to fail in this poll was read just now.
    const due = failed.filter((run) => this.#looked.has(run.jobId) && lookedAt(run) < this.#polls)
      .sort((a, b) => lookedAt(a) - lookedAt(b)).slice(0, LOOKS_PER_POLL);
    for (const { jobId } of due) this.#looked.set(jobId, this.#polls);
    return due;
  }

  /** The job's newest run is no longer known. */
  #lose(jobId: string): void {
    this.#newest.delete(jobId);
    this.#unsure.add(jobId);
  }

  /** Requests runs that the operator started and no list showed, each a few times at most. */
  async #readStarted(workspace: Workspace, changed: Set<string>): Promise<unknown> {
    const wanted = new Set(this.#options.jobs());
    for (const [jobId, { runId }] of this.#started) {
      const known = this.#newest.get(jobId);
      const isShown = known !== undefined && BigInt(known.runId) >= BigInt(runId);
      if (isShown || !wanted.has(jobId)) this.#started.delete(jobId);
    }
    return await this.#each([...this.#started.keys()].slice(0, ASK_PER_POLL), async (jobId) => {
      const { runId, looks } = this.#started.get(jobId) ?? { runId: "", looks: 0 };
      if (looks < LOOKS_FOR_STARTED) this.#started.set(jobId, { runId, looks: looks + 1 });
      else this.#started.delete(jobId);
      this.#calls++;
      const run = await this.#options.runs.get(workspace, runId);
      if (run === undefined || run === "unreadable") return;
      this.#started.delete(jobId);
      this.#note(run, changed);
    });
  }

  /** Requests the runs of some jobs about which nothing is known. */
  async #askUnknown(workspace: Workspace, changed: Set<string>): Promise<unknown> {
    return await this.#each(this.#unknown().slice(0, ASK_PER_POLL), async (jobId) => {
      this.#calls++;
      const run = await this.#options.runs.newest(workspace, jobId);
      this.#unsure.delete(jobId);
      if (run !== undefined) this.#note(run, changed);
      else {
        this.#idle.add(jobId);
        changed.add(jobId);
      }
    });
  }

  /**
   * Requests the runs of several jobs. A refusal for one job delays no other; a general failure ends the loop, and next
   * time the others come first.
   *
   * @returns the error that ended it.
   */
  async #each(jobIds: readonly string[], ask: (jobId: string) => Promise<void>): Promise<unknown> {
    for (const jobId of this.#refusedLast(jobIds)) {
      try {
        await ask(jobId);
        this.#refused.delete(jobId);
      } catch (error) {
        if (!(error instanceof DatabricksError)) throw error;
        this.#refused.add(jobId);
        if (error.transient) return error;
        // Whatever its state is now, it has changed.
        const known = this.#newest.get(jobId);
        if (known !== undefined && !known.isOver) this.#lose(jobId);
      }
    }
  }

  #refusedLast(jobIds: readonly string[]): string[] {
    return [...jobIds].sort((a, b) => Number(this.#refused.has(a)) - Number(this.#refused.has(b)));
  }

  #unknown(): string[] {
    const isUnknown = (jobId: string) => this.#unsure.has(jobId) || this.newest(jobId) === undefined;
    return this.#refusedLast([...this.#options.jobs()].filter(isUnknown));
  }

  /** Limits the memory for jobs that are not wanted. A forgotten job is requested when it is wanted. */
  #forgetOthers(): void {
    const wanted = new Set(this.#options.jobs());
    const known = [this.#newest, this.#idle, this.#unsure, this.#refused, this.#looked];
    if (known.every(({ size }) => size <= wanted.size + REMEMBERED)) return;
    for (const jobs of known) {
      for (const jobId of jobs.keys()) if (!wanted.has(jobId)) jobs.delete(jobId);
    }
  }

  #note(run: Run, changed: Set<string>): void {
    this.#ends.note(run, this.#from);
    const known = this.#newest.get(run.jobId);
    if (known !== undefined && known.runId !== run.runId && !isNewer(run, known)) return;
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(run)) return;
    this.#newest.set(run.jobId, run);
    this.#looked.set(run.jobId, this.#polls);
    changed.add(run.jobId);
  }
}

/** True if `a` began after `b`. */
function isNewer(a: Run, b: Run): boolean {
  return a.startedAt > b.startedAt || (a.startedAt === b.startedAt && BigInt(a.runId) > BigInt(b.runId));
}
