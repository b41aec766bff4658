/**
 * Deletes objects whose owners are gone, according to owner references.
 *
 * @module
 */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { FOREGROUND, ORPHAN, remove } from "../deletion.ts";
import type { Objects } from "../objects.ts";
import { isFinished } from "../objects.ts";
import type { Registry } from "../registry.ts";
import type { Change } from "../store.ts";
import type { Controller } from "./controllers.ts";

/** The location of an object. */
interface Place {
  readonly name: string;
  readonly key: string;
}

/** The controller of owner references. */
export class GarbageCollector implements Controller {
  readonly #objects: Objects;
  readonly #registry: Registry;
  /** The dependents of each owner, by the owner's uid and the location. */
  readonly #dependents = new Map<string, Map<string, Place>>();
  /** The owners that wait for their dependents to be deleted, by uid. */
  readonly #waiting = new Map<string, Place>();
  readonly #living = new Set<string>();

  constructor(objects: Objects, registry: Registry) {
    this.#objects = objects;
    this.#registry = registry;
  }

  observe(name: string, { type, object, before, key }: Change): (() => void) | undefined {
    const place = { name, key };
    const { uid = "", finalizers = [], deletionTimestamp } = object.metadata;
    this.#index(place, { before, after: type === "DELETED" ? undefined : object });
    if (type !== "DELETED") this.#living.add(uid);
    if (type === "DELETED") {
      this.#living.delete(uid);
      return () => this.#ownerIsGone(object);
    }
    if (!deletionTimestamp) return this.#isOrphan(object) ? () => this.#collect(place) : undefined;
    if (finalizers.includes(ORPHAN)) return () => this.#release(place, object);
    if (!finalizers.includes(FOREGROUND)) return undefined;
    this.#waiting.set(uid, place);
    return () => this.#deleteFirst(uid);
  }

  #index(
    { name, key }: Place,
    { before, after }: { before: KubeObject | undefined; after: KubeObject | undefined },
  ): void {
    const id = `${name} ${key}`;
    for (const uid of ownersOf(before)) this.#dependents.get(uid)?.delete(id);
    for (const uid of ownersOf(after)) {
      const known = this.#dependents.get(uid) ?? new Map();
      this.#dependents.set(uid, known.set(id, { name, key }));
    }
  }

  /** True for an object whose owners are all gone or never existed. */
  #isOrphan(object: KubeObject): boolean {
    const owners = ownersOf(object);
    return owners.length > 0 && owners.every((uid) => !this.#living.has(uid));
  }

  #ownerIsGone(owner: KubeObject): void {
    const { uid = "" } = owner.metadata;
    this.#waiting.delete(uid);
    for (const place of [...this.#dependents.get(uid)?.values() ?? []]) this.#collect(place);
    this.#dependents.delete(uid);
    for (const waiting of ownersOf(owner)) this.#deleteFirst(waiting);
  }

  #collect({ name, key }: Place): void {
    const [type, object] = this.#read({ name, key });
    if (type && object && this.#isOrphan(object)) remove(this.#objects, type, key);
  }

  /** Deletes an owner's dependents before the owner itself. */
  #deleteFirst(uid: string): void {
    const place = this.#waiting.get(uid);
    if (!place) return;
    const inner = [...this.#dependents.get(uid)?.values() ?? []];
    for (const { name, key } of inner) {
      const [type, object] = this.#read({ name, key });
      if (type && object && !object.metadata.deletionTimestamp) {
        remove(this.#objects, type, key, { propagation: "Foreground" });
      }
    }
    if ((this.#dependents.get(uid)?.size ?? 0) > 0) return;
    this.#waiting.delete(uid);
    this.#dropFinalizer(place, FOREGROUND);
  }

  /** Removes an owner's references from its dependents, which stay. */
  #release(place: Place, owner: KubeObject): void {
    for (const { name, key } of [...this.#dependents.get(owner.metadata.uid ?? "")?.values() ?? []]) {
      const [type, object] = this.#read({ name, key });
      if (!type || !object) continue;
      const rest = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
      const { ownerReferences: _, ...metadata } = object.metadata;
      this.#objects.put(type, {
        ...object,
        metadata: { ...metadata, ...rest.length > 0 && { ownerReferences: rest } },
      });
    }
    this.#dropFinalizer(place, ORPHAN);
  }

  #dropFinalizer(place: Place, finalizer: string): void {
    const [type, object] = this.#read(place);
    if (!type || !object) return;
    const { finalizers = [], ...metadata } = object.metadata;
    const rest = finalizers.filter((name) => name !== finalizer);
    const next = { ...object, metadata: { ...metadata, ...rest.length > 0 && { finalizers: rest } } };
    if (isFinished(next)) this.#objects.drop(type, next);
    else this.#objects.put(type, next);
  }

  #read({ name, key }: Place) {
    return [this.#registry.stored(name), this.#objects.store.collection(name).get(key)] as const;
  }
}

function ownersOf(object: KubeObject | undefined): string[] {
  return (object?.metadata.ownerReferences ?? []).map(({ uid }) => uid);
}
