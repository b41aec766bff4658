/**
 * What happens once and comes to an end: a run. It is begun with a token, is not changed but by what is done to it, and is
 * never made again: neither when it ended, nor when Databricks has forgotten it.
 *
 * @module
 */
import type { Workspace } from "./endpoint.ts";
import type { ExternalState } from "./external.ts";

/** What a condition of such a resource may say, besides the reasons of {@link ExternalState}. */
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
  | "HistoryExpired";

/** A condition that the kind has besides those of all kinds. */
export interface OwnCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
}

/** An Event about the end. */
export interface OnceNews {
  readonly type: "Normal" | "Warning";
  readonly reason: "RunSucceeded" | "RunFailed" | "RunCancelled" | "RunSkipped";
  readonly message: string;
}

/** What is to be said of a resource that happens once. */
export interface Told {
  /** The state for Ready, Reconciling and Stalled; its reason and message are those of the kind's own conditions, too. */
  readonly state: ExternalState;
  /** The values of `statusFields`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly conditions: readonly OwnCondition[];
  /** True when it has come to its end, so that it is not looked at again. */
  readonly isFinal: boolean;
  /** What is said when that is new. */
  readonly news?: OnceNews;
}

/** Something that is done to a resource which goes on. */
export interface Act {
  /** What is done, for messages: `cancel`. */
  readonly what: string;
  run(workspace: Workspace, id: string): Promise<void>;
}

/** What an {@link Act} is decided by. */
export interface OnceSituation<Desired, Observed> {
  readonly desired: Desired;
  readonly observed: Observed;
  /** The time (ms since the epoch). */
  readonly now: number;
}

/** How something that happens once is begun, followed and ended. */
export interface Once<Desired, Observed> {
  /** For how long (ms) a create that is repeated with its token surely makes nothing else. */
  readonly tokenMs: number;
  /** For how long (ms) a deletion waits for its end. */
  readonly endMs: number;
  /** True when it has come to its end: it goes on no more. */
  isFinal(observed: Observed): boolean;
  /** What is said of it. */
  tell(observed: Observed, desired: Desired): Told;
  /** Why it is not begun, as the manifest says; `undefined` when it is to be begun. */
  hold?(desired: Desired): Told | undefined;
  /** Why it must not be begun, and what to do instead; it is asked before the create. */
  problem?(workspace: Workspace, desired: Desired): Promise<string | undefined>;
  /** What is said of one that Databricks does not know any more; `status` is the object's. */
  lost(status: Readonly<Record<string, unknown>>): Told;
  /** What is to be done to one that goes on. */
  act?(situation: OnceSituation<Desired, Observed>): Act | undefined;
  /** When something is to be done, if nothing else happens (ms since the epoch). */
  actsAt?(situation: Omit<OnceSituation<Desired, Observed>, "now">): number | undefined;
  /** When the object of one that has ended is to be deleted (ms since the epoch); what Databricks holds stays. */
  expiresAt?(spec: Readonly<Record<string, unknown>>, status: Readonly<Record<string, unknown>>): number | undefined;
}
