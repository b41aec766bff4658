/**
 * The external resource of a kind: its id, its operations, and its state.
 *
 * @module
 */
import type { Workspace } from "./endpoint.ts";
import type { OnceReason } from "./once.ts";

/** The managed resource for which a call is made. */
export interface Owner {
  /** The managed resource's UID. */
  readonly uid: string;
  /** Its name. */
  readonly name: string;
  /** The key of the ownership tag on jobs; empty if it is turned off. */
  readonly tag: string;
}

/** The operator's intent for one external resource. */
export interface Intent<Desired = Record<string, unknown>> {
  /** The manifest, in the form that the Databricks API takes. */
  readonly desired: Desired;
  /** The managed resource that has this intent. */
  readonly owner: Owner;
  /** Write-only values from the referenced Secret, by its keys; empty without a reference. */
  readonly values: Readonly<Record<string, Uint8Array>>;
  /** The changed paths, for an update; empty for a create. */
  readonly changes: readonly string[];
}

/** An external resource with its id. Ids are strings, so that int64 stays exact. */
export interface External<Observed = Record<string, unknown>> {
  readonly id: string;
  readonly observed: Observed;
  /** True if a list truncated it, so that only a get returns everything. */
  readonly partial?: boolean;
  /** True if a list's row refers to something that it does not contain: lists omit fields. */
  readonly lacks?: boolean;
  /** True if it carries the mark of the object in question, which proves ownership. */
  readonly marked?: boolean;
}

/**
 * True for an id; a field that an answer lacks is "undefined" as text, and identifies nothing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isId } from "./external.ts";
 *
 * const answer: { job_id?: bigint } = {};
 * assert.equal(isId(String(answer.job_id)), false);
 * assert.equal(isId("901234567890123456"), true);
 * ```
 */
export function isId(id: string | undefined): id is string {
  return id !== undefined && !["", "undefined", "null", "NaN"].includes(id);
}

/** The facts with which a possibly created resource is searched for. */
export interface FindContext {
  /** The time at which the create began (ms since the epoch), if it was recorded. */
  readonly since?: number;
  /** The name in the create request, if it differs from the current one. */
  readonly name?: string;
  /** The UIDs that the object had before it was restored: their marks count as its own. */
  readonly formerUids?: readonly string[];
  /** The time of the newest resource before the create (ms on Databricks' clock), if the create takes no token. */
  readonly after?: number;
  /** True for an object without a sign of an earlier attempt. */
  readonly isFirst?: boolean;
  /** If nothing carries the object's mark, also search for resources of its name without a mark. */
  readonly unmarked?: boolean;
}

/**
 * The state of an external resource that is not available. `Starting`, `Updating`, `Stopping` and `Deleting` end by
 * themselves; `Stopped` and `ExternalFailed` do not.
 */
export type StateReason = "Starting" | "Updating" | "Stopping" | "Stopped" | "Deleting" | "ExternalFailed";

/** The state of an external resource: whether resources that refer to it can use it. */
export interface ExternalState {
  /** True if it can be used; also if it is stopped and starts by itself when it is used. */
  readonly ready: boolean;
  /** The activity or result of the resource; `Available` if it is ready. */
  readonly reason: StateReason | OnceReason | "Available";
  /** A predicate for the message, without times and counts: `is starting`. It follows the resource's name. */
  readonly message: string;
  /** The delay (ms) before the first check while it is not ready: by default 5 s. Delays grow up to a minute. */
  readonly lookAgainMs?: number;
  /** True if only a change ends the state: the object is then Stalled, and is not checked more often. */
  readonly failed?: boolean;
}

/** One call of an update that takes several. */
export interface Step {
  /** The paths that the call sets, for messages: `["lifecycle.started"]`. */
  readonly changes: readonly string[];
  run(workspace: Workspace, id: string): Promise<void>;
}

/** The period in which a create may have run (ms since the epoch), as far as it is known. */
export interface Attempt {
  readonly since?: number;
  readonly until?: number;
}

/** The largest accepted difference between the clocks of Databricks and of this machine (ms). */
export const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * True for a time (ms since the epoch, on Databricks' clock) at which a create may have been in progress.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CLOCK_SKEW_MS, isDuring } from "./external.ts";
 *
 * const attempt = { since: 1e12, until: 1e12 + 60_000 };
 * assert.ok(isDuring(1e12 - CLOCK_SKEW_MS, attempt));
 * assert.ok(!isDuring(1e12 - CLOCK_SKEW_MS - 1, attempt));
 * ```
 */
export function isDuring(at: number, { since = 0, until = Infinity }: Attempt): boolean {
  return at >= since - CLOCK_SKEW_MS && at <= until + CLOCK_SKEW_MS;
}

/** Options of {@link ExternalOperations.list}. */
export interface ListOptions {
  readonly quick?: boolean;
  /** The parent to list; absent for a kind without parents. */
  readonly parent?: string;
}

/** True for a kind whose external resources can be changed. */
export function isUpdatable({ update, steps }: Pick<ExternalOperations<never, never>, "update" | "steps">): boolean {
  return update !== undefined || steps !== undefined;
}

/** The calls of an update, in their order. */
export function stepsOf<Desired, Observed>(
  external: ExternalOperations<Desired, Observed>,
  intent: Intent<Desired>,
): readonly Step[] {
  const { update, steps } = external;
  if (steps !== undefined) return steps(intent);
  if (update === undefined) return [];
  return [{ changes: intent.changes, run: (workspace, id) => update(workspace, id, intent) }];
}

/** The operations on an external resource. Each may be repeated. */
export interface ExternalOperations<Desired, Observed> {
  /** Reads by id; `undefined` if there is none. */
  observe(workspace: Workspace, id: string, intent?: Intent<Desired>): Promise<Observed | undefined>;
  /**
   * Finds resources that a create with this intent may have made, oldest first. Kinds with a natural key (a path, a
   * scope name) find by it; jobs by their ownership tag.
   */
  find(workspace: Workspace, intent: Intent<Desired>, context: FindContext): Promise<External<Observed>[]>;
  /**
   * Returns whether the operator's create made a resource that was found only by its name: its creator is the
   * operator's own user, and it was created during the attempt. At a take-over it was the Rust operator's create, at an
   * unknown time. Absent if there is no evidence; a person then decides.
   */
  isOurs?(
    workspace: Workspace,
    found: External<Observed>,
    options: { readonly intent: Intent<Desired>; readonly attempt: Attempt; readonly isTakeOver: boolean },
  ): Promise<boolean>;
  /**
   * Creates and returns the id; the reconciler treats an answer without one ({@link isId}) as a lost answer. Absent for
   * a kind that only writes into existing resources (keys of a scope). A kind that happens `once` sends the token: the
   * same token creates the same resource.
   */
  create?(workspace: Workspace, intent: Intent<Desired>, options?: { readonly token: string }): Promise<string>;
  /** Makes the external resource match the desired state. Absent for a kind that cannot be changed. */
  update?(workspace: Workspace, id: string, intent: Intent<Desired>): Promise<void>;
  /**
   * An update in several calls, in their order; instead of `update`. Each is made on its own: after a failure, the next
   * pass reads the effects of the earlier ones, and plans anew.
   */
  steps?(intent: Intent<Desired>): readonly Step[];
  /**
   * Deletes; succeeds if there is none. If a deletion takes time, `state` reports it (reason `Deleting`): it is then
   * not deleted again, and the object stays until Databricks no longer has the resource. `intent` is the manifest's, if
   * it can still be read. Absent for a kind that has only parts. */
  delete?(workspace: Workspace, id: string, intent?: Intent<Desired>): Promise<void>;
  /**
   * `whole` if a list's row contains everything that {@link observe} returns; other rows may contain less, or differ.
   */
  readonly rows?: "whole";
  /**
   * Lists all, for sweeps; absent if the API has no list. A `quick` list may omit fields that need further calls: it is
   * the first after a start. `parent` is set for a kind with parents: the list is then of that parent.
   */
  list?(workspace: Workspace, options?: ListOptions): AsyncIterable<External<Observed>[]>;
  /**
   * The second source about a resource that `observe` misses: true while the API's list, filtered by name, still
   * contains it; for a kind without a list, while its parent is listed. By default, the whole `list` is read.
   */
  isListed?(workspace: Workspace, id: string, intent: Intent<Desired>): Promise<boolean>;
  /** True if Databricks has two resources whose ids differ only in case: then it distinguishes them. */
  areDistinct?(workspace: Workspace, one: string, other: string): Promise<boolean>;
  /** The principal of the workspace's credentials, in the form in which `made` names creators. */
  self?(workspace: Workspace): Promise<string>;
  /**
   * Removes the operator's mark from a resource that stays in Databricks after its object is gone.
   *
   * @returns false if Databricks says that it does not exist.
   */
  release?(workspace: Workspace, id: string, owner: Owner): Promise<boolean>;
}
