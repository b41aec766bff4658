/**
 * The resources in a complete list that carry the tag of an object which does not hold them: of an object in another
 * cluster, of one that is gone, or of one that lost its status; and the names of those without a tag. The list contains
 * this anyway, so a create needs no call for it.
 *
 * @module
 */
import type { External, Resource } from "../../resource.ts";

/** A resource that carries a tag of the operator. */
export interface Mark {
  readonly id: string;
  /** The UID of the object that the tag names. */
  readonly uid: string;
}

/** Options of {@link Marks}. */
export interface MarksOptions {
  readonly resource: Pick<Resource, "ownerUid" | "displayName">;
  /** The key of the ownership tag; empty if it is turned off. */
  readonly tag: string;
  /** The id that the object with this UID holds. */
  readonly heldBy: (uid: string) => string | undefined;
  /** The start of the list (ms, monotonic). */
  readonly begun: number;
}

/** The marks in one list. */
export class Marks {
  readonly #options: MarksOptions;
  readonly #byName = new Map<string, Mark[]>();
  readonly #byUid = new Map<string, string[]>();
  readonly #untagged = new Map<string, string[]>();

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  /** The start of the list (ms, monotonic). */
  get begun(): number {
    return this.#options.begun;
  }

  /** Takes one row of the list. @returns the UID in its mark, if it has one. */
  add({ id, observed }: External): string | undefined {
    const { resource, tag, heldBy } = this.#options;
    const uid = resource.ownerUid?.(observed, tag);
    const name = resource.displayName?.(observed) ?? "";
    if (uid === undefined && tag !== "") append(this.#untagged, name, id);
    if (uid === undefined || heldBy(uid) === id) return uid;
    append(this.#byName, name, { id, uid });
    append(this.#byUid, uid, id);
    return uid;
  }

  /** The marks on resources with exactly this name in Databricks. */
  named(name: string): readonly Mark[] {
    return this.#byName.get(name) ?? [];
  }

  /** The ids of resources with the tag of the object with this UID, which does not hold them. */
  idsOf(uid: string): readonly string[] {
    return this.#byUid.get(uid) ?? [];
  }

  /** The ids of resources with exactly this name and without a tag. */
  untagged(name: string): readonly string[] {
    return this.#untagged.get(name) ?? [];
  }
}

/** Adds to the list of a key, in place: thousands may have the same name, or none. */
function append<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
