/**
 * Sets of fields in the format of `managedFields` (FieldsV1).
 *
 * A set is a tree: each step (`f:name`, `k:{"key":"value"}`, `v:value`) leads to the set of the fields inside. A field
 * may be a member itself, and have members inside. For the steps, see
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ (managedFields).
 *
 * @module
 */
import type { Json, JsonObject } from "../../../src/base/json.ts";

/** A set of fields. It is not changed once it is built, so that results may share branches. */
export class FieldSet {
  /** True if the field at this position is in the set. */
  member = false;
  readonly children = new Map<string, FieldSet>();

  /** The set below a step; it is created if there is none. */
  child(step: string): FieldSet {
    const known = this.children.get(step);
    if (known) return known;
    const made = new FieldSet();
    this.children.set(step, made);
    return made;
  }

  /** Adds the field at a path to the set. */
  insert(path: readonly string[]): void {
    path.reduce<FieldSet>((set, step) => set.child(step), this).member = true;
  }

  get isEmpty(): boolean {
    return !this.member && [...this.children.values()].every((child) => child.isEmpty);
  }

  /** The paths of all members, in order. */
  *paths(above: readonly string[] = []): Generator<string[]> {
    if (this.member) yield [...above];
    for (const [step, child] of [...this.children].sort(([a], [b]) => a < b ? -1 : 1)) {
      yield* child.paths([...above, step]);
    }
  }

  /** The set in the format of `managedFields`. */
  toJson(): JsonObject {
    const json: JsonObject = {};
    const inner = [...this.children].filter(([, child]) => !child.isEmpty).sort(([a], [b]) => a < b ? -1 : 1);
    if (this.member && inner.length > 0) json["."] = {};
    for (const [step, child] of inner) json[step] = child.toJson();
    return json;
  }

  /** Parses the format of `managedFields`. */
  static fromJson(json: Json | undefined): FieldSet {
    return read(json, false);
  }
}

function read(json: Json | undefined, isInside: boolean): FieldSet {
  const set = new FieldSet();
  const entries = Object.entries((json ?? {}) as JsonObject);
  set.member = isInside && (entries.length === 0 || entries.some(([step]) => step === "."));
  for (const [step, inner] of entries) if (step !== ".") set.children.set(step, read(inner, true));
  return set;
}

/** The fields that are in any of the sets. The result shares branches that only one of them has. */
export function union(first: FieldSet, ...others: readonly FieldSet[]): FieldSet {
  return others.reduce(join, first);
}

function join(a: FieldSet, b: FieldSet): FieldSet {
  const set = new FieldSet();
  set.member = a.member || b.member;
  for (const [step, child] of a.children) {
    const other = b.children.get(step);
    set.children.set(step, other === undefined ? child : join(child, other));
  }
  for (const [step, child] of b.children) if (!a.children.has(step)) set.children.set(step, child);
  return set;
}

/** The fields that are in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const set = new FieldSet();
  set.member = a.member && b.member;
  for (const [step, child] of a.children) {
    const other = b.children.get(step);
    if (other !== undefined) put(set, step, intersection(child, other));
  }
  return set;
}

/** The fields of the first set that are not in the second. The result shares the branches that did not change. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const set = new FieldSet();
  set.member = a.member && !b.member;
  for (const [step, child] of a.children) {
    const other = b.children.get(step);
    put(set, step, other === undefined ? child : difference(child, other));
  }
  return set;
}

function put({ children }: FieldSet, step: string, inner: FieldSet): void {
  if (inner.member || inner.children.size > 0) children.set(step, inner);
}

/** The first set without the fields of the second one and everything inside them. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  const set = new FieldSet();
  set.member = a.member && !b.member;
  for (const [step, child] of a.children) {
    const cut = b.children.get(step);
    if (cut?.member) continue;
    set.children.set(step, cut ? without(child, cut) : child);
  }
  return set;
}

/** The set with the named fields that contain its members. */
export function withParents(set: FieldSet): FieldSet {
  const whole = new FieldSet();
  whole.member = set.member;
  for (const [step, child] of set.children) {
    const inner = withParents(child);
    if (step.startsWith("f:") && !child.isEmpty) inner.member = true;
    whole.children.set(step, inner);
  }
  return whole;
}

/** A path in the notation of conflicts: `.spec.ports[p=1].name`. */
export function describePath(path: readonly string[]): string {
  return path.map((step) => {
    const value = step.slice(2);
    if (step.startsWith("f:")) return `.${value}`;
    if (!step.startsWith("k:")) return `[${step.startsWith("v:") ? "=" : ""}${value}]`;
    const keys = Object.entries(JSON.parse(value)).map(([key, part]) => `${key}=${JSON.stringify(part)}`);
    return `[${keys.join(",")}]`;
  }).join("");
}
