/**
 * Paths in settings: as messages show them (`tasks[etl].libraries[0]`) and as rules name them (`tasks.libraries`).
 *
 * @module
 */
import { isObject } from "../../base/json.ts";

/** The path of a field below another. */
export function into(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

/** A path as rules name it: without keys and places of elements. */
export function generic(path: string): string {
  return path.replaceAll(/\[[^\]]*\]/g, "");
}

/** True of a path below another: `tasks[etl].queue` below `tasks`. */
export function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}

/** The elements of a keyed list by their keys; `undefined` when it is no list, or when keys are missing or twice there. */
export function elementsOf(list: unknown, key: string): Map<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined;
  const elements = new Map(list.map((element) => [isObject(element) ? element[key] : undefined, element]));
  if (elements.size !== list.length || elements.has(undefined)) return undefined;
  return elements as Map<string, unknown>;
}
