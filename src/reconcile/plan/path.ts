/**
 * Paths in settings: as in messages (`tasks[etl].libraries[0]`) and as in rules (`tasks.libraries`).
 *
 * @module
 */
import { isObject } from "../../base/json.ts";

/** The path of a field below another. */
export function into(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

/** A path as in rules: without keys and indexes of elements. */
export function generic(path: string): string {
  return path.replaceAll(/\[[^\]]*\]/g, "");
}

/** True for a path below another: `tasks[etl].queue` below `tasks`. */
export function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}

/** The elements of a keyed list by their keys; `undefined` if it is not a list, or if keys are missing or duplicate. */
export function elementsOf(list: unknown, key: string): Map<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined;
  const elements = new Map(list.map((element) => [isObject(element) ? element[key] : undefined, element]));
  if (elements.size !== list.length || elements.has(undefined)) return undefined;
  return elements as Map<string, unknown>;
}
