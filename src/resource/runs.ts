/**
 * The runs of a kind's resources: the status shows the newest one, and a manifest may request one.
 *
 * @module
 */
import type { z } from "zod";
import type { Workspace } from "./endpoint.ts";
import type { OnceNews } from "./once.ts";

/** A run of a resource. */
export interface Run {
  /** The id of the resource (the job) that runs. */
  readonly jobId: string;
  readonly runId: string;
  /** ms since the epoch; 0 where Databricks does not return it. */
  readonly startedAt: number;
  /** ms since the epoch; absent while the run goes on. */
  readonly endedAt?: number;
  readonly isOver: boolean;
  /** True when somebody may have its failed tasks run again, which then go on under the same run id. */
  readonly isRepairable: boolean;
  /** The values of {@link Runs.statusFields}. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** The newest run that a status knows of. */
export interface KnownRun {
  /** Empty where it says that there was none. */
  readonly runId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** ms since the epoch; absent where it was active then. */
  readonly endedAt?: number;
}

/** An account of the end of a run. */
export interface RunNews {
  readonly type: "Normal" | "Warning";
  readonly reason: OnceNews["reason"];
  readonly message: string;
  /** A word for metrics, of a few. */
  readonly result: "succeeded" | "failed" | "cancelled" | "skipped";
}

/** A filter for lists of runs. */
export interface RunFilter {
  /** Only runs that go on. */
  readonly active?: boolean;
  /** Only runs that started then or later (ms since the epoch). */
  readonly since?: number | undefined;
}

/** A run that a manifest asks for. */
export interface RunRequested {
  /** The parameters, as the manifest has them. */
  readonly parameters: unknown;
  /** The same token gives the same run, for as long as Databricks remembers it. */
  readonly token: string;
}

/** The runs of a kind. Every list holds the newest runs first and passes over what it cannot read. */
export interface Runs<Spec = Record<string, unknown>, Desired = Record<string, unknown>> {
  /** The status fields in which the newest run shows. */
  readonly statusFields: z.ZodRawShape;
  /** The values of `statusFields` for a resource that has no runs. */
  readonly none: Readonly<Record<string, unknown>>;
  /** The latest end that a status shows; `undefined` where it shows no run yet. */
  known(status: Readonly<Record<string, unknown>>): KnownRun | undefined;
  /** Lists the runs of a workspace, a page at a time. */
  list(workspace: Workspace, filter: RunFilter): AsyncIterable<readonly Run[]>;
  /** Asks about one run: `undefined` when it does not exist. */
  get(workspace: Workspace, runId: string): Promise<Run | "unreadable" | undefined>;
  /**
   * Gives an account of a run that has ended: for one that failed, with its first failed task and that task's error.
   * Never throws.
   *
   * @param workspace Without it, nothing is read.
   */
  news(workspace: Workspace | undefined, run: Run): Promise<RunNews>;
  /** The newest run of one resource, in one call. */
  newest(workspace: Workspace, jobId: string): Promise<Run | undefined>;
  /** The parameters of the run that a manifest asks for; `undefined` when it asks for none. */
  requested(spec: Spec): unknown;
  /**
   * Returns the reason not to request a run, and the alternative; `undefined` when there is none. It is called before
   * the request, for what Databricks would carry out to the user's harm.
   */
  problem?(desired: Desired): string | undefined;
  /**
   * Starts a run, or gives the id of the one that the same token started.
   *
   * @throws {Error} also when the answer names no run: it may have been started.
   */
  start(workspace: Workspace, jobId: string, request: RunRequested): Promise<string>;
  /** The first run that our own user started since then (RFC 3339), by its id. */
  findStarted(workspace: Workspace, jobId: string, since: string): Promise<string | undefined>;
}
