/**
 * The observations of the external resources of one kind in one namespace's workspace, and their age.
 *
 * Order is kept by a counter, not by time, so that it does not depend on clocks: an observation counts only if it began
 * after the operator's last write to the resource.
 *
 * @module
 */
import { Packed } from "../../base/packed_json.ts";
import type { Resource } from "../../resource.ts";
import { hashOf } from "../plan/fields.ts";

/** An external resource as it was last seen. */
export interface Observation {
  readonly observed: Record<string, unknown>;
  /** True if a list truncated the resource. */
  readonly partial: boolean;
  /** `row`: it comes from a list; a get may return more, or differ. */
  readonly form: "row" | "whole";
  /** The counter when the observation began. */
  readonly since: number;
}

/** A stored observation: there are thousands, and each is seldom read. */
interface Kept extends Omit<Observation, "observed"> {
  readonly observed: Packed<Record<string, unknown>>;
  /** A value that changes with the resource, for kinds that have one. */
  readonly stamp: string | undefined;
}

/** An observation whose text is read when it is asked for: often its age is enough. */
class Fresh implements Observation {
  readonly partial: boolean;
  readonly form: "row" | "whole";
  readonly since: number;
  readonly #kept: Packed<Record<string, unknown>>;
  #read: Record<string, unknown> | undefined;

  constructor({ observed, partial, form, since }: Kept) {
    this.#kept = observed;
    this.partial = partial;
    this.form = form;
    this.since = since;
  }

  get observed(): Record<string, unknown> {
    return this.#read ??= this.#kept.read();
  }
}

/** A stored row of a list: rows are compared with rows only. */
interface KeptRow {
  readonly hash: string;
  readonly text: Packed<Record<string, unknown>>;
  readonly since: number;
}

/** A resource in the answer of a list. */
export interface Listed {
  readonly id: string;
  readonly observed: Record<string, unknown>;
  readonly partial?: boolean;
  readonly lacks?: boolean;
  /** The UID in its mark, if it has one. */
  readonly owner?: string | undefined;
}

/**
 * A listed resource while its list is incomplete: kept as text, and as the same string as before if nothing changed.
 */
export class Noted implements Listed {
  constructor(
    readonly id: string,
    readonly partial: boolean,
    readonly lacks: boolean,
    readonly hash: string,
    readonly text: Packed<Record<string, unknown>>,
    readonly stamp: string | undefined,
    readonly owner: string | undefined,
  ) {}

  /** A new copy on each read. */
  get observed(): Record<string, unknown> {
    return this.text.read();
  }
}

/** The store of observations. */
export class Observations {
  readonly #known = new Map<string, Kept>();
  readonly #rows = new Map<string, KeptRow>();
  readonly #writes = new Map<string, number>();
  /** The first row that a read contradicted, by id. */
  readonly #contradicted = new Map<string, Pick<KeptRow, "hash" | "since">>();
  readonly #stampOf: (observed: Record<string, unknown>) => string | undefined;
  #count = 0;
  #lastSweep = 0;

  constructor({ stamp = () => undefined }: Pick<Resource, "stamp"> = {}) {
    this.#stampOf = stamp;
  }

  /** Marks the beginning of an observation; pass the result to {@link put} or {@link replace}. */
  begin(): number {
    return ++this.#count;
  }

  /** The observation since the operator's last write to the resource; `undefined` if there is none. */
  fresh(id: string): Observation | undefined {
    const known = this.#known.get(id);
    if (known === undefined || known.since <= (this.#writes.get(id) ?? 0)) return undefined;
    return new Fresh(known);
  }

  /** The newest list's row, if the list began after the operator's last write to the resource. */
  row(id: string): Record<string, unknown> | undefined {
    const row = this.#rows.get(id);
    return row === undefined || row.since <= (this.#writes.get(id) ?? 0) ? undefined : row.text.read();
  }

  /** Stores one resource as a get returned it; `undefined` means that it was absent. */
  put(id: string, observed: Record<string, unknown> | undefined, since: number): void {
    if (this.#isOutdated(id, since)) return;
    if (observed === undefined) this.#known.delete(id);
    else {
      const stamp = this.#stampOf(observed);
      this.#known.set(id, { observed: new Packed(observed), partial: false, form: "whole", since, stamp });
    }
  }

  /**
   * Notes that a read of the resource does not agree with the newest list's row. One of both may be an old state, or
   * the list may tell the same state in another form: the next sweep queues the resource's objects for another read.
   *
   * @returns true if a later list's row is the same, and was contradicted again: then it is the list's form.
   */
  contradict(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    const before = this.#contradicted.get(id);
    if (before?.hash !== row.hash) this.#contradicted.set(id, { hash: row.hash, since: row.since });
    else if (before.since < row.since) return this.#contradicted.delete(id);
    return false;
  }

  /** Notes that the operator writes to, or deletes, the resource: earlier observations no longer count. */
  wrote(id: string): void {
    this.#writes.set(id, ++this.#count);
    this.#contradicted.delete(id);
  }

  /** Takes over which resources the operator wrote to: earlier observations of them do not count here either. */
  adopt(other: Observations): void {
    for (const id of other.#writes.keys()) this.wrote(id);
  }

  /** Forgets the observations of a resource, so that the next pass reads it. */
  drop(id: string): void {
    this.#known.delete(id);
    this.#rows.delete(id);
    this.#contradicted.delete(id);
  }

  /** Forgets all observations, for a kind without a list; `bound` are the resources that objects hold. */
  clear(bound: Pick<ReadonlySet<string>, "has"> = new Set()): void {
    this.#known.clear();
    this.#rows.clear();
    this.#contradicted.clear();
    this.#prune(bound, this.begin());
  }

  /** Notes a resource of a list whose other pages are still to come, so that its answer need not be kept. */
  note({ id, observed, partial = false, lacks = false, owner }: Listed): Noted {
    const hash = hashOf(observed);
    const row = this.#rows.get(id);
    const text = row?.hash === hash ? row.text : new Packed(observed);
    return new Noted(id, partial, lacks, hash, text, this.#stampOf(observed), owner);
  }

  /**
   * Stores the answer of a complete list.
   *
   * @returns the ids that are new, changed, vanished, contradicted by a read, or incomplete in the list. Resources that
   * were written, deleted or read after the list began are omitted: the list cannot reflect that.
   */
  replace(listed: Iterable<Listed>, since: number): Set<string> {
    const changed = new Set<string>();
    const seen = new Set<string>();
    for (const resource of listed) {
      const { id, partial, hash, text, stamp } = resource instanceof Noted ? resource : this.note(resource);
      seen.add(id);
      if (this.#isOutdated(id, since)) continue;
      const whole = this.#known.get(id);
      const isSeen = whole?.form === "whole" && whole.since > (this.#writes.get(id) ?? 0);
      if (partial && isSeen && whole.stamp !== undefined && whole.stamp === stamp) {
        this.#rows.set(id, { hash, text, since });
        this.#known.set(id, { ...whole, since });
        continue;
      }
      const before = this.#rows.get(id);
      const isKnown = before !== undefined && before.hash === hash && before.since > (this.#writes.get(id) ?? 0);
      if (!isKnown || partial || !this.#known.has(id) || this.#contradicted.has(id)) changed.add(id);
      this.#rows.set(id, { hash, text, since });
      this.#known.set(id, { observed: text, partial, form: "row", since, stamp });
    }
    for (const id of this.#known.keys()) {
      if (seen.has(id) || this.#isOutdated(id, since)) continue;
      this.#known.delete(id);
      changed.add(id);
    }
    for (const id of this.#rows.keys()) if (!seen.has(id)) this.#rows.delete(id);
    for (const id of this.#contradicted.keys()) if (!seen.has(id)) this.#contradicted.delete(id);
    this.#prune(seen, since);
    return changed;
  }

  /** True if the operator deleted or wrote the resource after this time. */
  wroteAfter(id: string, since: number): boolean {
    return since < (this.#writes.get(id) ?? 0);
  }

  /** True if an observation is older than the operator's last write, or than a known observation. */
  #isOutdated(id: string, since: number): boolean {
    return since < Math.max(this.#writes.get(id) ?? 0, this.#known.get(id)?.since ?? 0);
  }

  /** The number of resources whose last write is remembered. */
  get writes(): number {
    return this.#writes.size;
  }

  /**
   * A write to a resource that is gone matters only while an older observation may still arrive: until the next sweep.
   */
  #prune(seen: Pick<ReadonlySet<string>, "has">, since: number): void {
    for (const [id, at] of this.#writes) {
      if (!seen.has(id) && at < this.#lastSweep) this.#writes.delete(id);
    }
    this.#lastSweep = since;
  }
}
