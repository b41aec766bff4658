/**
 * Values that are kept for long and seldom read, as text: it takes a tenth of the memory of JavaScript objects.
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

  /** A copy of the value, without `undefined`, which JSON cannot hold. */
  read(): T {
    return parseJson(this.#text) as T;
  }
}
