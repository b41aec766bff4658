/**
 * A grace period for what often arrives a moment later: a ConfigMap that is replaced, a Secret that another controller
 * fills, an object of the same `kubectl apply`. It is reported only if it stays missing for a while.
 *
 * @module
 */
import { conditionOf } from "../object/conditions.ts";
import type { Failure } from "../object/outcome.ts";
import type { FailureReason } from "../object/reasons.ts";
import { statusOf } from "../object/status.ts";
import type { ReconcilerOptions } from "./context.ts";
import type { Pass } from "./pass.ts";

const AWAITED: readonly FailureReason[] = [
  "SettingsMissing",
  "CredentialsMissing",
  "CredentialsInvalid",
  "SecretMissing",
  "SecretInvalid",
  "ConfigMapMissing",
  "ConfigMapInvalid",
  "ReferenceNotReady",
  "ParentMissing",
];

/** The times since which objects wait for something missing, by their UIDs. */
export class Grace {
  readonly #options: Pick<ReconcilerOptions, "clock" | "timings" | "state" | "backoff">;
  readonly #since = new Map<string, number>();

  constructor(options: Pick<ReconcilerOptions, "clock" | "timings" | "state" | "backoff">) {
    this.#options = options;
  }

  /** True if a failure is not to be reported yet: the object is reconciled again soon, and shows what it waits for. */
  async awaits(pass: Pass, failure: Failure): Promise<boolean> {
    const { state, backoff } = this.#options;
    const leftMs = this.#leftMs(pass, failure);
    if (leftMs === 0) return false;
    // A ready object stays ready: the applied state still holds.
    if (!isApplied(pass)) pass.setReconciling(failure.reason, failure.message);
    await pass.trySave();
    state.enqueueAfter(pass.key, Math.min(leftMs, backoff.next(pass.uid)));
    return true;
  }

  /** An object has what it needs, or is gone. */
  forget(uid: string): void {
    this.#since.delete(uid);
  }

  /** The time (ms) for which a failure is not to be reported yet; 0 if it is due, or was reported before. */
  #leftMs({ uid, object, resource }: Pass, { reason }: Failure): number {
    const { clock, timings: { graceMs } } = this.#options;
    if (!AWAITED.includes(reason) && reason !== resource.parts?.holder?.reason) return 0;
    if (conditionOf(statusOf(object).conditions, "Synced")?.reason === reason) return 0;
    const now = clock.monotonic();
    const since = this.#since.get(uid) ?? now;
    this.#since.set(uid, since);
    return Math.max(0, since + graceMs - now);
  }
}

/** True if the newest manifest was applied, according to the status. */
function isApplied({ status, generation }: Pass): boolean {
  const ready = conditionOf(status.conditions, "Ready");
  return ready?.status === "True" && ready.observedGeneration === generation;
}
