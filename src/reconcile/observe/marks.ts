/**
 * The resources in a complete list that carry the tag of an object that does not hold them: an object of another
 * cluster, a deleted one, or one that lost its status. The list contains the tags anyway, so no create costs a call for
 * them.
 *
 * @module
 */
import type { External, Resource } from "../../resource.ts";

/** A resource that carries a tag of ours. */
export interface Mark {
  readonly id: string;
  /** The UID of the object that the tag names. */
  readonly uid: string;
}

/** Options of {@link Marks}. */
export interface MarksOptions {
  readonly resource: Pick<Resource, "ownerUid" | "displayName">;
  /** The key of the ownership tag; empty when it is turned off. */
  readonly tag: string;
  /** The id that the object with this UID holds. */
  readonly heldBy: (uid: string) => string | undefined;
}

/** The marks in one list. */
export class Marks {
  readonly #options: MarksOptions;
  readonly #byName = new Map<string, Mark[]>();
  readonly #uids = new Set<string>();

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  /** Takes one row of the list. */
  add({ id, observed }: External): void {
    const { resource, tag, heldBy } = this.#options;
    const uid = resource.ownerUid?.(observed, tag);
    if (uid === undefined || heldBy(uid) === id) return;
    const name = resource.displayName?.(observed) ?? "";
    const same = this.#byName.get(name);
    if (same === undefined) this.#byName.set(name, [{ id, uid }]);
    else same.push({ id, uid });
    this.#uids.add(uid);
  }

  /** The marks on resources of exactly this name in Databricks. */
  named(name: string): readonly Mark[] {
    return this.#byName.get(name) ?? [];
  }

  /** True when something carries the tag of the object with this UID, which does not hold it. */
  has(uid: string): boolean {
    return this.#uids.has(uid);
  }
}
