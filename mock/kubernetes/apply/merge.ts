/**
 * Merges an applied configuration into an object, and removes fields.
 *
 * @module
 */
import { isObject } from "../../../src/base/json.ts";
import { fieldOf, itemOf, type Schema } from "../schema/schema.ts";
import type { FieldSet } from "./field_set.ts";
import { stepOf } from "./typed.ts";

/** Merges the applied value over the live one. */
export function merge(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  if (applied === undefined) return live;
  if (isObject(live) && isObject(applied) && schema?.["x-kubernetes-map-type"] !== "atomic") {
    const result: Record<string, unknown> = { ...live };
    for (const [key, value] of Object.entries(applied)) result[key] = merge(live[key], value, fieldOf(schema, key));
    return result;
  }
  const type = schema?.["x-kubernetes-list-type"];
  const isGranular = type === "map" || type === "set";
  return Array.isArray(live) && Array.isArray(applied) && isGranular ? mergeLists(live, applied, schema!) : applied;
}

/**
 * The items of both lists, in the applied order; items that only the live list has keep their position relative to the
 * shared ones, and come before new ones.
 */
function mergeLists(live: readonly unknown[], applied: readonly unknown[], schema: Schema): unknown[] {
  const keyed = (list: readonly unknown[]) => new Map(list.map((item) => [stepOf(item, schema), item]));
  const [ours, theirs] = [keyed(live), keyed(applied)];
  const result: unknown[] = [];
  const [order, shared] = [[...ours.keys()], [...theirs.keys()].filter((step) => ours.has(step))];
  for (const [step, item] of theirs) {
    // Append live items up to the next shared one; shared ones that moved are appended at their new position.
    while (order.length > 0 && order[0] !== shared[0]) {
      const first = order.shift()!;
      if (!theirs.has(first)) result.push(ours.get(first));
    }
    if (step === shared[0]) {
      shared.shift();
      order.shift();
    }
    result.push(merge(ours.get(step), item, itemOf(schema)));
  }
  return [...result, ...order.filter((step) => !theirs.has(step)).map((step) => ours.get(step))];
}

/**
 * The value without the fields of a set. A map that loses its last field becomes null, as in the real server's merge
 * library, and the object is then refused if the schema is not `nullable`.
 */
export function remove(value: unknown, fields: FieldSet, schema: Schema | undefined): unknown {
  if (fields.children.size === 0) return value;
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([key]) => !fields.children.get(`f:${key}`)?.member);
    if (entries.length === 0) return Object.keys(value).length === 0 ? value : null;
    return Object.fromEntries(entries.map(([key, item]) => {
      const inner = fields.children.get(`f:${key}`);
      return [key, inner ? remove(item, inner, fieldOf(schema, key)) : item];
    }));
  }
  if (!Array.isArray(value) || !schema?.["x-kubernetes-list-type"]) return value;
  return value.filter((item) => !fields.children.get(stepOf(item, schema))?.member).map((item) => {
    const inner = fields.children.get(stepOf(item, schema));
    return inner ? remove(item, inner, itemOf(schema)) : item;
  });
}
