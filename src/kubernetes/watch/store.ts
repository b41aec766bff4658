/**
 * The store of an informer: objects, and the order of their changes. No I/O.
 *
 * Guarantees:
 * - an object never goes back to an older resourceVersion, except by a list, which is always right;
 * - a deleted object is not brought back by an older event or by the late answer of a write;
 * - a change is reported once, and nothing is reported for an unchanged resourceVersion.
 *
 * @module
 */
import { Packed } from "../../base/packed_json.ts";
import { compareVersions, keyOf, type KubeObject, type WatchEvent } from "../object.ts";

/** A change of an object: it appeared (`new` only), changed (both), or disappeared (`old` only). */
export interface Change {
  readonly old?: KubeObject;
  readonly new?: KubeObject;
}

/** Converts an object to the form in the store; `undefined` keeps it out of the store. */
export type Transform = (object: KubeObject) => KubeObject | undefined;

/** An object in the store, or its text. */
interface Kept {
  readonly version: string;
  read(): KubeObject;
}

/** The number of deleted objects that the store remembers, so that late events do not bring them back. */
const REMEMBERED_DELETES = 1000;

/** The objects of one kind, by key. */
export class Store {
  readonly #transform: Transform;
  readonly #isPacked: boolean;
  #objects = new Map<string, Kept>();
  /** The objects of the current list. */
  #listed = new Map<string, Kept>();
  /** The resourceVersions at which objects were deleted. */
  readonly #left = new Map<string, string>();
  /** The keys of own writes since the latest list began, which the list may not contain. */
  #written = new Set<string>();
  #version: string | undefined;

  /** @param options `isPacked` keeps text instead of objects: each read then returns a new copy. */
  constructor(transform: Transform, { isPacked = false }: { isPacked?: boolean } = {}) {
    this.#transform = transform;
    this.#isPacked = isPacked;
  }

  /** The newest resourceVersion of a list, an event or a bookmark; a watch continues from it. */
  get version(): string | undefined {
    return this.#version;
  }

  /** The number of stored objects. */
  get size(): number {
    return this.#objects.size;
  }

  /** The stored object with a key. */
  get(key: string): KubeObject | undefined {
    return this.#objects.get(key)?.read();
  }

  /** All stored objects. */
  list(): KubeObject[] {
    return [...this.#objects.values()].map((kept) => kept.read());
  }

  /** Begins a list: call it before its first page is requested. */
  beginList(): void {
    this.#written = new Set();
    this.#listed = new Map();
  }

  /** Adds a page of the list. */
  addPage(items: readonly KubeObject[]): void {
    for (const item of items) {
      const key = keyOf(item);
      const old = this.#objects.get(key);
      const kept = old && old.version === versionOf(item) ? old : this.#keep(item);
      if (kept) this.#listed.set(key, kept);
    }
  }

  /** Ends the list, which has this version, and returns the differences from before. */
  endList(version: string): Map<string, Change> {
    const before = new Map(this.#objects);
    for (const [key, old] of before) {
      const isNewer = this.#written.has(key) && compareVersions(old.version, version) > 0;
      if (isNewer) this.#listed.set(key, old);
    }
    this.#objects = this.#listed;
    this.#listed = new Map();
    this.#left.clear();
    this.#version = version;
    return differences(before, this.#objects);
  }

  /** Applies an event of a watch and returns the change, if any. */
  apply({ type, object }: WatchEvent): Change | undefined {
    const version = versionOf(object);
    if (this.#version === undefined || compareVersions(version, this.#version) > 0) this.#version = version;
    if (type === "BOOKMARK") return undefined;
    const key = keyOf(object);
    const age = compareVersions(version, this.#knownVersion(key) ?? "");
    if (age < 0 || (age === 0 && type !== "DELETED")) return undefined;
    return this.#set(key, type === "DELETED" ? undefined : object, version);
  }

  /** Stores the answer of a write and returns the change, if any. */
  observeWrite(object: KubeObject): Change | undefined {
    const key = keyOf(object);
    const version = versionOf(object);
    // The object is absent, and the write is older than the watch: it was written, and deleted since.
    const known = this.#knownVersion(key) ?? this.#version;
    if (known === undefined || compareVersions(version, known) <= 0) return undefined;
    this.#written.add(key);
    return this.#set(key, object, version);
  }

  #knownVersion(key: string): string | undefined {
    const object = this.#objects.get(key);
    return object ? object.version : this.#left.get(key);
  }

  #set(key: string, object: KubeObject | undefined, version: string): Change | undefined {
    const old = this.#objects.get(key);
    const next = object && this.#keep(object);
    if (next) {
      this.#objects.set(key, next);
      this.#left.delete(key);
    } else {
      this.#objects.delete(key);
      this.#written.delete(key);
      this.#remember(key, version);
    }
    return change(old, next);
  }

  #keep(object: KubeObject): Kept | undefined {
    const made = this.#transform(object);
    if (made === undefined) return undefined;
    const version = versionOf(made);
    if (!this.#isPacked) return { version, read: () => made };
    const packed = new Packed(made);
    return { version, read: () => packed.read() };
  }

  #remember(key: string, version: string): void {
    this.#left.delete(key);
    this.#left.set(key, version);
    if (this.#left.size <= REMEMBERED_DELETES) return;
    for (const oldest of this.#left.keys()) {
      this.#left.delete(oldest);
      return;
    }
  }
}

function versionOf(object: KubeObject): string {
  return object.metadata.resourceVersion ?? "";
}

/** The objects are parsed on first use. */
function change(old: Kept | undefined, next: Kept | undefined): Change | undefined {
  if (!old && !next) return undefined;
  const made: Change = {};
  if (old) Object.defineProperty(made, "old", { get: () => old.read(), enumerable: true });
  if (next) Object.defineProperty(made, "new", { get: () => next.read(), enumerable: true });
  return made;
}

function differences(before: ReadonlyMap<string, Kept>, after: ReadonlyMap<string, Kept>) {
  const changes = new Map<string, Change>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, next] = [before.get(key), after.get(key)];
    if (old !== next) changes.set(key, change(old, next)!);
  }
  return changes;
}
