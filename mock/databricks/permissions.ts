/**
 * The permissions of the caller, and the access control lists.
 *
 * @module
 */
import { type Access, AccessLists, type AccessListsOptions, type Holder } from "./access_lists.ts";
import { denied } from "./errors.ts";
import type { Job, Jobs } from "./jobs.ts";

/** The caller's permissions in one workspace. */
export class Permissions {
  readonly #jobs: Jobs;
  readonly #denied: (RegExp | string)[] = [];
  /** The access control lists of all objects. */
  readonly lists: AccessLists;
  /** By object type (as in the endpoint's path): returns an object's creator, or `undefined` if there is none. */
  readonly objects: Map<string, (id: string) => string | undefined> = new Map();
  #hidden: boolean | RegExp = false;

  constructor(jobs: Jobs, options: AccessListsOptions) {
    this.#jobs = jobs;
    this.lists = new AccessLists(options);
  }

  /** Answers 403 to requests whose "METHOD /path" contains or matches the pattern. */
  deny(pattern: RegExp | string): void {
    this.#denied.push(pattern);
  }

  /** Revokes the view permission on all jobs, or on those whose id or name matches; `false` restores it. */
  hideJobs(which: boolean | RegExp): void {
    this.#hidden = which;
  }

  /** Undoes `deny` and `hideJobs`. */
  allowAll(): void {
    this.#denied.length = 0;
    this.#hidden = false;
  }

  /** @throws {ApiError} 403 if "METHOD /path" is denied. */
  check(line: string): void {
    const match = this.#denied.some((one) => typeof one === "string" ? line.includes(one) : line.search(one) >= 0);
    if (match) throw denied(`User does not have permission for ${line}`);
  }

  /** True if the caller may see the job. */
  sees(job: Job): boolean {
    if (typeof this.#hidden === "boolean") return !this.#hidden;
    return job.job_id.search(this.#hidden) < 0 && String(job.settings.name ?? "").search(this.#hidden) < 0;
  }

  /** True if the caller may see the data of the job with this id, even if the job is gone. */
  seesJob(id: string): boolean {
    const job = this.#jobs.get(id);
    return job ? this.sees(job) : this.#hidden !== true;
  }

  /**
   * Refuses a job that the caller may not see.
   *
   * @throws {ApiError} 403, before an answer could reveal whether the job exists.
   */
  checkVisible(id: string): void {
    if (!this.seesJob(id)) throw denied(`User does not have View permissions on job ${id}`);
  }

  /** The job with this id. @throws {ApiError} if there is none, or if the caller may not see it. */
  visible(id: string): Job {
    this.checkVisible(id);
    return this.#jobs.require(id);
  }

  /** A job's access control list; at first, its creator owns it. */
  access(job: Job): Access[] {
    return this.lists.get(holderOf(job));
  }

  /** Replaces a job's list. */
  setAccess(job: Job, list: Access[]): void {
    this.lists.set(holderOf(job), list);
  }
}

/** A job as the holder of an access control list. */
export function holderOf({ job_id, creator_user_name }: Job): Holder {
  return { type: "jobs", id: job_id, creator: creator_user_name };
}
