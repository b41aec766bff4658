/**
 * Identifiers: decimal strings inside the mock, int64 literals in JSON.
 *
 * @module
 */
import { invalid } from "./errors.ts";

/**
 * Counts up from a first id. Neighbouring large int64 values become equal when rounded, so a test notices rounding at
 * once.
 */
export class IdSequence {
  #next: bigint;

  constructor(first: number | bigint) {
    this.#next = BigInt(first);
  }

  /** The next id, in decimal. */
  next(): string {
    return String(this.#next++);
  }
}

/** Reads an id from a body, a query or a path: a number, a bigint or digits. */
export function readId(value: unknown, field: string): string {
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  if (text === undefined || text === null || text === "") throw invalid(`Missing required field: ${field}`);
  if (typeof text !== "string" || !/^-?\d+$/.test(text)) throw invalid(`Could not parse ${field}: not an int64`);
  return text;
}
