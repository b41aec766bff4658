/**
 * Handles a failed pass: sets the conditions, emits an Event, and schedules the next pass.
 *
 * @module
 */
import { ConnectionError, PermissionDeniedError, SignInError, UnauthenticatedError } from "../../databricks/errors.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import { KubeError } from "../../kubernetes/client.ts";
import type { ReconcileResult } from "../../telemetry/metrics.ts";
import { isConnected, namingSecret } from "../connect/workspace_connection.ts";
import { SecretAwaitedError } from "../connect/secrets.ts";
import { causeOf } from "../object/attempt.ts";
import { conditionOf } from "../object/conditions.ts";
import { type Failure, isStalled, outcome } from "../object/outcome.ts";
import { statusOf } from "../object/status.ts";
import { Backoff } from "../../base/backoff.ts";
import type { Context } from "./context.ts";
import { namingHolder } from "./identity/in_the_way.ts";
import { Grace } from "./grace.ts";
import type { Pass } from "./pass.ts";
import { hasEndedUnbegun, tellHindered } from "./run/once.ts";
import { showRuns } from "./run/runs.ts";
import { withUnknown } from "./manifest/unknown_fields.ts";

/** The retry interval of failures that need a change, if no settings define one (ms). */
const RESYNC = 300_000;
/**
 * Delays after a write that failed on a stale view: at first long enough for the watch to deliver the newer object,
 * then longer each time, since the other writer may write all the time, and the watch may lag (ms).
 */
const STALE = { baseMs: 100, maxMs: 30_000 };

/** Errors after which the connection is checked. */
const SUSPICIOUS = [ConnectionError, SignInError, UnauthenticatedError];

/** Failed passes of the objects of one kind, by their UIDs. */
export class Failures {
  readonly #context: Context;
  readonly #stale = new Backoff(STALE);
  readonly #grace: Grace;

  constructor(context: Context) {
    this.#context = context;
    this.#grace = new Grace(context);
  }

  /** Forgets earlier failures: the object reached its desired state, or is gone. */
  forget(uid: string): void {
    this.#context.backoff.reset(uid);
    this.#stale.reset(uid);
    this.#grace.forget(uid);
  }

  /** Reports an error on the object, and decides when to retry. */
  async handle(pass: Pass, thrown: unknown): Promise<ReconcileResult> {
    const error = causeOf(thrown);
    const { state: kind, backoff, connections } = this.#context;
    // The operator is stopping: the next one resumes unfinished work.
    if (error instanceof WorkEndedError) return "requeue_after";
    // The object is queued when more is known about its Secret; until then it occupies no slot.
    if (error instanceof SecretAwaitedError) return "requeue_after";
    // The object of a patch is missing: it is gone, and the watch will report that. If not, an API server that had only
    // just started did not know the kind yet.
    if (error instanceof KubeError && error.status === 404) {
      kind.enqueueAfter(pass.key, backoff.next(pass.uid));
      return "requeue_after";
    }
    let result = outcome(namingHolder(this.#context, pass, thrown), `Cannot reconcile ${pass.label}`);
    if (result.kind === "silent") {
      kind.enqueueAfter(pass.key, this.#stale.next(pass.uid));
      return "requeue_after";
    }
    if (result.kind === "busy") return await this.#waitFor(pass, result.message);
    result = { ...result, message: namingSecret(result.message, connections.of(pass.place)) };
    if (await this.#grace.awaits(pass, result)) return "requeue_after";
    if (error instanceof PermissionDeniedError) this.#hide(pass);
    if (SUSPICIOUS.some((type) => error instanceof type)) connections.suspect(pass.place);
    const state = connections.of(pass.place);
    const resync = isConnected(state) ? state.settings.requeueIntervalMs : RESYNC;
    const backedOff = result.kind === "terminal" ? resync : backoff.next(pass.uid);
    const stalled = isStalled(result, backoff.failures(pass.uid));
    await this.#tell(pass, withUnknown(result, pass.unknown), stalled);
    kind.enqueueAfter(pass.key, Math.max(result.delayMs ?? 0, stalled ? Math.min(resync, backedOff) : backedOff));
    return "error";
  }

  /** Databricks is busy with the resource. Nothing failed, so the conditions only say what the object waits for. */
  async #waitFor(pass: Pass, message: string): Promise<ReconcileResult> {
    const { clock, state, waits } = this.#context;
    pass.setReconciling("ExternalBusy", message);
    tellHindered(pass, "ExternalBusy", message);
    await pass.trySave();
    state.enqueueAfter(pass.key, waits.next(pass.uid, { now: clock.monotonic() }));
    return "requeue_after";
  }

  /** Notes a resource that may not be read: it may have runs that no list shows. */
  #hide({ status: { id }, place }: Pass): void {
    if (id !== undefined) this.#context.state.in(place).runs?.hidden(id);
  }

  async #tell(pass: Pass, { reason, message }: Failure, stalled: boolean): Promise<void> {
    // It has ended, and only the write of that fact can have failed.
    if (hasEndedUnbegun(pass)) return await pass.trySave();
    const before = conditionOf(statusOf(pass.object).conditions, "Synced");
    const blind = (!stalled && reason !== "RepairNotHolding") || reason === "Unauthenticated";
    pass.setFailed(reason, message, { stalled, blind });
    tellHindered(pass, reason, message);
    // An error that prevents applying the manifest does not prevent showing runs.
    if (pass.status.id !== undefined) {
      showRuns(pass, this.#context.state.in(pass.place).runs?.newest(pass.status.id));
    }
    const after = conditionOf(pass.status.conditions, "Synced");
    if (before?.reason !== after?.reason || before?.message !== after?.message) {
      pass.report("Warning", reason, message);
    }
    await pass.trySave();
  }
}
