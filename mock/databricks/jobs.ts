/**
 * The jobs of one workspace, and a person's changes to them in the web application.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { missing } from "./errors.ts";
import { IdSequence } from "./ids.ts";
import { complete, copy, type Settings } from "./job_settings.ts";
import { Journal } from "./journal.ts";
import { byFallingId } from "./paging.ts";

/** A job in the workspace's store. */
export interface Job {
  job_id: string;
  creator_user_name: string;
  created_time: number;
  settings: Settings;
}

/** The parts of a workspace that {@link Jobs} uses. */
export interface JobsOptions {
  now: () => number;
  user: string;
  firstId: number | bigint;
  doubts: Doubts;
  serverFields: Settings;
  /** How long lists lag, if they do (ms). */
  listLagMs: number;
}

/** The jobs of one workspace. */
export class Jobs {
  /** Fields that the server adds to the settings in every answer. */
  serverFields: Settings;
  readonly doubts: Doubts;
  readonly #options: JobsOptions;
  readonly #ids: IdSequence;
  readonly #jobs = new Map<string, Job>();
  readonly #journal: Journal<Job>;
  readonly #former = new Map<string, Job>();
  #turns = 0;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.doubts = options.doubts;
    this.serverFields = options.serverFields;
    this.#ids = new IdSequence(options.firstId);
    this.#journal = new Journal(options.now, options.listLagMs);
  }

  /** Makes lists show all changes so far. */
  settle(): void {
    this.#journal.settle();
  }

  /** Adds a job without validation, and returns its id. */
  add(settings: Settings, { creator = this.#options.user }: { creator?: string } = {}): string {
    const job_id = this.nextId();
    const created_time = this.#options.now();
    this.#journal.note(job_id, undefined);
    this.#jobs.set(job_id, { job_id, creator_user_name: creator, created_time, settings: complete(settings) });
    return job_id;
  }

  /** Changes a job's settings in place, or replaces them with the function's result. */
  edit(id: string, change: (settings: Settings) => Settings | void): void {
    const job = this.require(id);
    const settings = copy(job.settings);
    this.#journal.note(id, { ...job });
    job.settings = complete(change(settings) ?? settings);
  }

  /** The job itself, not a copy; its settings include the server's defaults. */
  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** The job. @throws {ApiError} the Jobs API's error if there is none. */
  require(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw missing("Job", id, this.#options.doubts);
    return job;
  }

  /** Clones a job as a person does in the web application, and returns the new job's id. */
  clone(id: string, { creator = this.#options.user }: { creator?: string } = {}): string {
    const { tags, ...settings } = this.require(id).settings;
    const name = `Clone of ${settings.name ?? "Untitled"}`;
    const keepsTags = this.doubts.cloneCopiesTags === "yes" && tags !== undefined;
    return this.add({ ...settings, name, ...(keepsTags && { tags }) }, { creator });
  }

  /** A removed job. */
  former(id: string): Job | undefined {
    return this.#former.get(id);
  }

  /** Removes a job. @returns false if there was none. */
  remove(id: string): boolean {
    const job = this.#jobs.get(id);
    this.#journal.note(id, job);
    if (job) this.#former.set(id, job);
    return this.#jobs.delete(id);
  }

  /** From the oldest to the newest. */
  ids(): string[] {
    return [...this.#jobs.keys()];
  }

  /** From the newest to the oldest, as the API lists them: without the latest writes if lists lag. */
  listed(): Job[] {
    if (this.doubts.listLag === "none") return this.all();
    return [...this.#journal.before(this.#jobs).values()].sort(byFallingId((job) => job.job_id));
  }

  /** From the newest to the oldest. */
  all(): Job[] {
    return [...this.#jobs.values()].reverse();
  }

  /** Counts the answers that contain a job, for details that vary between answers. */
  nextTurn(): number {
    return this.#turns++;
  }

  /** An unused id; a submitted run takes one too. */
  nextId(): string {
    return this.#ids.next();
  }
}
