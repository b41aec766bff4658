/**
 * The options of an operator.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { TransportFactory } from "../databricks/call/transport.ts";
import type { KubeClient } from "../kubernetes/client.ts";
import type { Resource } from "../resource.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Identity } from "./connect/identity.ts";
import type { Shard } from "./connect/shard.ts";
import type { MadePlan } from "./pass/approve/admit.ts";
import type { Timings } from "./pass/context.ts";

/** Options of an operator. */
export interface OperatorOptions {
  readonly client: KubeClient;
  /** The watched namespaces. */
  readonly namespaces: readonly string[] | "all";
  readonly configMapName: string;
  readonly transport: TransportFactory;
  /** Permits workspaces on this machine, such as the mock; false by default. */
  readonly allowLoopback?: boolean;
  /** The operator's own identities; none by default. */
  readonly identity?: Identity;
  /** True if writes may be sent now, that is, if no other replica can lead. By default always. */
  readonly mayWrite?: () => boolean;
  readonly resources?: readonly Resource[];
  readonly clock?: Clock;
  readonly timings?: Partial<Timings>;
  /** The share of the workspaces that it works on; by default all. */
  readonly shard?: Shard;
  /** The number of objects of one namespace that are reconciled at the same time; by default 10. */
  readonly concurrency?: number;
  /** The metrics to update; by default, unregistered ones. */
  readonly metrics?: Metrics;
  /** Called with each plan that waits for an approval. */
  readonly onPlan?: (plan: MadePlan) => void;
}
