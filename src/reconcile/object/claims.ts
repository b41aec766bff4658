/**
 * The claims of objects on resources: the few facts about all objects of a kind that a pass over one of them needs.
 * They are updated with each change, so that no query goes through all objects.
 *
 * @module
 */
import { canonicalJson } from "../../base/json.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { conditionOf } from "./conditions.ts";
import type { Holding } from "../observe/twins.ts";
import type { Priority } from "../queue.ts";
import { hashOf } from "../plan/fields.ts";
import { type Place, placeOf } from "./place.ts";
import { hasFinalizer, type Ownership, ownershipOf, type Status, statusOf } from "./status.ts";

/** The holders of a kind's resources in one workspace: id → `namespace/name`. */
export type Holders = Pick<ReadonlyMap<string, string>, "get" | "has">;

/** The reasons for which an object waits until another one is gone. */
const WAITING = ["HeldByAnother", "AlreadyExists"];

/** The claim of one object. */
interface Claim {
  readonly key: string;
  readonly place: Place;
  readonly uid: string;
  /** Sorts objects by age. */
  readonly age: string;
  /** The external resource that it holds. */
  readonly id: string | undefined;
  readonly workspace: string | undefined;
  readonly parts: readonly string[];
  readonly isFinalized: boolean;
  readonly isPending: boolean;
  readonly isWaiting: boolean;
  readonly owner: Ownership;
  readonly isReady: boolean;
  /** The part that people and other controllers change, as opposed to the operator's own writes. */
  readonly userPart: string;
  /** A fingerprint of the status. */
  readonly told: string;
}

/** The number of objects with the same labels. */
export interface OwnerCount {
  readonly owner: Ownership;
  readonly ready: boolean;
  readonly count: number;
}

/** The resources that a kind's objects hold and wait for. */
export class Claims {
  readonly #claims = new Map<string, Claim>();
  readonly #byPlace = new Groups();
  /** Case-insensitive: where names are ids, Databricks may answer with another case. */
  readonly #byId = new Groups();
  /** The workspaces that are known to distinguish ids that differ only in case. */
  readonly #keepCase = new Set<string>();
  readonly #byUid = new Map<string, string>();
  readonly #waiting = new Set<string>();
  readonly #unbound = new Set<string>();
  /** Fingerprints of the statuses that the operator wrote last, by key. */
  readonly #expected = new Map<string, string>();

  /**
   * Takes an object's newest state; `undefined` if it is gone.
   *
   * @returns how urgent a pass is: `high` when a person changed something; `low` when the object appears unchanged
   * since its last pass, as thousands do at start, or when somebody else wrote its status; else `undefined`.
   */
  update(key: string, object: KubeObject | undefined): Priority | undefined {
    const before = this.#claims.get(key);
    if (before !== undefined) this.#remove(before);
    if (object === undefined) {
      this.#expected.delete(key);
      return "high";
    }
    const claim = claimOf(key, object);
    this.#add(claim);
    if (before === undefined) return wasWorkedOn(object) ? "low" : "high";
    if (before.userPart !== claim.userPart || hasLost(before, claim)) return "high";
    return [before.told, this.#expected.get(key)].includes(claim.told) ? undefined : "low";
  }

  /** Notes the status that the operator is about to write, or has written, so that its event is recognized. */
  expect(key: string, status: Status): void {
    // The answer of the write that releases an object may come after the watch has reported that it is gone.
    if (this.#claims.has(key)) this.#expected.set(key, hashOf(status));
  }

  /** All objects of a place. */
  keys(place: Place): string[] {
    return [...this.#byPlace.get(place)];
  }

  /** A place's objects that hold a resource, by the resource's id. */
  bound(place: Place): Map<string, string[]> {
    const bound = new Map<string, string[]>();
    for (const key of this.#byPlace.get(place)) {
      const id = this.#claims.get(key)?.id;
      if (id === undefined) continue;
      const keys = bound.get(id);
      if (keys === undefined) bound.set(id, [key]);
      else keys.push(key);
    }
    return bound;
  }

  /** The ids that a place's objects hold, until the caller stops. */
  *ids(place: Place): Iterable<string> {
    for (const key of this.#byPlace.get(place)) {
      const id = this.#claims.get(key)?.id;
      if (id !== undefined) yield id;
    }
  }

  /** The holders of a workspace's resources, except one object; optionally those of one owner only. */
  holders(host: string, exceptUid?: string, by?: Ownership): Holders {
    const get = (id: string) =>
      this.#holding(id).find(({ workspace, uid, owner }) =>
        workspace === host && uid !== exceptUid && (by === undefined || owner === by)
      )?.key;
    return { get, has: (id) => get(id) !== undefined };
  }

  /** True when there is an object with this UID. */
  has(uid: string): boolean {
    return this.#byUid.has(uid);
  }

  /** The id that the object with this UID holds. */
  heldBy(uid: string): string | undefined {
    return this.#claims.get(this.#byUid.get(uid) ?? "")?.id;
  }

  /** Parts of an external resource that objects older than the given one record. */
  olderParts(object: KubeObject, id: string, host: string | undefined): ReadonlySet<string> {
    const { age } = claimOf("", object);
    return this.#parts(object, id, (rival) => rival.workspace === host && rival.age < age);
  }

  /** Parts of an external resource that other objects record. */
  otherParts(object: KubeObject, id: string, host: string | undefined): ReadonlySet<string> {
    return this.#parts(object, id, (rival) => rival.workspace === host);
  }

  #parts({ metadata: { uid } }: KubeObject, id: string, counts: (rival: Claim) => boolean): ReadonlySet<string> {
    const rivals = this.#holding(id).filter((rival) => rival.uid !== uid && counts(rival));
    return new Set(rivals.flatMap(({ parts }) => parts));
  }

  /**
   * Ids that other objects hold in a workspace and that differ from this one only in case, unless the workspace is
   * known to distinguish them.
   */
  spellings(host: string, id: string, exceptUid: string): string[] {
    const others = this.#holding(id).filter(({ workspace, uid }) => workspace === host && uid !== exceptUid);
    return [...new Set(others.flatMap((other) => other.id === undefined || other.id === id ? [] : [other.id]))];
  }

  /** Notes that a workspace distinguishes ids that differ only in case. */
  keepsCase(host: string): void {
    this.#keepCase.add(host);
  }

  /** Objects that wait for a resource that another object holds. */
  waiting(): string[] {
    return [...this.#waiting];
  }

  /** The resource that the object with a UID holds; `undefined` when there is no such object. */
  holding(uid: string): Holding | undefined {
    return this.#claims.get(this.#byUid.get(uid) ?? "");
  }

  /** Objects that hold nothing yet, or are about to hold another resource. */
  unbound(): string[] {
    return [...this.#unbound];
  }

  /** The number of ready and not-ready objects in some places, by owner. */
  counts(isCounted: (place: Place) => boolean): OwnerCount[] {
    const counts = new Map<string, OwnerCount>();
    for (const { place, owner, isReady: ready } of this.#claims.values()) {
      if (!isCounted(place)) continue;
      const count = (counts.get(`${owner}/${ready}`)?.count ?? 0) + 1;
      counts.set(`${owner}/${ready}`, { owner, ready, count });
    }
    return [...counts.values()];
  }

  #holding(id: string): Claim[] {
    return [...this.#byId.get(id.toLowerCase())].flatMap((key) => this.#claims.get(key) ?? [])
      .filter((claim) => claim.id === id || !this.#keepCase.has(claim.workspace ?? ""));
  }

  #add(claim: Claim): void {
    const { key, place, id } = claim;
    this.#claims.set(key, claim);
    this.#byPlace.add(place, key);
    this.#byUid.set(claim.uid, key);
    // While it is created again, the resource that it holds is the one that is gone.
    if (id === undefined || claim.isPending) this.#unbound.add(key);
    if (id !== undefined) this.#byId.add(id.toLowerCase(), key);
    if (claim.isWaiting) this.#waiting.add(key);
  }

  #remove({ key, place, id, uid }: Claim): void {
    this.#claims.delete(key);
    if (this.#byUid.get(uid) === key) this.#byUid.delete(uid);
    this.#byPlace.delete(place, key);
    if (id !== undefined) this.#byId.delete(id.toLowerCase(), key);
    for (const set of [this.#waiting, this.#unbound]) set.delete(key);
  }
}

/** Keys grouped by a common value. */
class Groups {
  readonly #groups = new Map<string, Set<string>>();

  get(group: string): ReadonlySet<string> {
    return this.#groups.get(group) ?? new Set();
  }

  add(group: string, key: string): void {
    const keys = this.#groups.get(group);
    if (keys === undefined) this.#groups.set(group, new Set([key]));
    else keys.add(key);
  }

  delete(group: string, key: string): void {
    const keys = this.#groups.get(group);
    keys?.delete(key);
    if (keys?.size === 0) this.#groups.delete(group);
  }
}

/** True if the object's newest generation was reconciled before. */
function wasWorkedOn(object: KubeObject): boolean {
  const { generation, deletionTimestamp } = object.metadata;
  return statusOf(object).observedGeneration === generation && deletionTimestamp === undefined;
}

/**
 * True if a writer that replaces whole objects has dropped the finalizer that protects the external resource, or has
 * replaced the status that says what the object holds by an older one.
 */
function hasLost(before: Claim, now: Claim): boolean {
  if (before.uid !== now.uid) return false;
  return (before.isFinalized && !now.isFinalized) || (before.id !== undefined && before.id !== now.id) ||
    before.parts.some((name) => !now.parts.includes(name));
}

function claimOf(key: string, object: KubeObject): Claim {
  const { uid = "", generation, annotations, deletionTimestamp, creationTimestamp = "" } = object.metadata;
  const { id, workspace, pending, conditions, parts } = statusOf(object);
  return {
    key,
    place: placeOf(object),
    uid,
    age: `${creationTimestamp}/${uid}`,
    id,
    workspace,
    parts: Object.keys(parts ?? {}),
    isFinalized: hasFinalizer(object),
    isPending: pending !== undefined,
    isWaiting: WAITING.includes(conditionOf(conditions, "Synced")?.reason ?? ""),
    owner: ownershipOf(object),
    isReady: conditionOf(conditions, "Ready")?.status === "True",
    told: hashOf(statusOf(object)),
    userPart: canonicalJson({ uid, generation, annotations, deletionTimestamp }),
  };
}
