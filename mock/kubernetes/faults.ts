/**
 * Faults of the Kubernetes API: of requests, as in the Databricks mock, and of watch events.
 *
 * @module
 */
import { stringifyJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { type Fault, type FaultRule, Faults } from "../faults.ts";
import { ApiError } from "./errors.ts";
import type { EventFault } from "./requests/watch.ts";

/**
 * A fault of requests.
 *
 * It matches `verb resource.group[/subresource] namespace/name`, such as `get secrets team/token`,
 * `list databricksjobs.com.dstancu.databricks team/` or `patch databricksjobs.com.dstancu.databricks/status team/etl`.
 * A `stale` read returns the answer from before the latest write of the kind.
 */
export interface RequestFault extends Omit<FaultRule, "edit"> {
  /** The reason in the answer's Status: `InternalError`, `TooManyRequests`, … */
  reason?: string;
  message?: string;
}

/** A fault of watch events: it matches `TYPE resource.group namespace/name`. */
export interface WatchFault {
  match: RegExp | string;
  after?: number;
  times?: number;
  /**
   * `withheld`: the event is not sent; `duplicated`: it is sent twice; `stalled`: the watch is silent from then on, but
   * does not end; `compacted`: 410 is sent instead; `cut`: the connection breaks in the middle of the event.
   */
  event: NonNullable<EventFault>;
}

/** The faults of one API. */
export class KubernetesFaults {
  readonly #requests = new Faults();
  readonly #events = new Faults();

  /** Adds a rule about requests, which stays in force until it is removed (or its `using` ends). */
  add({ reason = "InternalError", message = "Injected fault", ...rule }: RequestFault): Fault {
    if (rule.status === undefined || rule.status < 400 || rule.body !== undefined) return this.#requests.add(rule);
    const body = stringifyJson(new ApiError(rule.status, reason, message).status);
    return this.#requests.add({ ...rule, body, headers: { "content-type": "application/json", ...rule.headers } });
  }

  /** Adds a rule about watch events. */
  addWatch({ event, ...rule }: WatchFault): Fault {
    return this.#events.add({ ...rule, name: event });
  }

  /** The rule that applies to a request, if any. */
  strike(line: string): Fault | undefined {
    return this.#requests.strike(line);
  }

  /** Returns the fault that applies to a watch event. */
  strikeEvent(type: string, name: string, { metadata }: KubeObject): EventFault {
    const fault = this.#events.strike(`${type} ${name} ${metadata.namespace ?? ""}/${metadata.name}`);
    return fault?.name as EventFault;
  }

  /** Removes all faults. */
  clear(): void {
    this.#requests.clear();
    this.#events.clear();
  }
}
