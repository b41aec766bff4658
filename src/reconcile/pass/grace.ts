/**
 * Patience with what often comes a moment later: a ConfigMap that is replaced, a Secret that another controller fills, an
 * object of the same `kubectl apply`. It is no news until it has been missing for a while.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { conditionOf } from "../object/conditions.ts";
import type { Failure } from "../object/outcome.ts";
import type { FailureReason } from "../object/reasons.ts";
import { statusOf } from "../object/status.ts";
import type { Pass } from "./pass.ts";

const AWAITED: readonly FailureReason[] = [
  "SettingsMissing",
  "CredentialsMissing",
  "CredentialsInvalid",
  "SecretMissing",
  "SecretInvalid",
  "ScopeMissing",
];

/** Since when objects wait for what is missing. */
export class Grace {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #since = new Map<string, number>();

  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  /** How long a failure is kept quiet still (ms); 0 when it is to be told, or was told before. */
  left({ key, object }: Pass, { reason }: Failure): number {
    if (!AWAITED.includes(reason)) return 0;
    const { conditions } = statusOf(object);
    if (conditionOf(conditions, "Synced")?.reason === reason) return 0;
    const now = this.#clock.monotonic();
    const since = this.#since.get(key) ?? now;
    this.#since.set(key, since);
    return Math.max(0, since + this.#graceMs - now);
  }

  /** An object has what it needs, or is gone. */
  forget(key: string): void {
    this.#since.delete(key);
  }
}

/** Shows what is waited for on an object that is not ready yet. One that is ready stays so: what was applied holds. */
export async function showAwaited(pass: Pass, { reason, message }: Failure): Promise<void> {
  const ready = conditionOf(pass.status.conditions, "Ready");
  const isApplied = ready?.status === "True" && ready.observedGeneration === pass.generation;
  if (!isApplied) pass.setReconciling(reason, message);
  await pass.save();
}
