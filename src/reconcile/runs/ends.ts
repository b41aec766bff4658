/**
 * Ends of runs: each is reported once, also that of a run beside which a newer one of its job runs, and that of a repair.
 * Of runs that had ended before the first poll those are reported that the job's status does not tell of: they ended while
 * no operator ran.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { KnownRun, Run } from "../../resource.ts";

/** Reported ends that are remembered, at least (older ones can be in no list that is still read). */
const REMEMBERED = 2_000;

/** Receives the end of a run, and how many seconds after it that became known; `undefined` if no operator ran then. */
export type OnEnded = (run: Run, seconds: number | undefined) => void;

/** Tells how far a job's status tells of runs. */
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

  /** Takes the list of active runs, and gives those that were active before and are not in it. */
  replaceActive(active: ReadonlyMap<string, Run>): Run[] {
    const gone = [...this.#active.values()].filter(({ runId }) => !active.has(runId));
    // They stay until somebody has seen what became of them.
    this.#active = new Map([...active, ...gone.map((run) => [run.runId, run] as const)]);
    return gone;
  }

  /** True until the end of an active run was seen. */
  isActive({ runId }: Run): boolean {
    return this.#active.has(runId);
  }

  /** Forgets a run that Databricks does not know any more, or that nobody asks about. */
  drop({ runId }: Run): void {
    this.#active.delete(runId);
  }

  /**
   * Takes a run as it was read.
   *
   * @param from Runs that ended before were reported, or were nobody's to report (ms); `undefined` in the first poll.
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

  /** True for the end of a run of which the job's status does not tell, although it tells of runs before it. */
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
