/**
 * A memory of statuses. A status may be rolled back (a restore, `kubectl replace --subresource=status`), but Databricks
 * is not, so this process restores the fields that it knows.
 *
 * @module
 */
import type { Baseline } from "../plan/baseline.ts";
import { hashOf } from "../plan/fields.ts";
import type { Pass } from "./pass.ts";
import { type Status, statusOf, textOf } from "../object/status.ts";

/** The fields without which something would be created, sent, run or left behind twice. */
const FIELDS = [
  ...["id", "workspace", "url", "parts", "source", "pending", "references"] as const,
  ...["run_request", "repair_request", "final", "approved"] as const,
] as const;

/** The remembered fields of one status. */
interface Remembered {
  /** The object's version with which all of it was noted, where that is what was stored; so nothing is new about it. */
  readonly version: string | undefined;
  readonly fields: Status;
  /** A fingerprint of the baseline. */
  readonly baseline: string;
  /** The request of a resource that happens once: it never changes, and no read shows it again. */
  readonly asked: Baseline | undefined;
  /** True once the held resource was seen to carry the operator's mark. */
  readonly isMarked: boolean;
  /** True from the operator's create, which set the mark, until its result is first observed. */
  readonly isUnseen: boolean;
}

/** Remembers what objects hold, by their UIDs. */
export class Memory {
  readonly #known = new Map<string, Remembered>();

  /**
   * Remembers the object's status, as it was last read or written; an empty status changes nothing. A status that is known
   * to be stale is ignored: a process that has just started may read an old list.
   */
  note(pass: Pass): void {
    const { uid } = pass;
    if (pass.isStale && !isOver(pass)) return;
    const before = this.#known.get(uid);
    const version = versionOf(pass);
    if (version !== undefined && before?.version === version) return;
    const status = isOver(pass) ? pass.status : statusOf(pass.object);
    if (status.id === undefined && status.pending === undefined) {
      // The create was refused, so nothing was created.
      if (isOver(pass)) this.#known.delete(uid);
      return;
    }
    const kept = fieldsOf(pass).flatMap((field) => status[field] === undefined ? [] : [[field, status[field]]]);
    // This pass's observations also count if they could not be written.
    const baseline = pass.status.id === status.id ? pass.status.baseline : undefined;
    const same = before?.fields.id === status.id ? before : undefined;
    const isMarked = baseline?.marked === true || same?.isMarked === true;
    const isUnseen = baseline?.created === true || (baseline === undefined && same?.isUnseen === true);
    const fields = structuredClone(Object.fromEntries(kept));
    const asked = pass.resource.once === undefined ? undefined : baseline ?? same?.asked;
    this.#known.set(uid, { version, fields, baseline: baselineHash(status), asked, isMarked, isUnseen });
  }

  /** Restores what a status has lost. A create in it is over, unless this process knows of the same one. */
  restore(pass: Pass): void {
    const { uid, status } = pass;
    const known = this.#known.get(uid);
    if (known === undefined) return;
    pass.wasMarked = known.isMarked || (known.isUnseen && status.baseline === undefined);
    if (known.version !== undefined && known.version === pass.object.metadata.resourceVersion) return;
    const isOlder = hasLost(status, known.fields);
    // The baseline is from another time. That of a one-time resource is from its start, always.
    if (isOlder || baselineHash(statusOf(pass.object)) !== known.baseline) {
      if (pass.resource.once === undefined) delete status.baseline;
      if (known.asked !== undefined) status.baseline = structuredClone(known.asked);
    }
    pass.wasMarked = known.isMarked || (known.isUnseen && status.baseline === undefined);
    if (!isOlder) return;
    for (const field of fieldsOf(pass)) delete status[field];
    Object.assign(status, structuredClone(known.fields));
    delete status.create_refused;
    pass.log.warning(`The status of ${pass.resource.kind} ${pass.key} went back to an older one: it is put right`);
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }
}

/** The object's version, where the pass leaves the status as it is stored; its baseline, too. */
function versionOf(pass: Pass): string | undefined {
  const { object, status: { baseline } } = pass;
  const { fingerprints } = statusOf(object);
  const isStored = baseline === undefined ? fingerprints === undefined : textOf(baseline) === fingerprints;
  return isStored && !isOver(pass) ? object.metadata.resourceVersion : undefined;
}

/** The remembered fields. Databricks may not return the outcome of a one-time resource again. */
function fieldsOf({ resource }: Pass): readonly (keyof Status)[] {
  return resource.once === undefined ? FIELDS : [...FIELDS, ...Object.keys(resource.statusFields ?? {}) as never[]];
}

/** A fingerprint of the baseline, of a stored status or of a draft. */
function baselineHash({ baseline, fingerprints }: Status): string {
  return hashOf(baseline === undefined ? fingerprints : textOf(baseline));
}

/** True if the pass ended a create that the object's status still contains: the pass knows better. */
function isOver({ object, status }: Pass): boolean {
  return statusOf(object).pending !== undefined && status.pending === undefined;
}

function hasLost(status: Status, known: Remembered["fields"]): boolean {
  // A create that was pending when the object was read has ended since: an earlier process may have written its id.
  if (known.id === undefined && status.id !== undefined && status.pending === undefined) return false;
  return status.id !== known.id || status.workspace !== known.workspace ||
    (known.pending !== undefined && status.pending?.token !== known.pending.token) ||
    (known.run_request !== undefined && status.run_request === undefined) ||
    (known.final === true && status.final === undefined && !isBegunAnew(status, known)) ||
    (known.approved?.at ?? "") > (status.approved?.at ?? "") ||
    (known.repair_request?.since ?? "") > (status.repair_request?.since ?? "") ||
    Object.keys(known.parts ?? {}).some((name) => !Object.hasOwn(status.parts ?? {}, name));
}

/**
 * True if an ended resource was started again by a write whose answer was lost, so that the status is the newer one.
 */
function isBegunAnew(status: Status, known: Remembered["fields"]): boolean {
  return (status.repair_request?.since ?? "") > (known.repair_request?.since ?? "");
}
