/**
 * Resources whose objects disappeared after the last list began: torn off (finalizers removed by hand), or deleted with
 * their CRD. That list still counts them as held, and a manifest that is applied again must not create a second one.
 *
 * @module
 */
import type { Mark } from "./marks.ts";

/** How long a list may not show a new resource (ms). */
const LAG = 120_000;

/** A resource whose object disappeared. */
export interface TornOffMark extends Mark {
  /** The name that its manifest gave it. */
  readonly name: string;
}

interface Kept extends TornOffMark {
  /** When its object disappeared: by the counter of observations, and by the clock (ms, monotonic). */
  readonly since: number;
  readonly at: number;
}

/** Resources whose objects are gone, until a list shows whether they still exist. */
export class TornOff {
  readonly #kept = new Map<string, Kept>();

  /** Notes that an object disappeared, whatever became of its resource. */
  add(mark: TornOffMark, when: { readonly since: number; readonly at: number }): void {
    this.#kept.set(mark.uid, { ...mark, ...when });
  }

  /** Resources whose manifests had this name. They may no longer exist. */
  named(name: string): readonly Mark[] {
    return [...this.#kept.values()].filter((mark) => mark.name === name);
  }

  /** Forgets a resource that is known to be gone, or to belong to somebody else. */
  forget(uid: string): void {
    this.#kept.delete(uid);
  }

  /** Forgets the resources that a list, begun at `since`, shows by itself. */
  listed(
    ids: Pick<ReadonlySet<string>, "has">,
    { since, now }: { readonly since: number; readonly now: number },
  ): void {
    for (const { uid, id, ...mark } of this.#kept.values()) {
      if (mark.since < since && (ids.has(id) || now - mark.at > LAG)) this.#kept.delete(uid);
    }
  }
}
