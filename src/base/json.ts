/**
 * JSON that keeps 64-bit integers exact.
 *
 * Databricks' ids are int64, and some are larger than a JavaScript number can hold. Integers that a number would round
 * become `bigint` when they are read, and are written as plain digits again. Nesting of any depth is supported: a
 * Kubernetes API server accepts 10,000 levels, and one such object must not keep the operator from all others.
 *
 * @module
 */

/** A JSON value, where an integer beyond ±2^53 is a `bigint`. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** The start of an integer that a number may round, outside of strings (and rarely inside one). */
const LONG = /(?:^|[:[,])\s*-?\d{16}/;
/** A string, or a number that is not the name of a field. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\s*:)/g;
const LONG_INTEGER = /^-?[1-9]\d{15,}$/;
/** Begins the string that stands for a long integer while JSON is parsed. Nobody else can know it. */
const MARK = `${crypto.randomUUID()}#`;

/** A reviver makes parsing of the whole text seven times slower; this looks only at long integers. */
function parseExactly(text: string): Json {
  const marked = text.replace(
    TOKEN,
    (token) => token.length > 15 && LONG_INTEGER.test(token) ? `"${MARK}${token}"` : token,
  );
  return unmark(JSON.parse(marked));
}

/** Replaces marked strings by their integers, in place, at any depth. */
function unmark(root: Json): Json {
  const holder = { root };
  const todo: Record<string, Json>[] = [holder];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    for (const field of Object.keys(node)) {
      const content = node[field];
      if (typeof content === "object" && content !== null) todo.push(content as Record<string, Json>);
      else if (typeof content === "string" && content.startsWith(MARK)) {
        const value = integer(content.slice(MARK.length));
        // Defined, not assigned: an assignment to `__proto__` would set the prototype.
        Object.defineProperty(node, field, { value, enumerable: true, writable: true, configurable: true });
      }
    }
  }
  return holder.root;
}

function integer(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/**
 * Parses JSON text; integers outside the safe range come back as `bigint`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseJson, stringifyJson } from "./json.ts";
 *
 * const text = '{"job_id":9007199254740993}';
 * assert.equal(stringifyJson(parseJson(text)), text);
 * ```
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseJson(text: string): Json {
  return LONG.test(text) ? parseExactly(text) : JSON.parse(text);
}

/** Writes a value as JSON text; a `bigint` becomes an integer literal. */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, (_key, item) => typeof item === "bigint" ? rawJson(item.toString()) : item, indent);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return stringifyDeep(value);
  }
}

/** Writes a value without recursion, and without indentation. */
function stringifyDeep(root: unknown): string {
  const pieces: string[] = [];
  const todo: (string | { readonly value: unknown })[] = [{ value: root }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next === "string") pieces.push(next);
    else if (typeof next.value !== "object" || next.value === null) pieces.push(stringifyJson(next.value) ?? "null");
    else for (const piece of piecesOf(next.value).reverse()) todo.push(piece);
  }
  return pieces.join("");
}

/** Writes an object or a list, one level deep. */
function piecesOf(value: object): (string | { readonly value: unknown })[] {
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((item: unknown) => [{ value: item }])
    : Object.entries(value).filter(([, item]) => item !== undefined)
      .map(([key, item]) => [`${JSON.stringify(key)}:`, { value: item }]);
  const separated = members.flatMap((member, index) => index === 0 ? member : [",", ...member]);
  return [isList ? "[" : "{", ...separated, isList ? "]" : "}"];
}

/**
 * True when a value is nested deeper than `levels`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isDeeperThan } from "./json.ts";
 *
 * assert.equal(isDeeperThan({ a: [1] }, 2), false);
 * assert.equal(isDeeperThan({ a: [{}] }, 2), true);
 * ```
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((below) => isDeeperThan(below, levels - 1));
}

/** True for a plain JSON object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A map's own value: a name from outside, such as `constructor`, must not find an inherited property. */
export function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * JSON text with keys in a fixed order and without `undefined`, so that equal values give equal text.
 *
 * @throws {Error} when the value is nested thousands of levels deep.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { canonicalJson } from "./json.ts";
 *
 * assert.equal(canonicalJson({ b: 1, a: [2n] }), canonicalJson({ a: [2], b: 1 }));
 * ```
 */
export function canonicalJson(value: unknown): string {
  try {
    return canonical(value);
  } catch (error) {
    if (error instanceof RangeError) throw new Error("A value is nested too deeply to be compared", { cause: error });
    throw error;
  }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value) ?? "null";
}
