/**
 * The Lease that replicas compete for: reads it, takes it, releases it. The API server refuses the write of every
 * replica that was too late.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { type CallOptions, type KubeClient, KubeError } from "../client.ts";
import { microTime, readRecord, withRecord } from "./record.ts";
import type { KubeObject } from "../object.ts";
import type { ResourcePath } from "../paths.ts";

/** Options of a {@link LeaderLock}. */
export interface LeaderLockOptions {
  readonly client: Pick<KubeClient, "get" | "create" | "replace">;
  readonly namespace: string;
  readonly name: string;
  /** Our identity. */
  readonly identity: string;
  /** The duration of the lease after a renewal. */
  readonly leaseMs: number;
  readonly clock: Clock;
}

/** One Lease, as one candidate handles it. */
export class LeaderLock {
  readonly path: ResourcePath;
  readonly #options: LeaderLockOptions;

  constructor(options: LeaderLockOptions) {
    this.#options = options;
    const { namespace } = options;
    this.path = { group: "coordination.k8s.io", version: "v1", plural: "leases", namespace };
  }

  /** The Lease; `undefined` if there is none. */
  async read(options: CallOptions): Promise<KubeObject | undefined> {
    try {
      return await this.#options.client.get(this.path, this.#options.name, options);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Takes or renews the Lease that was read; creates it if there was none. */
  async take(lease: KubeObject | undefined, options: CallOptions): Promise<KubeObject> {
    const { client, namespace, name, identity, leaseMs, clock } = this.#options;
    const { holder, acquireTime, transitions } = readRecord(lease);
    const now = microTime(clock.now());
    const isOurs = holder === identity;
    const next = withRecord(lease ?? { metadata: { name, namespace } }, {
      holder: identity,
      durationMs: leaseMs,
      acquireTime: isOurs ? acquireTime : now,
      renewTime: now,
      transitions: isOurs || lease === undefined ? transitions : transitions + 1,
    });
    return await (lease === undefined ? this.#create(next, options) : client.replace(this.path, next, options));
  }

  /** @throws {MissingNamespaceError} if its namespace does not exist. */
  async #create(lease: KubeObject, options: CallOptions): Promise<KubeObject> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.create(this.path, lease, options);
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error;
      throw new MissingNamespaceError(
        `Cannot create lease ${namespace}/${name}: namespace "${namespace}" does not exist: create it, or name ` +
          `another one with --lease-namespace`,
        { status: error.status, reason: error.reason },
      );
    }
  }

  /** Releases the Lease: it has no holder, and a duration of one second, as client-go leaves it. */
  async free(lease: KubeObject, options: CallOptions): Promise<void> {
    const now = microTime(this.#options.clock.now());
    const { transitions } = readRecord(lease);
    const record = { holder: "", durationMs: 1000, acquireTime: now, renewTime: now, transitions };
    await this.#options.client.replace(this.path, withRecord(lease, record), options);
  }
}

/** The namespace of the Lease does not exist. The caller retries, since it may be created later. */
class MissingNamespaceError extends KubeError {}

/** True if a write was refused because the Lease has changed, or is gone. */
export function isOutdated(error: unknown): boolean {
  if (error instanceof MissingNamespaceError) return false;
  return error instanceof KubeError && (error.status === 409 || error.status === 404);
}
