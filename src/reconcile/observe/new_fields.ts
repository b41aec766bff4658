/**
 * Fields that Databricks starts to return. When all resources of a workspace have a field all of a sudden, Databricks
 * added it and no person did: it is not drift.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { into } from "../plan/path.ts";

/** The smallest number of resources to judge by: fewer may all be one person's edit. */
const FEWEST = 3;

/** The number of occurrences of each field in a sweep, and of its parent, by the path as rules name it. */
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

  /** The places where the field could be. */
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

  /** True of a field that was new when it was everywhere, by its path as rules name it. */
  has(path: string): boolean {
    return this.#new.has(path);
  }
}

/**
 * True of a field that few of the places held in which it now is. After a start there is no sweep before: what all rows
 * hold may be new then, but of what stands deeper a baseline keeps no word. Rows that were not there say nothing.
 */
function wasSeldom(path: string, before: Count | undefined): boolean {
  if (before === undefined) return !path.includes(".");
  const places = before.placesOf(path);
  return places > 0 && (before.held.get(path) ?? 0) <= places / 2;
}
