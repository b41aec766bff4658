/**
 * All objects, and the order of their changes.
 *
 * Guarantees:
 * - each change has its own resourceVersion, and versions increase across all kinds;
 * - stored objects are never modified, only replaced, so that an object that was read does not change;
 * - the state at any earlier resourceVersion is available, back to the latest compaction.
 *
 * @module
 */
import { compareVersions, keyOf, type KubeObject } from "../../src/kubernetes/object.ts";
import { expired } from "./errors.ts";

/** A change of one object. */
export interface Change {
  readonly revision: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly key: string;
  /** The object after the change; for a deletion, its last state with the deletion's resourceVersion. */
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
}

/** The minimum number of changes of a kind that are remembered. */
const REMEMBERED = 20_000;

/** The objects of one kind. */
export class Collection {
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<(change: Change) => void>();
  #changes: Change[] = [];
  #sorted: KubeObject[] | undefined;
  #compacted: number;

  /** A kind's history begins at a resourceVersion; earlier states are unknown. */
  constructor(revision: number) {
    this.#compacted = revision;
  }

  /** The newest resourceVersion that is too old for the start of a watch. */
  get compacted(): number {
    return this.#compacted;
  }

  /** The object with a key (`namespace/name`). */
  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  /** All objects, in the order of their keys. */
  all(): readonly KubeObject[] {
    return this.#sorted ??= sorted(this.#objects);
  }

  /** The changes after a resourceVersion. @throws {ApiError} 410 if they were compacted away. */
  since(revision: number): Change[] {
    if (revision < this.#compacted) throw expired(`too old resource version: ${revision} (${this.#compacted})`);
    return this.#changes.slice(this.#firstAfter(revision));
  }

  /** The objects at a resourceVersion. @throws {ApiError} 410 if that is too long ago. */
  at(revision: number): readonly KubeObject[] {
    const later = this.since(revision);
    if (later.length === 0) return this.all();
    const objects = new Map(this.#objects);
    for (const { key, before } of later.reverse()) {
      if (before) objects.set(key, before);
      else objects.delete(key);
    }
    return sorted(objects);
  }

  /** Calls the listener with every change, until the returned function is called. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Applies a change, and notifies the listeners. */
  apply(change: Change): void {
    if (change.type === "DELETED") this.#objects.delete(change.key);
    else this.#objects.set(change.key, change.object);
    this.#sorted = undefined;
    this.#changes.push(change);
    if (this.#changes.length >= 2 * REMEMBERED) this.#forgetBefore(REMEMBERED);
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** Forgets the history, but not the present state. */
  compact(revision: number): void {
    this.#changes = [];
    this.#compacted = revision;
  }

  #forgetBefore(index: number): void {
    this.#compacted = this.#changes[index - 1]!.revision;
    this.#changes = this.#changes.slice(index);
  }

  /** The index of the first change after a resourceVersion, by binary search. */
  #firstAfter(revision: number): number {
    let [low, high] = [0, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#changes[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sorted(objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return [...objects].sort(([a], [b]) => a < b ? -1 : 1).map(([, object]) => object);
}

/** The objects of all kinds. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #listeners: ((name: string, change: Change) => void)[] = [];
  /** The first resourceVersion is not 1, because a real cluster is never quite new. */
  #revision = 100;

  /** The resourceVersion of the latest change. */
  get revision(): number {
    return this.#revision;
  }

  /** The objects of a kind, by its storage name. */
  collection(name: string): Collection {
    const known = this.#collections.get(name);
    if (known) return known;
    const made = new Collection(this.#revision);
    this.#collections.set(name, made);
    return made;
  }

  /** The storage names of the kinds that have or had objects. */
  names(): string[] {
    return [...this.#collections.keys()];
  }

  /** Calls the listener with every change of every kind. */
  listen(listener: (name: string, change: Change) => void): void {
    this.#listeners.push(listener);
  }

  /** Stores an object, and returns it with its new resourceVersion. */
  put(name: string, object: KubeObject): KubeObject {
    const key = keyOf(object);
    const before = this.collection(name).get(key);
    return this.#change(name, { type: before ? "MODIFIED" : "ADDED", key, object, before });
  }

  /** Removes an object, given its last state. */
  remove(name: string, object: KubeObject): KubeObject {
    const key = keyOf(object);
    return this.#change(name, { type: "DELETED", key, object, before: this.collection(name).get(key) });
  }

  /** Forgets all history: requests for older resourceVersions are answered with 410. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.compact(this.#revision);
  }

  #change(name: string, change: Omit<Change, "revision">): KubeObject {
    const revision = ++this.#revision;
    const metadata = { ...change.object.metadata, resourceVersion: String(revision) };
    const object = { ...change.object, metadata };
    const made = { ...change, revision, object };
    this.collection(name).apply(made);
    for (const listener of this.#listeners) listener(name, made);
    return object;
  }
}

/** True if an object has the given resourceVersion. */
export function hasVersion(object: KubeObject, version: string): boolean {
  return compareVersions(object.metadata.resourceVersion ?? "", version) === 0;
}
