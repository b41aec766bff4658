/**
 * The leases that `run` works under.
 *
 * A process without shards holds the lease alone. Processes with shards hold it together, under the name of their
 * number of shards, and each also holds a lease of its own shard. So processes that divide the workspaces differently
 * (2 shards and 3, or none) wait for each other, even while an upgrade replaces one pod after the other.
 *
 * @module
 */
import type { ConnectedCluster } from "../kubernetes/kubeconfig.ts";
import { LeaderElector } from "../kubernetes/election/leader.ts";
import type { LeaderTimes } from "../kubernetes/election/times.ts";
import type { Shard } from "../reconcile/connect/shard.ts";
import { hostName } from "../process/host_name.ts";

/** Options of an {@link Election}. */
export interface ElectionOptions extends LeaderTimes {
  readonly cluster: Pick<ConnectedCluster, "client">;
  readonly namespace: string;
  /** The lease that all processes of an installation share. */
  readonly leaseName: string;
  readonly shard: Shard | undefined;
}

/** A process's part in the elections: it works while it holds all its leases. */
export class Election {
  /** The lease of this process only. */
  readonly leaseName: string;
  readonly #electors: readonly LeaderElector[];

  constructor({ cluster: { client }, namespace, leaseName, shard, ...times }: ElectionOptions) {
    // The pod's name, for people, and a part that no other process has, not even an earlier one of this pod.
    const own = `${hostName()}_${crypto.randomUUID()}`;
    const elector = (name: string, identity: string, isShared: boolean) =>
      new LeaderElector({ client: client.separate(), namespace, name, identity, isShared, ...times });
    this.leaseName = shard === undefined ? leaseName : `${leaseName}-${shard.index}`;
    this.#electors = [
      ...shard === undefined ? [] : [elector(leaseName, `${shard.count} shards`, true)],
      elector(this.leaseName, own, false),
    ];
  }

  /** Resolves with the reason when a lease is lost. */
  get lost(): Promise<string> {
    return Promise.race(this.#electors.map(({ lost }) => lost));
  }

  /** True while writes may be sent. */
  isHeld(): boolean {
    return this.#electors.every((elector) => elector.isHeld());
  }

  /** The reasons why this replica cannot stand by; empty when there are none. */
  unready(): string[] {
    return this.#electors.find((elector) => !elector.isHeld())?.unready() ?? [];
  }

  /** Waits for the leases, one after the other; resolves with false if the signal aborts first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    for (const elector of this.#electors) if (!await elector.acquire(signal)) return false;
    return true;
  }

  /** Releases the leases; see {@link LeaderElector.release}. */
  async release(): Promise<void> {
    for (const elector of this.#electors.toReversed()) await elector.release();
  }
}
