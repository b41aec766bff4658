/**
 * The options of the connections of all places.
 *
 * @module
 */
import type { TransportFactory } from "../../databricks/call/transport.ts";
import type { EventRecorder } from "../../kubernetes/events.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Place } from "../object/place.ts";
import type { EventReason } from "../object/reasons.ts";
import type { Identity } from "./identity.ts";
import type { Secrets } from "./secrets.ts";
import type { Shard } from "./shard.ts";
import type { SourcesOptions } from "./sources.ts";

/** Options of the connections. */
export interface ConnectionsOptions extends SourcesOptions {
  readonly transport: TransportFactory;
  /** Permits workspaces on this machine. */
  readonly allowLoopback: boolean;
  /** The operator's own identities. */
  readonly identity: Identity;
  /** Aborts when calls in flight are abandoned. */
  readonly abandoned: AbortSignal;
  readonly userAgent: string;
  readonly secrets: Secrets;
  /** ConfigMaps with authorities. */
  readonly configMaps: Secrets;
  readonly events: EventRecorder<EventReason>;
  readonly metrics: Metrics;
  /** The plurals of the managed kinds. */
  readonly plurals: readonly string[];
  /** The share of the workspaces that this process works on; by default all. */
  readonly shard?: Shard | undefined;
  /** How long (ms) credentials may be invalid before an Event reports it. */
  readonly graceMs: number;
  /** Called when a place's connection was made, changed or ended. */
  readonly onChange: (place: Place) => void;
  /** Called when the object that holds a place's settings changed in any way. */
  readonly onSeen: (place: Place) => void;
  /** Called when a pass could not sign in, or could not reach the workspace. */
  readonly onSuspicion: (place: Place) => void;
}
