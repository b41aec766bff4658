/**
 * Reads JSON and YAML with exact integers.
 *
 * @module
 */
import { parse } from "yaml";
import { type Json, type JsonObject, parseJson } from "../../src/base/json.ts";
import { isObject } from "../../src/base/json.ts";

/** Reads text that is JSON, or YAML. @throws when it is neither. */
export function readText(text: string): Json {
  // JSON is YAML too, but is read much faster as what it is.
  if (!/^\s*[{[]/.test(text)) return narrowed(parse(text, { intAsBigInt: true }));
  try {
    return parseJson(text);
  } catch {
    return narrowed(parse(text, { intAsBigInt: true }));
  }
}

/** Integers that a number holds exactly are numbers. */
function narrowed(value: Json): Json {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [key, narrowed(item)]));
}
