/**
 * The deletion of one object: the pass over it, the kind's context, and the deadlines, as one value.
 *
 * @module
 */
import { kindKey } from "../../../base/object_key.ts";
import { isConnected, type WorkspaceConnection } from "../../connect/workspace_connection.ts";
import type { Holders } from "../../object/claims.ts";
import { BlockedError } from "../../object/outcome.ts";
import { firstSeen } from "../../../base/first_seen.ts";
import type { KindInPlace } from "../../kind_in_place.ts";
import { type Context, identityOptions, nextLookMs } from "../context.ts";
import type { IdentityOptions } from "../identity/identity.ts";
import type { Managed, Pass } from "../pass.ts";
import { Work } from "../work.ts";

/** The state of one deletion, which all its steps share. */
export class Removal {
  /** How long (ms) the CRD may be about to disappear without the operator knowing: from then on discovery is asked. */
  readonly doubtMs: number;
  /** The time left to wait for the end of a resource that happens once (ms). */
  readonly endMs: number;
  /** The time left in which a refusal that concerns only the operator's tag may pass (ms). */
  readonly refusalMs: number;
  /** True if this pass requested the resource by its id in vain. */
  isMissed = false;

  constructor(readonly context: Context, readonly pass: Pass) {
    const { clock, deletedAt, timings } = context;
    const since = firstSeen(deletedAt, pass.uid, clock.monotonic());
    this.doubtMs = this.#leftMs(since, timings.uninstallMs);
    this.refusalMs = this.#leftMs(since, timings.settleMs);
    this.endMs = this.#leftMs(since, pass.resource.once?.endMs ?? Infinity);
  }

  /** The object as a user of Secrets. */
  get user(): string {
    return kindKey(this.pass.resource.plural, this.pass.key);
  }

  /** The kind's observations and sweeps in the object's workspace. */
  get here(): KindInPlace {
    return this.context.state.in(this.pass.place);
  }

  /** The time left to wait for missing credentials if the namespace is being deleted (ms). */
  abandonMs(): number {
    const { clock, lackedAt, timings } = this.context;
    return this.#leftMs(firstSeen(lackedAt, this.pass.uid, clock.monotonic()), timings.abandonMs);
  }

  /** The next delay for slow operations (ms); it grows. */
  waitMs(): number {
    const { clock, waits } = this.context;
    return waits.next(this.pass.uid, { now: clock.monotonic() });
  }

  /** The delay before the next search for a create that may still take effect within `leftMs` (ms). */
  nextLookMs(leftMs: number): number {
    return nextLookMs(this.context.timings, leftMs);
  }

  /** True if the delete was confirmed and only lists, which lag, may still show the resource. */
  isErased(id: string): boolean {
    return this.isMissed && this.context.erased.get(this.pass.uid) === id;
  }

  /** The options of `identify` for this object. */
  identityOptions(managed: Managed): IdentityOptions {
    return identityOptions(new Work(this.context, this.pass, managed));
  }

  /**
   * Other objects that manage external resources of the kind: an object that only follows a resource does not retain
   * it.
   */
  otherOwners({ workspace }: WorkspaceConnection): Holders {
    return this.context.state.holders(workspace.host, this.pass.uid, "operator");
  }

  /**
   * The connection for the deletion: the last working one also serves, since credentials are often deleted together
   * with the objects.
   *
   * @throws {BlockedError} if there is none.
   */
  connection(): WorkspaceConnection {
    const { pass, context: { connections } } = this;
    const state = connections.of(pass.place);
    if (isConnected(state)) return state;
    const last = connections.lastKnown(pass.place);
    if (last !== undefined) return last;
    throw new BlockedError(
      "CredentialsMissing",
      `Cannot delete ${pass.label} in Databricks: ${state.message}; to leave it there, set annotation ` +
        `databricks-operator/deletion-policy: retain`,
    );
  }

  #leftMs(since: number, patienceMs: number): number {
    return since + patienceMs - this.context.clock.monotonic();
  }
}
