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
  /** In ms since the epoch; 0 if Databricks does not return it. */
  readonly startedAt: number;
  /** In ms since the epoch; absent while the run is active. */
  readonly endedAt?: number;
  readonly isOver: boolean;
  /** True if somebody may repair its failed tasks, which then continue under the same run id. */
  readonly isRepairable: boolean;
  /** The values of {@link Runs.statusFields}. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** The newest run in a status. */
export interface KnownRun {
  /** Empty if the status says that there was none. */
  readonly runId: string;
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** In ms since the epoch; absent if the run was active then. */
  readonly endedAt?: number;
}

/** The report on the end of a run. */
export interface RunNews {
  readonly type: "Normal" | "Warning";
  readonly reason: OnceNews["reason"];
  readonly message: string;
  /** One of a few words, for metrics. */
  readonly result: "succeeded" | "failed" | "cancelled" | "skipped";
}

/** A filter for lists of runs. */
export interface RunFilter {
  /** Only active runs. */
  readonly active?: boolean;
  /** Only runs that started at this time or later (ms since the epoch). */
  readonly since?: number | undefined;
}

/** A run that a manifest requests. */
export interface RunRequested {
  /** The parameters, as in the manifest. */
  readonly parameters: unknown;
  /** The same token gives the same run for as long as Databricks remembers it. */
  readonly token: string;
}

/** The runs of a kind. Every list has the newest runs first and skips unreadable ones. */
export interface Runs<Spec = Record<string, unknown>, Desired = Record<string, unknown>> {
  /** The status fields in which the newest run shows. */
  readonly statusFields: z.ZodRawShape;
  /** The values of `statusFields` for a resource that has no runs. */
  readonly none: Readonly<Record<string, unknown>>;
  /** The latest end in a status; `undefined` if it shows no run yet. */
  known(status: Readonly<Record<string, unknown>>): KnownRun | undefined;
  /** Lists the runs of a workspace, a page at a time. */
  list(workspace: Workspace, filter: RunFilter): AsyncIterable<readonly Run[]>;
  /** Reads one run: `undefined` if it does not exist. */
  get(workspace: Workspace, runId: string): Promise<Run | "unreadable" | undefined>;
  /**
   * Reports a run that has ended; for a failed one, with its first failed task and that task's error. Never throws.
   *
   * @param workspace Without it, nothing is read.
   */
  news(workspace: Workspace | undefined, run: Run): Promise<RunNews>;
  /** The newest run of one resource, in one call. */
  newest(workspace: Workspace, jobId: string): Promise<Run | undefined>;
  /** The parameters of the run that a manifest requests; `undefined` if it requests none. */
  requested(spec: Spec): unknown;
  /**
   * Returns the reason not to request a run, and the alternative; `undefined` if there is none. It is called before the
   * request, since Databricks would carry out some requests to the user's harm.
   */
  problem?(desired: Desired): string | undefined;
  /**
   * Starts a run, or returns the id of the one that the same token started.
   *
   * @throws {Error} also if the answer names no run: one may have been started.
   */
  start(workspace: Workspace, jobId: string, request: RunRequested): Promise<string>;
  /** The first run that the operator's own user started since then (RFC 3339), by its id. */
  findStarted(workspace: Workspace, jobId: string, since: string): Promise<string | undefined>;
}
