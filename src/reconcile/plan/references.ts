/**
 * The references of a manifest to other objects by name, and their replacement by ids. Pure.
 *
 * The schema says where a name stands for an id: a field with `refersTo` in its metadata takes a name for the field
 * beside it. Requests to Databricks, and fingerprints, contain ids only.
 *
 * @module
 */
import type { z } from "zod";
import { isObject, own } from "../../base/json.ts";
import { metaOf, unwrap } from "./fields.ts";

/** A name that stands for an id. */
export interface Reference {
  /** Its path: `spec.job.settings.tasks[0].run_job_task.job_ref`. */
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  /** The namespace that it names, if any. */
  readonly namespace: string | undefined;
  /** The field that takes the id. */
  readonly idField: string;
  /** True if the id is given, too. */
  readonly isDouble: boolean;
}

/** Metadata of a field that takes a name. */
export interface RefersTo {
  readonly id: string;
  readonly kind: string;
  readonly isNumber: boolean;
  /** True if the field takes only the last part of the id. */
  readonly isLastPart: boolean;
}

/** Returns the id in place of a name; `undefined` omits the field. */
export type IdOf = (reference: Reference) => string | undefined;

/**
 * A spec with ids in place of names.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { databricksJob } from "../../resources/databricks_job.ts";
 * import { withIds } from "./references.ts";
 *
 * const spec = { job: { settings: { tasks: [{ task_key: "a", run_job_task: { job_ref: { name: "load" } } }] } } };
 * assert.deepEqual(withIds(databricksJob.spec, spec, () => "7"), {
 *   job: { settings: { tasks: [{ task_key: "a", run_job_task: { job_id: 7n } }] } },
 * });
 * ```
 */
export function withIds(schema: z.ZodType, spec: Record<string, unknown>, idOf: IdOf): Record<string, unknown> {
  return mayRefer(spec) ? replace(schema, spec, { path: "spec", idOf }) as Record<string, unknown> : spec;
}

/** The references of a spec, in their order. */
export function referencesOf(schema: z.ZodType, spec: Record<string, unknown>): Reference[] {
  const found: Reference[] = [];
  withIds(schema, spec, (reference) => {
    found.push(reference);
    return undefined;
  });
  return found;
}

/** A spec with the ids in `status.references`; fields whose names were never resolved are omitted. */
export function withKnownIds(
  schema: z.ZodType,
  spec: Record<string, unknown>,
  known: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  return withIds(schema, spec, ({ kind, name }) => own(known, `${kind}/${name}`));
}

/** Most manifests refer to nothing, and checking their fields' names is cheaper than checking their schema. */
function mayRefer(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mayRefer);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([field, content]) => field.endsWith("_ref") || mayRefer(content));
}

interface Place {
  readonly path: string;
  readonly idOf: IdOf;
}

function replace(schema: z.ZodType, value: unknown, { path, idOf }: Place): unknown {
  const inner = unwrap(schema);
  if (inner.type === "array" && Array.isArray(value)) {
    const element = inner.element as z.ZodType;
    return value.map((one, index) => replace(element, one, { path: `${path}[${index}]`, idOf }));
  }
  if (inner.type !== "object" || !isObject(value)) return value;
  const shape = inner.shape as Record<string, z.ZodType>;
  const result: Record<string, unknown> = {};
  for (const [field, content] of Object.entries(value)) {
    const known = own(shape, field);
    const place = { path: `${path}.${field}`, idOf };
    const refersTo = known === undefined ? undefined : refersToOf(known);
    if (refersTo !== undefined) Object.assign(result, idFor(refersTo, content, { value, ...place }));
    else result[field] = known === undefined ? content : replace(known, content, place);
  }
  return result;
}

function idFor(
  { id, kind, isNumber, isLastPart }: RefersTo,
  content: unknown,
  { value, path, idOf }: Place & { readonly value: Record<string, unknown> },
): Record<string, unknown> {
  if (!isObject(content) || typeof content.name !== "string") return {};
  const namespace = typeof content.namespace === "string" ? content.namespace : undefined;
  const isDouble = own(value, id) !== undefined;
  const found = idOf({ path, kind, name: content.name, namespace, idField: id, isDouble });
  if (found === undefined) return {};
  if (isNumber) return { [id]: BigInt(found) };
  return { [id]: isLastPart ? found.slice(found.lastIndexOf(".") + 1) : found };
}

/** The metadata of a field that takes the name of an object; `undefined` for other fields. */
export function refersToOf(schema: z.ZodType): RefersTo | undefined {
  return metaOf(schema, "refersTo") as RefersTo | undefined;
}
