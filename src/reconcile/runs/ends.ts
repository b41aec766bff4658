/**
 * Ends of runs: each is reported once, also the end of a run beside which a newer run of its job is active, and the end
 * of a repair. Of the runs that had ended before the first poll, it reports those that the job's status does not
 * mention: they ended while no operator ran.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { KnownRun, Run } from "../../resource.ts";

/** The number of reported ends that are remembered, at least (older ones can be in no list that is still read). */
const REMEMBERED = 2_000;

/**
 * Receives the end of a run, and how many seconds later it became known; `undefined` if no operator ran at that time.
 */
export type OnEnded = (run: Run, seconds: number | undefined) => void;

/** Returns the newest run that a job's status mentions. */
export type Known = (jobId: string) => KnownRun | undefined;

/** Options of {@link RunEnds}. */
export interface RunEndsOptions {
  readonly clock: Pick<Clock, "now">;
  readonly onEnded?: OnEnded | undefined;
  readonly known?: Known | undefined;
}

/** The ends of the runs of a workspace. */
export class RunEnds {
  readonly #options: RunEndsOptions;
  /** Runs that were active when they were last seen, by id. */
  #active = new Map<string, Run>();
  /** Reported ends: run and time → time of the end (ms). */
  readonly #told = new Map<string, number>();

  constructor(options: RunEndsOptions) {
    this.#options = options;
  }

  /** Takes the list of active runs, and returns those that were active before and are not in it. */
  replaceActive(active: ReadonlyMap<string, Run>): Run[] {
    const gone = [...this.#active.values()].filter(({ runId }) => !active.has(runId));
    // They stay until their outcome was read.
    this.#active = new Map([...active, ...gone.map((run) => [run.runId, run] as const)]);
    return gone;
  }

  /** True until the end of an active run was seen. */
  isActive({ runId }: Run): boolean {
    return this.#active.has(runId);
  }

  /** Forgets a run that Databricks no longer knows, or that nobody needs. */
  drop({ runId }: Run): void {
    this.#active.delete(runId);
  }

  /**
   * Takes a run as it was read.
   *
   * @param from Runs that ended before this time (ms) were reported, or need no report; `undefined` in the first poll.
   */
  note(run: Run, from: number | undefined): void {
    if (!run.isOver || run.endedAt === undefined) return;
    const wasActive = this.#active.delete(run.runId);
    const key = `${run.runId} ${run.endedAt}`;
    if (this.#told.has(key)) return;
    this.#told.set(key, run.endedAt);
    this.#forget(from ?? 0);
    const { clock, onEnded } = this.#options;
    if (from === undefined && !wasActive) {
      if (this.#isUnknown(run)) onEnded?.(run, undefined);
    } else if (wasActive || run.endedAt >= (from ?? 0)) onEnded?.(run, (clock.now() - run.endedAt) / 1000);
  }

  /** True for the end of a run that the job's status does not mention, although it mentions earlier runs. */
  #isUnknown({ jobId, runId, startedAt, endedAt }: Run): boolean {
    const known = this.#options.known?.(jobId);
    if (known === undefined) return false;
    return known.runId === runId ? known.endedAt !== endedAt : startedAt > known.startedAt;
  }

  #forget(before: number): void {
    if (this.#told.size <= REMEMBERED) return;
    for (const [key, endedAt] of this.#told) if (endedAt < before) this.#told.delete(key);
  }
}
