/**
 * A resource that happens once and ends: a run. It is started with a token, is changed only by acts on it, and is never
 * started again: neither after it has ended, nor after Databricks has forgotten it.
 *
 * @module
 */
import type { Workspace } from "./endpoint.ts";
import type { ExternalState } from "./external.ts";

/** The reasons in the conditions of such a resource, besides those of {@link ExternalState}. */
export type OnceReason =
  | "Pending"
  | "Queued"
  | "Running"
  | "Cancelling"
  | "Repairing"
  | "Suspended"
  | "RunSucceeded"
  | "RunFailed"
  | "RunCancelled"
  | "RunSkipped"
  | "DeadlineExceeded"
  | "HistoryExpired"
  | "RunRefused";

/** A condition that the kind has besides those of all kinds. */
export interface OwnCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
}

/** An Event about the end. */
export interface OnceNews {
  readonly type: "Normal" | "Warning";
  readonly reason: "RunSucceeded" | "RunFailed" | "RunCancelled" | "RunSkipped" | "RunRefused";
  readonly message: string;
}

/** The end of a resource that happens once, for metrics. */
export interface OnceEnd {
  readonly result: "succeeded" | "failed" | "cancelled" | "skipped";
  /** In ms since the epoch; 0 if Databricks does not return it. */
  readonly startedAt: number;
  /** In ms since the epoch; 0 if Databricks does not return it. */
  readonly endedAt: number;
}

/** The report on a resource that happens once. */
export interface Told {
  /** The state for Ready, Reconciling and Stalled; the kind's own conditions have the same reason and message. */
  readonly state: ExternalState;
  /** The values of `statusFields`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly conditions: readonly OwnCondition[];
  /** True if it has ended, so that it is not read again. */
  readonly isFinal: boolean;
  /** The Event to emit when the report is new. */
  readonly news?: OnceNews;
  /** The end to count when the report is new. */
  readonly end?: OnceEnd;
}

/** An action on a running resource. */
export interface Act {
  /** The verb for messages: `cancel`. */
  readonly what: string;
  run(workspace: Workspace, id: string): Promise<void>;
}

/** A restart within the same resource, requested by the manifest or by one of its rules. */
export interface Again {
  /** The number that the manifest gives it: a higher one is a new request. 0 if a rule requests it. */
  readonly attempt: number;
  /** The reason why it is impossible, and the alternative. */
  readonly problem?: string;
}

/** The restarts (such as repairs) so far. */
export interface AgainDone {
  /** The highest number that the manifest gave one so far. */
  readonly attempt: number;
  /** How many of them the manifest requested. */
  readonly asked: number;
}

/**
 * Rules for restarting a resource that has ended, such as a repair of a run. Databricks accepts no idempotency token
 * for it: only the list of earlier restarts shows whether one began.
 */
export interface Renewal<Desired, Observed> {
  /** The noun: `repair`. */
  readonly noun: string;
  /** The field that requests it: `spec.repair`. */
  readonly path: string;
  /** How long (ms) a restart may not show after it began. */
  readonly lagMs: number;
  /** The ids of earlier restarts, the oldest first. */
  past(observed: Observed): readonly string[];
  /** Returns the request for a resource that has ended; `undefined` if there is none. */
  wanted(
    situation: { readonly desired: Desired; readonly observed: Observed; readonly done: AgainDone },
  ): Again | undefined;
  /** Starts it, and returns its id. @param latest The id of the previous one. */
  begin(
    workspace: Workspace,
    id: string,
    options: { readonly desired: Desired; readonly attempt: number; readonly latest?: string | undefined },
  ): Promise<string>;
  /** Returns the status to show while one has begun and does not show yet. */
  awaited(status: Readonly<Record<string, unknown>>): Told;
}

/** The number of finished objects to keep for one object that they refer to. */
export interface History {
  /** The kind of the object that they refer to, which has the limits. */
  readonly kind: string;
  /** Its name, from the manifest of one that refers to it. */
  nameIn(spec: Readonly<Record<string, unknown>>): string | undefined;
  /** The limits, from its own manifest; without limits all are kept. */
  limits(spec: Readonly<Record<string, unknown>>): { readonly successful?: number; readonly failed?: number };
  isSuccessful(status: Readonly<Record<string, unknown>>): boolean;
  /** The end of an object's resource (RFC 3339). */
  endedAt(status: Readonly<Record<string, unknown>>): string;
}

/** The reason not to start something, and the alternative. */
export interface Problem {
  readonly reason: "ContinuousJob" | "ContinuousPipeline";
  readonly message: string;
}

/** The facts that decide about an {@link Act}. */
export interface OnceSituation<Desired, Observed> {
  readonly desired: Desired;
  readonly observed: Observed;
  /** The time (ms since the epoch). */
  readonly now: number;
}

/** The rules for creates that take no token. */
export interface Tokenless<Desired> {
  /** True for a manifest whose create takes none. */
  is(desired: Desired): boolean;
  /** The time (ms on Databricks' clock) of the newest one before the create: a newer one may be the operator's. */
  latest(workspace: Workspace, desired: Desired): Promise<number>;
}

/** The rules for starting, following and ending a resource that happens once. */
export interface Once<Desired, Observed> {
  /** How long (ms) repeating a create with its token certainly creates nothing else. */
  readonly tokenMs: number;
  /**
   * Set if a create takes no token: then a create whose answer was lost is searched for, and a candidate is taken only
   * if it can be nobody else's.
   */
  readonly tokenless?: Tokenless<Desired>;
  /** How long (ms) a deletion waits for its end. */
  readonly endMs: number;
  /** True if it has ended. */
  isFinal(observed: Observed): boolean;
  /** True if part of the report on its end could not be read, and may be readable later. */
  isCut?(observed: Observed): boolean;
  /**
   * Lists everything active in a workspace, a page at a time, with the state of each as a word that changes whenever
   * its report does. Without this, each object reads its resource individually.
   *
   * @param ids The wanted ids; a page may contain others. Each page is one call.
   */
  active?(
    workspace: Workspace,
    ids: readonly string[],
  ): AsyncIterable<readonly { readonly id: string; readonly state: string }[]>;
  /** The report on an observed resource. */
  tell(observed: Observed, desired: Desired): Told;
  /** True if the resource shows that it was started with the current value of a top-level field of the manifest. */
  isBegunWith?(
    shown: { readonly observed: Observed; readonly desired: Desired; readonly field: string },
  ): boolean;
  /** The report while the manifest delays the start; `undefined` if it may start. */
  hold?(desired: Desired): Told | undefined;
  /** The reason not to start it, and the alternative; checked before the create. */
  problem?(workspace: Workspace, desired: Desired): Promise<Problem | undefined>;
  /**
   * The report while something prevents the operator from starting it, or from following it: the fields and conditions
   * that are then true; their reason and message are those of the obstacle.
   */
  hindered(status: Readonly<Record<string, unknown>>): Pick<Told, "fields" | "conditions">;
  /**
   * The report on a resource whose start Databricks refuses as invalid: it is not requested again. @param at The time
   * (RFC 3339).
   */
  refused(why: string, at: string): Told;
  /** The report on a resource that Databricks no longer knows; `status` is the object's. */
  lost(status: Readonly<Record<string, unknown>>): Told;
  /** The resource whose object counts the end: if it is managed, the end is not counted twice. */
  countedWith?(desired: Desired): { readonly kind: string; readonly id: string } | undefined;
  /** The act that is due on a running resource. */
  act?(situation: OnceSituation<Desired, Observed>): Act | undefined;
  /** Labels that the object gets, by which it can be found. */
  labels?(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>;
  /** The number of finished objects to keep; by default all. */
  readonly history?: History;
  /** How to restart a resource that has ended; absent if that is impossible. */
  readonly renewal?: Renewal<Desired, Observed>;
  /** The time of the next act if nothing else happens (ms since the epoch). */
  actsAt?(situation: Omit<OnceSituation<Desired, Observed>, "now">): number | undefined;
  /** The time at which to delete the object after the end (ms since the epoch); Databricks keeps the resource. */
  expiresAt?(spec: Readonly<Record<string, unknown>>, status: Readonly<Record<string, unknown>>): number | undefined;
}
