/**
 * Records who made each resource: observes every write of the operator as it takes effect, and finds resources that
 * were lost, duplicated or taken from others.
 *
 * @module
 */
import { isObject, parseJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import {
  annotation,
  FINALIZER,
  hasPredecessorFinalizer,
  mayAdopt,
  ownershipOf,
  statusOf,
} from "../../src/reconcile/object/status.ts";
import type { Parcel, Witness } from "../schedules/network.ts";
import type { Simulation } from "../schedules/simulation.ts";
import type { IdentityClass } from "./classes.ts";

/** A resource in Databricks, and its owner. */
export interface Known {
  /**
   * The UID of the object for which the operator made it or, with consent, adopted it; `undefined` for a person's own
   * resource.
   */
  maker: string | undefined;
  /** True if the operator's own user made it, for whatever object. */
  readonly isOurs?: boolean;
  /** The last known state of the resource. */
  state: string;
}

/** Observes all requests that arrive, and notes violations. */
export class Provenance implements Witness {
  readonly #simulation: Simulation;
  readonly #kind: IdentityClass;
  /** The violations, in words. */
  readonly violations: string[] = [];
  readonly resources = new Map<string, Known>();
  /** The UIDs of objects that the operator released: a resource of theirs that is left is an orphan. */
  readonly settled = new Set<string>();
  /** The number of writes that arrived, including Events. */
  writes = 0;
  readonly #objects = new Map<string, KubeObject>();
  /** The makers of resources that a person deleted and the operator has not looked for since, by id. */
  readonly #unmissed = new Map<string, string>();
  /** The UIDs of objects that the predecessor left. */
  readonly #predecessors = new Set<string | undefined>();

  constructor(simulation: Simulation, kind: IdentityClass) {
    this.#simulation = simulation;
    this.#kind = kind;
  }

  /** Reports a write of a replica that has lost its lease. */
  sent({ life, isWrite, line }: Parcel): void {
    if (isWrite && !life.isLeading) this.#blame(`a replica that has lost its lease wrote: ${line}`);
  }

  ended(_parcel: Parcel): void {}

  /** Judges a request that took effect. */
  async took(parcel: Parcel, response: Response): Promise<void> {
    if (!parcel.isWrite) {
      if (parcel.side === "Databricks") this.#unmissed.clear();
      return;
    }
    this.writes++;
    if (parcel.side === "Databricks") return await this.#databricksWritten(parcel);
    if (!response.ok || !parcel.line.includes("com.dstancu.databricks")) return;
    const object = parseJson(await response.clone().text()) as unknown as KubeObject;
    if (parcel.line.startsWith("DELETE")) return this.#objectDeleted(parcel.line);
    if (isObject(object) && object.metadata?.uid !== undefined && object.kind === this.#kind.kind) {
      this.#noteWrite(object);
    }
  }

  /** Notes the result of a person's act: new resources are theirs. */
  async notePerson(): Promise<void> {
    const objects = await this.#simulation.list(this.#kind.kind);
    const uids = new Set(objects.map(({ metadata }) => metadata.uid));
    for (const uid of this.#objects.keys()) if (!uids.has(uid)) this.#objects.delete(uid);
    for (const object of objects) {
      this.#objects.set(object.metadata.uid ?? "", object);
      if (hasPredecessorFinalizer(object)) this.#predecessors.add(object.metadata.uid);
      this.#consent(object);
    }
    this.#noteChanges(this.#kind.all(this.#simulation.workspace));
  }

  /** Notes what a person changed in Databricks. */
  #noteChanges(now: ReadonlyMap<string, string>): void {
    for (const [id, { maker }] of this.resources) {
      if (now.has(id)) continue;
      this.resources.delete(id);
      if (maker !== undefined && this.#kind.isNameAll === true) this.#unmissed.set(id, maker);
    }
    for (const [id, state] of now) {
      const known = this.resources.get(id);
      if (known === undefined) this.resources.set(id, { maker: this.#unmissed.get(id), state });
      else known.state = state;
    }
  }

  /** Notes a person's consent: a resource may belong to an object that may adopt it, or that followed it before. */
  #consent(object: KubeObject): void {
    const { id } = statusOf(object);
    if (id === undefined || ownershipOf(object) === "api") return;
    for (const [key, known] of this.resources) {
      if (this.#kind.holder(key) !== id) continue;
      const isFree = known.maker === undefined || !this.#objects.has(known.maker);
      // Which keys an object put stands in its status only, which a restored object has lost.
      const isFollowed = this.#kind.by !== "parts" && this.#wasFollowed.has(object.metadata.uid);
      const isGiven = mayAdopt(object) || isFollowed;
      if (isFree && isGiven) known.maker = object.metadata.uid;
    }
  }

  readonly #wasFollowed = new Set<string | undefined>();

  async #databricksWritten({ line, body }: Parcel): Promise<void> {
    const what = `${line} ${body.slice(0, 200)}`;
    const now = this.#kind.all(this.#simulation.workspace);
    const objects = await this.#simulation.list(this.#kind.kind);
    for (const [id, known] of this.resources) {
      const state = now.get(id);
      if (state === known.state) continue;
      this.#judgeChange(id, { known, isGone: state === undefined, objects, what });
      if (state === undefined) this.resources.delete(id);
      else known.state = state;
    }
    for (const [id, state] of now) if (!this.resources.has(id)) this.#made(id, { state, objects });
  }

  #judgeChange(
    id: string,
    { known, isGone, objects, what }: { known: Known; isGone: boolean; objects: readonly KubeObject[]; what: string },
  ): void {
    const verb = isGone ? "deleted" : "changed";
    if (known.maker === undefined) {
      // Keys have no creator: those that the predecessor's object names were put by the predecessor.
      const isTakenOver = ({ metadata: { uid } }: KubeObject) =>
        this.#kind.by === "parts" && this.#predecessors.has(uid);
      const adopter = objects.find((object) => mayAdopt(object) || isTakenOver(object));
      // Releasing a job removes its tag with an update; nothing else may be written to a resource of somebody else.
      if (adopter === undefined && !what.includes("/jobs/update")) {
        return this.#blame(`somebody else's ${id} was ${verb}: ${what}`);
      }
      known.maker = adopter?.metadata.uid;
      return;
    }
    const object = objects.find(({ metadata }) => metadata.uid === known.maker);
    if (!isGone || object === undefined) return;
    if (object.metadata.deletionTimestamp === undefined) {
      this.#blame(`${id} was deleted while its object lives: ${what}`);
    } else if (annotation(object, "deletionPolicy") === "retain" || ownershipOf(object) === "api") {
      this.#blame(`${id} was deleted, which was to stay: ${what}`);
    }
  }

  /** Judges a resource that the operator made: there is at most one per object. */
  #made(id: string, { state, objects }: { state: string; objects: readonly KubeObject[] }): void {
    const { uidOf } = this.#kind;
    const pending = objects.filter((object) => statusOf(object).pending !== undefined);
    const creating = pending.find(({ metadata }) => !this.#hasMade(metadata.uid)) ?? pending[0] ?? objects[0];
    const maker = (uidOf === undefined ? creating?.metadata.uid : uidOf(this.#simulation.workspace, id)) ?? "nobody";
    const others = [...this.resources].filter(([, one]) => one.maker === maker).map(([other]) => other);
    this.resources.set(id, { maker, state, isOurs: true });
    if (this.#kind.by !== "parts" && others.length > 0) {
      this.#blame(`two at once of one object: ${id} was made while ${others} is there`);
    }
    const uids = new Set(objects.map(({ metadata }) => metadata.uid));
    const ownerless = [...this.resources].find(([, one]) => one.maker !== undefined && !uids.has(one.maker));
    if (this.#kind.by === "tag" && ownerless !== undefined) {
      this.#blame(`${id} was made while ${ownerless[0]} carries the tag of an object that is not there`);
    }
  }

  #hasMade(uid: string | undefined): boolean {
    return [...this.resources.values()].some(({ maker }) => maker === uid);
  }

  /** Judges an object that the operator deleted: the resource that it followed must be gone. */
  #objectDeleted(line: string): void {
    const [, namespace, name] = line.match(/\/namespaces\/([^/]+)\/\w+\/([^/?]+)/) ?? [];
    const object = [...this.#objects.values()].findLast(({ metadata }) =>
      metadata.name === name && metadata.namespace === namespace
    );
    const id = object && statusOf(object).id;
    if (id === undefined) return this.#blame(`object ${name} was deleted, which follows nothing`);
    const left = [...this.resources.keys()].filter((key) => this.#kind.holder(key) === id);
    if (left.length > 0) this.#blame(`object ${name} was deleted although ${left} is there`);
  }

  #noteWrite(object: KubeObject): void {
    const { uid = "" } = object.metadata;
    const before = this.#objects.get(uid);
    this.#objects.set(uid, object);
    if (ownershipOf(object) === "api") this.#wasFollowed.add(uid);
    this.#consent(object);
    if (before !== undefined && statusOf(before).id !== statusOf(object).id) this.#judgeBinding(object, before);
    const dropped = before?.metadata.finalizers?.includes(FINALIZER) === true &&
      object.metadata.finalizers?.includes(FINALIZER) !== true;
    if (dropped) this.#noteRelease(object, uid);
  }

  /** Judges a new id in the status: an object may take what was made for it, or given to it. */
  #judgeBinding(object: KubeObject, before: KubeObject): void {
    const { id } = statusOf(object);
    const { uid, name } = object.metadata;
    if (id === undefined || ownershipOf(object) === "api" || this.#kind.by === "parts") return;
    const known = this.resources.get(id);
    if (known === undefined || known.maker === uid) return;
    const isPending = statusOf(before).pending !== undefined;
    // What the operator's own user made, and no object holds, is the predecessor's as far as anybody can tell.
    const isHeld = known.maker !== undefined && this.#objects.has(known.maker);
    const isLeft = known.isOurs === true && !isHeld && this.#predecessors.has(uid);
    if (isLeft || isPending && this.#kind.isOurUsersAlone === true) known.maker = uid;
    else if (isPending && this.#isExchanged(known, uid)) return;
    else this.#blame(`${name} took ${id}, which it did not make and nobody gave it`);
  }

  /** True for concurrent creates that no tag distinguishes: each object may take either resource. */
  #isExchanged(known: Known, uid: string | undefined): boolean {
    const other = this.#objects.get(known.maker ?? "");
    const own = [...this.resources.values()].find(({ maker }) => maker === uid);
    if (!["creator", "natural key"].includes(this.#kind.by) || other === undefined) return false;
    if (statusOf(other).id !== undefined) return false;
    if (own !== undefined) own.maker = known.maker;
    known.maker = uid;
    return true;
  }

  /**
   * Notes a release. On request the resource stays, and belongs to its owner again; any other release must leave
   * nothing.
   */
  #noteRelease(object: KubeObject, uid: string): void {
    this.settled.add(uid);
    if (annotation(object, "deletionPolicy") !== "retain" && ownershipOf(object) !== "api") return;
    this.disown(uid);
  }

  /** Forgets the maker of an object's resource: the operator then needs consent to write it. */
  disown(uid: string | undefined): void {
    for (const known of this.resources.values()) if (known.maker === uid) known.maker = undefined;
  }

  /** Forgets what an object made or followed: it has lost its status, and nothing else tells. */
  forget(uid: string | undefined): void {
    this.disown(uid);
    this.#wasFollowed.delete(uid);
  }

  /** Notes a violation. */
  blame(text: string): void {
    this.#blame(text);
  }

  #blame(text: string): void {
    this.violations.push(text);
  }
}
