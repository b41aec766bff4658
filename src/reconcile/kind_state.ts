/**
 * The objects of one kind and the resources that they hold, as one value that is passed to everything that works on
 * them.
 *
 * @module
 */
import { kindKey, type ObjectKey } from "../base/object_key.ts";
import { Mutexes } from "../base/mutex.ts";
import type { KubeObject } from "../kubernetes/client.ts";
import type { Informers } from "../kubernetes/watch/informers.ts";
import { keyOf } from "../kubernetes/object.ts";
import type { Resource } from "../resource.ts";
import type { Connections } from "./connect/connections.ts";
import type { KindInPlace } from "./kind_in_place.ts";
import { Claims, type Holders } from "./object/claims.ts";
import type { Place } from "./object/place.ts";
import { type Ownership, type Status, statusOf } from "./object/status.ts";
import { withKnownIds } from "./plan/references.ts";
import { Twins } from "./observe/twins.ts";
import type { Priority, WorkQueue } from "./queue.ts";
import { SharedByView } from "./shared_by_view.ts";

/** A pass with at least this delay (ms) is not urgent. */
const NOT_URGENT = 1000;

/** Options of a {@link KindState}. */
export interface KindStateOptions {
  readonly resource: Resource;
  readonly informers: Informers;
  readonly queue: WorkQueue;
  readonly connections: Pick<Connections, "viewOf">;
  /** Creates the state that the places of one view share. */
  readonly make: (members: () => readonly Place[]) => KindInPlace;
}

/** The state of one kind. */
export class KindState {
  readonly resource: Resource;
  readonly claims: Claims = new Claims();
  readonly twins: Twins;
  /**
   * One mutex for each workspace: two objects cannot bind to the same resource, and no ingest runs during a binding.
   */
  readonly bindings = new Mutexes();
  readonly informers: Informers;
  readonly #queue: WorkQueue;
  readonly #byPlace: SharedByView<KindInPlace>;

  constructor({ resource, informers, queue, connections, make }: KindStateOptions) {
    this.resource = resource;
    this.informers = informers;
    this.#queue = queue;
    this.twins = new Twins({ resource, holding: (uid) => this.claims.holding(uid) });
    this.#byPlace = new SharedByView({ viewOf: (place) => connections.viewOf(place), make });
  }

  /** The kind in a place. */
  in(place: Place): KindInPlace {
    return this.#byPlace.of(place);
  }

  /** The kind in a place, as of the last call. */
  knownIn(place: Place): KindInPlace | undefined {
    return this.#byPlace.known(place);
  }

  /** The places that have state in memory. */
  kept(): Place[] {
    return this.#byPlace.places();
  }

  /** Stops what runs for a place, and forgets it. */
  forget(place: Place): void {
    this.#byPlace.forget(place);
  }

  /** Stops what runs for all places. */
  async stop(): Promise<void> {
    await this.#byPlace.stop();
  }

  /** An object as it was last read or written. */
  get(key: ObjectKey): KubeObject | undefined {
    return this.informers.get(key);
  }

  /** All objects of a place. */
  peers(place: Place): KubeObject[] {
    return this.claims.keys(place).flatMap((key) => this.get(key) ?? []);
  }

  /** Notes a status that is about to be written, so that the watch's event is recognized as the operator's own. */
  expectStatus(key: ObjectKey, status: Status): void {
    this.claims.expect(key, status);
  }

  /** Stores the answer of the operator's own write. */
  observeWrite(object: KubeObject): void {
    this.claims.expect(keyOf(object), statusOf(object));
    this.informers.observeWrite(object);
  }

  /** Queues an object. */
  enqueue(key: ObjectKey, priority: Priority = "high"): void {
    this.#queue.add(kindKey(this.resource.plural, key), { priority });
  }

  /** Queues an object with a delay (ms). */
  enqueueAfter(key: ObjectKey, delayMs: number): void {
    const priority = delayMs > NOT_URGENT ? "low" : "high";
    this.#queue.add(kindKey(this.resource.plural, key), { delayMs, priority });
  }

  /** The holders of the kind's resources in a workspace, except one object; optionally those of one owner only. */
  holders(host: string, exceptUid: string, by?: Ownership): Holders {
    // For a kind that writes into existing resources, one resource may have many holders: none counts.
    return this.resource.external.create === undefined ? new Map() : this.claims.holders(host, exceptUid, by);
  }

  /** The parts of an external resource that belong to older objects. */
  olderParts(object: KubeObject, id: string, host: string | undefined): ReadonlySet<string> {
    return this.#isFilledTogether ? this.claims.olderParts(object, id, host) : new Set();
  }

  /** The parts of an external resource that belong to other objects. */
  otherParts(object: KubeObject, id: string, host: string | undefined): ReadonlySet<string> {
    return this.#isFilledTogether ? this.claims.otherParts(object, id, host) : new Set();
  }

  get #isFilledTogether(): boolean {
    return this.resource.parts?.exclusive === false;
  }

  /** True while a create of this name is in progress for another object. */
  isBeingMade(name: string, except: ObjectKey): boolean {
    return this.claims.unbound().some((key) => {
      const object = key === except ? undefined : this.get(key);
      return object !== undefined && statusOf(object).pending?.name === name;
    });
  }

  /** Another object that holds or is creating the resource with the given object's natural key, in any letter case. */
  rivalOf(object: KubeObject, host: string): ObjectKey | undefined {
    const wanted = this.#naturalKeyOf(object);
    if (wanted === undefined) return undefined;
    const isRival = (other: KubeObject) => {
      const { id, workspace, pending } = statusOf(other);
      const isThere = id !== undefined ? workspace === host : pending?.workspace === host;
      return isThere && other.metadata.uid !== object.metadata.uid && this.#naturalKeyOf(other) === wanted;
    };
    const rival = this.informers.list().find(isRival);
    return rival && keyOf(rival);
  }

  #naturalKeyOf(object: KubeObject): string | undefined {
    const desired = this.resource.naturalKey && this.desiredOf(object);
    return desired && this.resource.naturalKey?.(desired).toLowerCase();
  }

  /** The objects of several places that hold a resource, by the resource's id. */
  bound(places: readonly Place[]): Map<string, string[]> {
    const [first = "", ...others] = places;
    const bound = this.claims.bound(first);
    for (const place of others) {
      for (const [id, keys] of this.claims.bound(place)) bound.set(id, [...bound.get(id) ?? [], ...keys]);
    }
    return bound;
  }

  /** The parents that a place's manifests name. */
  parents(place: Place): string[] {
    return this.peers(place).flatMap((object) => {
      const desired = this.desiredOf(object);
      const parents = desired === undefined ? [] : this.resource.parents?.(desired) ?? [];
      // A parent that is named by its object is unknown until that object is Ready.
      return parents.filter((parent) => parent !== "");
    });
  }

  /** An object's desired state; `undefined` when its manifest is invalid. */
  desiredOf(object: KubeObject): Record<string, unknown> | undefined {
    const { metadata: { name = "", namespace = "" }, spec = {} } = object;
    const parsed = this.resource.spec.safeParse(spec);
    if (!parsed.success) return undefined;
    const known = withKnownIds(this.resource.spec, parsed.data, statusOf(object).references);
    return this.resource.desired(known, { name, namespace });
  }
}
