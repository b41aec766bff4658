/**
 * Compares values by field, and finds the fields of a change.
 *
 * @module
 */
import type { Schema } from "../schema/schema.ts";
import { equal } from "../values.ts";
import { FieldSet } from "./field_set.ts";
import { isEmpty, partsOf } from "./typed.ts";

/** The fields of an applied value, which its manager owns. */
export function fieldsOf(value: unknown, schema: Schema): FieldSet {
  const set = new FieldSet();
  collect(value, schema, set);
  return set;
}

function collect(value: unknown, schema: Schema | undefined, set: FieldSet): void {
  const whole = partsOf(value, schema);
  if (whole.kind === "leaf") {
    set.member = true;
    return;
  }
  for (const [step, part] of whole.parts) {
    const inner = set.child(step);
    collect(part.value, part.schema, inner);
    const { value } = part;
    const isNothing = value === null ||
      typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0;
    if (whole.kind === "list" || isNothing || !part.isDeclared) inner.member = true;
  }
}

/** The fields that a change added, modified and removed. */
export class Comparison {
  readonly added = new FieldSet();
  readonly modified = new FieldSet();
  readonly removed = new FieldSet();
}

/** Compares two values field by field. */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  const result = new Comparison();
  walk({ before, after, schema, path: [] }, result);
  return result;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly schema: Schema | undefined;
  readonly path: readonly string[];
}

function walk(pair: Pair, result: Comparison): void {
  const { before, after, schema, path } = pair;
  if (before === undefined) result.added.insert(path);
  else if (after === undefined) result.removed.insert(path);
  const [old, next] = [before, after].map((value) => value === undefined ? undefined : partsOf(value, schema));
  const isLeaf = old?.kind === "leaf" || next?.kind === "leaf" || old && next && old.kind !== next.kind;
  if (isLeaf || isEmpty(old) && isEmpty(next)) {
    if (before !== undefined && after !== undefined && !equal(before, after)) result.modified.insert(path);
    return;
  }
  const olds = old?.parts;
  const nexts = next?.parts;
  for (const step of new Set([...olds?.keys() ?? [], ...nexts?.keys() ?? []])) {
    const [a, b] = [olds?.get(step), nexts?.get(step)];
    walk({ before: a?.value, after: b?.value, schema: (b ?? a)!.schema, path: [...path, step] }, result);
  }
}
