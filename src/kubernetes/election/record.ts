/**
 * The leader's record in a Lease, with the fields and their meaning in client-go.
 *
 * https://pkg.go.dev/k8s.io/client-go/tools/leaderelection/resourcelock#LeaderElectionRecord
 *
 * @module
 */
import type { KubeObject } from "../object.ts";

/** The leader, as the Lease records it. */
export interface LeaderRecord {
  /** The lease's holder; `""` without one. */
  readonly holder: string;
  /** The duration of the lease after a renewal, in ms; `undefined` if the lease does not state it. */
  readonly durationMs: number | undefined;
  /** The time at which the holder got the lease, by its clock. */
  readonly acquireTime: string | undefined;
  /** The time of the holder's last renewal, by its clock. */
  readonly renewTime: string | undefined;
  /** The number of times that the lease changed hands. */
  readonly transitions: number;
}

/** Reads a Lease; an absent one has no holder. */
export function readRecord(lease: KubeObject | undefined): LeaderRecord {
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } = lease?.spec ?? {};
  const seconds = Number(leaseDurationSeconds);
  return {
    holder: typeof holderIdentity === "string" ? holderIdentity : "",
    durationMs: seconds > 0 ? seconds * 1000 : undefined,
    acquireTime: typeof acquireTime === "string" ? acquireTime : undefined,
    renewTime: typeof renewTime === "string" ? renewTime : undefined,
    transitions: Number(leaseTransitions ?? 0),
  };
}

/**
 * The Lease with another record; its other fields stay.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readRecord, withRecord } from "./record.ts";
 *
 * const time = "2024-01-01T00:00:00.000000Z";
 * const record = { holder: "pod-1", durationMs: 15_000, acquireTime: time, renewTime: time, transitions: 2 };
 * const lease = withRecord({ metadata: { name: "operator" } }, record);
 * assert.equal(lease.spec?.leaseDurationSeconds, 15);
 * assert.deepEqual(readRecord(lease), record);
 * ```
 */
export function withRecord(lease: KubeObject, record: LeaderRecord): KubeObject {
  const spec = {
    ...lease.spec,
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationMs === undefined ? undefined : record.durationMs / 1000,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  };
  return { ...lease, apiVersion: "coordination.k8s.io/v1", kind: "Lease", spec };
}

/** A time (ms since the epoch) in the format of Leases: with six digits after the point. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
