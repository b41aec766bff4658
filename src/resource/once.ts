/**
 * A resource that happens once and ends: a run. It is started with a token, changes only by acts on it, and is never
 * started again: neither when it has ended, nor when Databricks has forgotten it.
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
  /** ms since the epoch; 0 where Databricks does not return it. */
  readonly startedAt: number;
  /** ms since the epoch; 0 where Databricks does not return it. */
  readonly endedAt: number;
}

/** The report on a resource that happens once. */
export interface Told {
  /** The state for Ready, Reconciling and Stalled; its reason and message are those of the kind's own conditions, too. */
  readonly state: ExternalState;
  /** The values of `statusFields`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly conditions: readonly OwnCondition[];
  /** True when it has come to its end, so that it is not looked at again. */
  readonly isFinal: boolean;
  /** The Event to emit when the report is new. */
  readonly news?: OnceNews;
  /** The end to count when the report is new. */
  readonly end?: OnceEnd;
}

/** Something that is done to a resource which goes on. */
export interface Act {
  /** The verb for messages: `cancel`. */
  readonly what: string;
  run(workspace: Workspace, id: string): Promise<void>;
}

/** A beginning anew within the same resource, as the manifest or a rule of it asks for. */
export interface Again {
  /** The number that the manifest gives it: a higher one asks again. 0 for one that a rule asks for. */
  readonly attempt: number;
  /** The reason for which it is impossible, and the alternative. */
  readonly problem?: string;
}

/** The repairs (or the like) so far. */
export interface AgainDone {
  /** The highest number that the manifest gave one. */
  readonly attempt: number;
  /** The number that the manifest asked for. */
  readonly asked: number;
}

/**
 * Rules for beginning again what has ended, such as a repair of a run. Databricks accepts no idempotency token for it:
 * only the list of those so far shows whether one began.
 */
export interface Renewal<Desired, Observed> {
  /** The noun: `repair`. */
  readonly noun: string;
  /** The field that asks for it: `spec.repair`. */
  readonly path: string;
  /** For how long (ms) one that was begun may not show. */
  readonly lagMs: number;
  /** The ids of those that there were, the oldest first. */
  past(observed: Observed): readonly string[];
  /** Returns the request for a resource that has ended; `undefined` for none. */
  wanted(
    situation: { readonly desired: Desired; readonly observed: Observed; readonly done: AgainDone },
  ): Again | undefined;
  /** Begins it, and gives its id. @param latest The id of the one before. */
  begin(
    workspace: Workspace,
    id: string,
    options: { readonly desired: Desired; readonly attempt: number; readonly latest?: string | undefined },
  ): Promise<string>;
  /** Returns the status to show while one has begun and does not appear yet. */
  awaited(status: Readonly<Record<string, unknown>>): Told;
}

/** The number of finished objects to keep for one object that they refer to. */
export interface History {
  /** The kind of the object that they refer to, which has the limits. */
  readonly kind: string;
  /** Its name, from the manifest of one that refers to it. */
  nameIn(spec: Readonly<Record<string, unknown>>): string | undefined;
  /** The limits, from its own manifest; all are kept without one. */
  limits(spec: Readonly<Record<string, unknown>>): { readonly successful?: number; readonly failed?: number };
  isSuccessful(status: Readonly<Record<string, unknown>>): boolean;
  /** The end of one (RFC 3339). */
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
  /** The time (ms on Databricks' clock) of the newest one before the create: what is newer may be ours. */
  latest(workspace: Workspace, desired: Desired): Promise<number>;
}

/** The rules for starting, following and ending a resource that happens once. */
export interface Once<Desired, Observed> {
  /** The time (ms) for which repeating a create with its token certainly creates nothing else. */
  readonly tokenMs: number;
  /**
   * Set where a create takes no token: then one whose answer was lost is looked for, and what is found is taken only where
   * nothing else may be it.
   */
  readonly tokenless?: Tokenless<Desired>;
  /** The time (ms) for which a deletion waits for its end. */
  readonly endMs: number;
  /** True when it has come to its end: it goes on no more. */
  isFinal(observed: Observed): boolean;
  /**
   * Lists all that goes on in a workspace, a page at a time, with a word for the state of each, which changes whenever the
   * report on it does. Without it each object is looked at by itself.
   *
   * @param ids What is asked about; a page may contain others. Each page is one call.
   */
  active?(
    workspace: Workspace,
    ids: readonly string[],
  ): AsyncIterable<readonly { readonly id: string; readonly state: string }[]>;
  /** The report on an observed resource. */
  tell(observed: Observed, desired: Desired): Told;
  /** The report while the manifest holds back the start; `undefined` when it may start. */
  hold?(desired: Desired): Told | undefined;
  /** The reason not to start it, and the alternative; checked before the create. */
  problem?(workspace: Workspace, desired: Desired): Promise<Problem | undefined>;
  /**
   * The report while something keeps the operator from starting it, or from following it: the fields and conditions that
   * are then true; their reason and message are those of the hindrance.
   */
  hindered(status: Readonly<Record<string, unknown>>): Pick<Told, "fields" | "conditions">;
  /** The report on one whose start Databricks refuses as wrong: it is not asked for again. @param at The time (RFC 3339). */
  refused(why: string, at: string): Told;
  /** The report on a resource that Databricks no longer knows; `status` is the object's. */
  lost(status: Readonly<Record<string, unknown>>): Told;
  /** The resource whose object counts the end: where it is managed, it is not counted twice. */
  countedWith?(desired: Desired): { readonly kind: string; readonly id: string } | undefined;
  /** The act that is due on a running resource. */
  act?(situation: OnceSituation<Desired, Observed>): Act | undefined;
  /** Labels that the object is given, by which it is found. */
  labels?(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>;
  /** The number of finished objects to keep; all without it. */
  readonly history?: History;
  /** The way to begin again what has ended; without it there is none. */
  readonly renewal?: Renewal<Desired, Observed>;
  /** The time of the next act if nothing else happens (ms since the epoch). */
  actsAt?(situation: Omit<OnceSituation<Desired, Observed>, "now">): number | undefined;
  /** The time at which to delete the object after the end (ms since the epoch); Databricks keeps the resource. */
  expiresAt?(spec: Readonly<Record<string, unknown>>, status: Readonly<Record<string, unknown>>): number | undefined;
}
