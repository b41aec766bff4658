/**
 * What the caller may do and see, and the access control lists of jobs.
 *
 * @module
 */
import { denied, invalid } from "./errors.ts";
import type { Job, Jobs } from "./jobs.ts";

/** One entry of a job's access control list: a principal and its level. */
export interface JobAccess {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  permission_level: string;
}

const levels = ["IS_OWNER", "CAN_MANAGE", "CAN_MANAGE_RUN", "CAN_VIEW"];

function principalOf({ user_name, group_name, service_principal_name }: JobAccess): string {
  const given = [user_name, group_name, service_principal_name].filter((name) => name !== undefined);
  if (given.length !== 1) throw invalid("Exactly one of user_name, group_name, service_principal_name must be set");
  return given[0]!;
}

function checkAccess(list: JobAccess[]): void {
  for (const access of list) {
    principalOf(access);
    if (!levels.includes(access.permission_level)) throw invalid(`Invalid permission level ${access.permission_level}`);
    if (access.permission_level === "IS_OWNER" && access.group_name) throw invalid("A group cannot own a job");
  }
  const owners = list.filter((access) => access.permission_level === "IS_OWNER").length;
  if (owners !== 1) throw invalid(`The job must have exactly one owner, not ${owners}`);
}

/** What the caller may do and see in one workspace. */
export class Permissions {
  readonly #jobs: Jobs;
  readonly #denied: (RegExp | string)[] = [];
  readonly #access = new Map<string, JobAccess[]>();
  #hidden: boolean | RegExp = false;

  constructor(jobs: Jobs) {
    this.#jobs = jobs;
  }

  /** Answers 403 to requests whose "METHOD /path" holds or matches the pattern. */
  deny(pattern: RegExp | string): void {
    this.#denied.push(pattern);
  }

  /** Takes the view permission away from all jobs, or from those whose id or name matches; `false` gives it back. */
  hideJobs(which: boolean | RegExp): void {
    this.#hidden = which;
  }

  /** Undoes `deny` and `hideJobs`. */
  allowAll(): void {
    this.#denied.length = 0;
    this.#hidden = false;
  }

  /** @throws {ApiError} 403 when "METHOD /path" is denied. */
  check(line: string): void {
    const match = this.#denied.some((one) => typeof one === "string" ? line.includes(one) : line.search(one) >= 0);
    if (match) throw denied(`User does not have permission for ${line}`);
  }

  /** True when the caller sees the job. */
  sees(job: Job): boolean {
    if (typeof this.#hidden === "boolean") return !this.#hidden;
    return job.job_id.search(this.#hidden) < 0 && String(job.settings.name ?? "").search(this.#hidden) < 0;
  }

  /** True when the caller sees what belongs to the job with this id, which may be gone. */
  seesJob(id: string): boolean {
    const job = this.#jobs.get(id);
    return job ? this.sees(job) : this.#hidden !== true;
  }

  /**
   * Refuses a job that the caller does not see.
   *
   * @throws {ApiError} 403 before anything is said about whether the job exists.
   */
  checkVisible(id: string): void {
    if (!this.seesJob(id)) throw denied(`User does not have View permissions on job ${id}`);
  }

  /** The job with this id, when the caller sees it; else the API's error. */
  visible(id: string): Job {
    this.checkVisible(id);
    return this.#jobs.require(id);
  }

  /** A job's access control list; at first its creator owns it. */
  access(job: Job): JobAccess[] {
    return this.#access.get(job.job_id) ?? [{ user_name: job.creator_user_name, permission_level: "IS_OWNER" }];
  }

  /** Replaces a job's list. */
  setAccess(job: Job, list: JobAccess[]): void {
    checkAccess(list);
    this.#access.set(job.job_id, list);
  }

  /** Adds to a job's list; a principal's level replaces its former one. */
  mergeAccess(job: Job, list: JobAccess[]): void {
    const given = new Set(list.map(principalOf));
    this.setAccess(job, [...this.access(job).filter((access) => !given.has(principalOf(access))), ...list]);
  }
}
