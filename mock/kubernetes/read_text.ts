/**
 * Parses JSON and YAML with exact integers.
 *
 * @module
 */
import { parse } from "yaml";
import { type Json, type JsonObject, parseJson } from "../../src/base/json.ts";
import { isObject } from "../../src/base/json.ts";

/** Parses JSON or YAML. @throws if the text is neither. */
export function readText(text: string): Json {
  // JSON is also YAML, but the JSON parser is much faster.
  if (!/^\s*[{[]/.test(text)) return narrowed(parse(text, { intAsBigInt: true }));
  try {
    return parseJson(text);
  } catch {
    return narrowed(parse(text, { intAsBigInt: true }));
  }
}

/** Converts integers to numbers if a number holds them exactly. */
function narrowed(value: Json): Json {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [key, narrowed(item)]));
}
