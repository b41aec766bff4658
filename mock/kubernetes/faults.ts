/**
 * Faults of the Kubernetes API: those of requests, as in the Databricks mock, and those of watch events.
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
 * It is matched on `verb resource.group[/subresource] namespace/name`, such as `get secrets team/token`,
 * `list databricksjobs.com.dstancu.databricks team/` or `patch databricksjobs.com.dstancu.databricks/status team/etl`.
 * A `stale` read gives what it would have given before the latest write of the kind.
 */
export interface RequestFault extends Omit<FaultRule, "edit"> {
  /** The reason in the answer's Status: `InternalError`, `TooManyRequests`, … */
  reason?: string;
  message?: string;
}

/** A fault of watch events: matched on `TYPE resource.group namespace/name`. */
export interface WatchFault {
  match: RegExp | string;
  after?: number;
  times?: number;
  /**
   * `withheld`: it is not sent; `duplicated`: it is sent twice; `stalled`: the watch is silent from here on, and does
   * not end; `compacted`: 410 instead of it; `cut`: the connection breaks in the middle of it.
   */
  event: NonNullable<EventFault>;
}

/** The faults of one API. */
export class KubernetesFaults {
  readonly #requests = new Faults();
  readonly #events = new Faults();

  /** Puts a rule about requests in force, until it is removed (or its `using` ends). */
  add({ reason = "InternalError", message = "Injected fault", ...rule }: RequestFault): Fault {
    if (rule.status === undefined || rule.status < 400 || rule.body !== undefined) return this.#requests.add(rule);
    const body = stringifyJson(new ApiError(rule.status, reason, message).status);
    return this.#requests.add({ ...rule, body, headers: { "content-type": "application/json", ...rule.headers } });
  }

  /** Puts a rule about the events of watches in force. */
  addWatch({ event, ...rule }: WatchFault): Fault {
    return this.#events.add({ ...rule, name: event });
  }

  /** The rule that strikes a request, if any. */
  strike(line: string): Fault | undefined {
    return this.#requests.strike(line);
  }

  /** Returns the fault that strikes an event of a watch. */
  strikeEvent(type: string, name: string, { metadata }: KubeObject): EventFault {
    const fault = this.#events.strike(`${type} ${name} ${metadata.namespace ?? ""}/${metadata.name}`);
    return fault?.name as EventFault;
  }

  /** Ends all faults. */
  clear(): void {
    this.#requests.clear();
    this.#events.clear();
  }
}
