/**
 * Fields that Databricks begins to answer. When all resources of a workspace hold one all of a sudden, it was Databricks
 * and no person: nothing is to be set back for it.
 *
 * @module
 */

/** Below so many resources, all of them may well be one person's edit. */
const FEWEST = 3;

/** Watches which fields lists tell. */
export class NewFields {
  readonly #new = new Set<string>();
  #before: ReadonlyMap<string, number> | undefined;
  #now = new Map<string, number>();
  #count = 0;

  /** Begins a sweep. */
  begin(): void {
    this.#now = new Map();
    this.#count = 0;
  }

  /** Notes the fields of one row. */
  note(fields: Iterable<string>): void {
    this.#count++;
    for (const field of fields) this.#now.set(field, (this.#now.get(field) ?? 0) + 1);
  }

  /** Ends a sweep. After a start there is none before it, so what all rows hold may be new. */
  swept(): void {
    const [before, count] = [this.#before, this.#count];
    for (const [field, held] of this.#now) {
      const isEverywhere = count >= FEWEST && held === count;
      if (isEverywhere && (before === undefined || (before.get(field) ?? 0) <= count / 2)) this.#new.add(field);
    }
    this.#before = this.#now;
    this.begin();
  }

  /** True of a field that was new when it was everywhere. */
  has(field: string): boolean {
    return this.#new.has(field);
  }
}
