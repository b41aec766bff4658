/**
 * JSON that keeps 64-bit integers exact.
 *
 * Databricks' ids are int64, and some are larger than what a JavaScript number holds. Integers that a number would
 * round become `bigint` when they are read, and are written as plain digits again.
 *
 * @module
 */

/** A JSON value, where an integer beyond ±2^53 is a `bigint`. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

type ReviverContext = { source: string };
type Reviver = (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => Json;
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** Where an integer that a number may round begins, outside of texts (and seldom inside of one). */
const LONG = /(?:^|[:[,])\s*-?\d{16}/;
/** A text, or a number that is not the name of a field. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\s*:)/g;
const LONG_INTEGER = /^-?[1-9]\d{15,}$/;
/** Begins the text that stands for a long integer while JSON is parsed. */
const MARK = "\0#";

const exact: Reviver = (_key, value, context) =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source)
    ? BigInt(context.source)
    : value;

/** A parser's reviver makes parsing seven times slower, for all of a text; here only what is long is looked at. */
function parseExactly(text: string): Json {
  const marked = text.replace(
    TOKEN,
    (token) => token.length > 15 && LONG_INTEGER.test(token) ? `"\\u0000#${token}"` : token,
  );
  return unmark(JSON.parse(marked));
}

/** Puts integers where their marked texts are, in place. */
function unmark(value: Json): Json {
  if (typeof value === "string") return value.startsWith(MARK) ? integer(value.slice(MARK.length)) : value;
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string | number, Json>;
  for (const field of Object.keys(value)) {
    const content = fields[field]!;
    if (typeof content === "string" ? content.startsWith(MARK) : typeof content === "object") {
      fields[field] = unmark(content);
    }
  }
  return value;
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
  if (!LONG.test(text)) return JSON.parse(text);
  // A text in it may look like a mark.
  return text.includes("\\u0000") ? parseWithSource(text, exact) : parseExactly(text);
}

/** Writes a value as JSON text; a `bigint` becomes an integer literal. */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, item) => typeof item === "bigint" ? rawJson(item.toString()) : item, indent);
}

/** True for a plain JSON object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A map's own value: names from elsewhere, such as `constructor`, must not find what every object inherits. */
export function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * JSON text with keys in a fixed order and without `undefined`, so that equal values give equal text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { canonicalJson } from "./json.ts";
 *
 * assert.equal(canonicalJson({ b: 1, a: [2n] }), canonicalJson({ a: [2], b: 1 }));
 * ```
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(",")}}`;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value) ?? "null";
}
