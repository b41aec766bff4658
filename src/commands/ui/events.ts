/**
 * Events about the operator's objects, reduced to what the page shows.
 *
 * @module
 */
import type { KubeObject } from "../../kubernetes/client.ts";
import { shown } from "./rows.ts";
import type { EventView } from "./shapes.ts";

/** A stored Event of the core group. */
export interface EventObject extends KubeObject {
  readonly involvedObject: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly count?: number;
  readonly lastTimestamp?: string;
}

/** The reason of the Event for a change in Databricks that was reverted. */
const REPAIRED = "DriftCorrected";

/** An Event without the fields that are not shown. */
export function reduceEvent(event: KubeObject): EventObject {
  const { metadata, reason, message, type, count, lastTimestamp, involvedObject } = event as EventObject;
  const { name = "", namespace = "", uid = "", resourceVersion = "", creationTimestamp = "" } = metadata;
  return {
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    involvedObject: involvedObject ?? {},
    ...reason !== undefined && { reason },
    ...message !== undefined && { message },
    ...type !== undefined && { type },
    ...count !== undefined && { count },
    lastTimestamp: lastTimestamp ?? creationTimestamp,
  };
}

/** The newest Events, in the page's form. */
export function newestEvents(events: readonly EventObject[], limit: number): EventView[] {
  const at = ({ lastTimestamp = "" }: EventObject) => Date.parse(lastTimestamp) || 0;
  return events.toSorted((a, b) => at(b) - at(a)).slice(0, limit).map(viewOf);
}

/** True for an Event that reports a repair. */
export function isRepair({ reason }: EventObject): boolean {
  return reason === REPAIRED;
}

function viewOf({ involvedObject, reason, message, type, count = 1, lastTimestamp = "" }: EventObject): EventView {
  const { kind = "", namespace = "", name = "" } = involvedObject;
  return {
    key: `${kind}/${namespace}/${name}`,
    reason: shown(reason),
    message: shown(message),
    isWarning: type === "Warning",
    count,
    at: lastTimestamp,
  };
}
