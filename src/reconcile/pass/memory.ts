/**
 * What this process knows that objects hold, whatever becomes of their status: a status may go back to what it was (a
 * restore, `kubectl replace --subresource=status`), but what Databricks holds does not.
 *
 * @module
 */
import { logger } from "../../telemetry/log.ts";
import type { Pass } from "./pass.ts";
import { type Status, statusOf } from "../object/status.ts";

/** The fields without which something would be made, sent, run or left behind a second time. */
const FIELDS = ["id", "workspace", "url", "parts", "source", "run_request"] as const;

type Remembered = Pick<Status, (typeof FIELDS)[number]>;

const log = logger("reconciler");

/** Remembers what objects hold, by their UIDs. */
export class Memory {
  readonly #known = new Map<string, Remembered>();

  /** Notes what the object's status tells, as it was last read or written; a status that tells of nothing is no news. */
  note({ uid, object }: Pass): void {
    const status = statusOf(object);
    if (status.id === undefined) return;
    const kept = FIELDS.flatMap((field) => status[field] === undefined ? [] : [[field, status[field]]]);
    this.#known.set(uid, structuredClone(Object.fromEntries(kept)));
  }

  /** Puts back what a status has lost. A create that it tells of is over, since its result is known. */
  restore(pass: Pass): void {
    const { uid, status } = pass;
    const known = this.#known.get(uid);
    if (known === undefined || !hasLost(status, known)) return;
    for (const field of FIELDS) delete status[field];
    Object.assign(status, structuredClone(known));
    delete status.pending;
    delete status.create_refused;
    // What was compared was of another time.
    delete status.baseline;
    log.warning(`The status of ${pass.resource.kind} ${pass.key} went back to an older one: it is put right`);
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }
}

function hasLost(status: Status, known: Remembered): boolean {
  return status.id !== known.id || status.workspace !== known.workspace ||
    (known.run_request !== undefined && status.run_request === undefined) ||
    Object.keys(known.parts ?? {}).some((name) => !Object.hasOwn(status.parts ?? {}, name));
}
