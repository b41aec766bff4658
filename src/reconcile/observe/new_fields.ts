/**
 * Fields that Databricks starts to return. If all resources of a workspace suddenly have a field, Databricks added it
 * and no person did: it is not drift.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { into } from "../plan/path.ts";

/** The fewest resources to judge by: fewer could all be one person's edit. */
const FEWEST = 3;

/** The number of occurrences of each field in a sweep, and of its parent, by the path as in rules. */
class Count {
  readonly held = new Map<string, number>();
  readonly places = new Map<string, number>();

  note(value: unknown, path = ""): void {
    if (Array.isArray(value)) { for (const element of value) this.note(element, path); }
    if (!isObject(value)) return;
    this.places.set(path, (this.places.get(path) ?? 0) + 1);
    for (const [field, content] of Object.entries(value)) {
      const below = into(path, field);
      this.held.set(below, (this.held.get(below) ?? 0) + 1);
      this.note(content, below);
    }
  }

  /** The number of places in which the field could occur. */
  placesOf(path: string): number {
    return this.places.get(path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "") ?? 0;
  }
}

/**
 * Watches which fields lists contain.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { NewFields } from "./new_fields.ts";
 *
 * const fields = new NewFields();
 * for (const row of [{ name: "a" }, { name: "a", queue: 1 }]) {
 *   fields.begin();
 *   for (let count = 0; count < 3; count++) fields.note(row);
 *   fields.swept();
 * }
 * assert.equal(fields.has("queue"), true);
 * ```
 */
export class NewFields {
  readonly #new = new Set<string>();
  #before: Count | undefined;
  #now = new Count();

  /** Begins a sweep. */
  begin(): void {
    this.#now = new Count();
  }

  /** Notes one row. */
  note(row: Record<string, unknown>): void {
    this.#now.note(row);
  }

  /** Ends a sweep. */
  swept(): void {
    const [before, now] = [this.#before, this.#now];
    for (const [path, held] of now.held) {
      const isEverywhere = held >= FEWEST && held === now.placesOf(path);
      if (isEverywhere && wasSeldom(path, before)) this.#new.add(path);
    }
    this.#before = now;
    this.begin();
  }

  /** True for a field that was new when it occurred everywhere, by its path as in rules. */
  has(path: string): boolean {
    return this.#new.has(path);
  }
}

/**
 * True for a field that occurs in all of its places and occurred in few of them before. After a start there is no
 * previous sweep: then a top-level field may be new if all rows have it, but not a deeper one, of which a baseline
 * keeps no record. Rows that did not exist before do not count.
 */
function wasSeldom(path: string, before: Count | undefined): boolean {
  if (before === undefined) return !path.includes(".");
  const places = before.placesOf(path);
  return places > 0 && (before.held.get(path) ?? 0) <= places / 2;
}
