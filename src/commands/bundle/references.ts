/**
 * Converts a bundle's references between resources to references between objects.
 *
 * @module
 */
import type { z } from "zod";
import { isObject, own } from "../../base/json.ts";
import { elementOf, shapeOf } from "../../reconcile/plan/fields.ts";
import { refersToOf } from "../../reconcile/plan/references.ts";

/** The object that a resource of the bundle becomes. */
export interface Target {
  readonly kind: string;
  readonly name: string;
}

/** Finds the object that a text refers to: `${resources.jobs.load.id}`, or the id of a resource of the bundle. */
export type TargetOf = (text: string, kind: string) => Target | undefined;

/**
 * A spec with `*_ref` in place of ids of other resources of the bundle.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { databricksJob } from "../../resources/databricks_job.ts";
 * import { withNames } from "./references.ts";
 *
 * const task = { task_key: "a", run_job_task: { job_id: "${resources.jobs.load.id}" } };
 * const named = withNames(databricksJob.spec, { job: { settings: { tasks: [task] } } }, (_text, kind) => ({ kind, name: "load" }));
 * assert.deepEqual(named, { job: { settings: { tasks: [{ task_key: "a", run_job_task: { job_ref: { name: "load" } } }] } } });
 * ```
 */
export function withNames(schema: z.ZodType | undefined, value: unknown, targetOf: TargetOf): unknown {
  if (Array.isArray(value)) {
    const element = elementOf(schema);
    return value.map((one) => withNames(element, one, targetOf));
  }
  if (!isObject(value)) return value;
  const shape = shapeOf(schema);
  const names = referenceFields(shape);
  return Object.fromEntries(
    Object.entries(value).map(([field, content]) => {
      const reference = names.get(field);
      const isText = typeof content === "string" || typeof content === "number" || typeof content === "bigint";
      const target = reference === undefined || !isText ? undefined : targetOf(String(content), reference.kind);
      if (reference !== undefined && target !== undefined) return [reference.field, { name: target.name }];
      return [field, withNames(own(shape, field), content, targetOf)];
    }),
  );
}

/** The fields of an object that take a name, by the id field beside them. */
function referenceFields(shape: Readonly<Record<string, z.ZodType>>): Map<string, { field: string; kind: string }> {
  return new Map(
    Object.entries(shape).flatMap(([field, schema]) => {
      const refersTo = refersToOf(schema);
      return refersTo === undefined ? [] : [[refersTo.id, { field, kind: refersTo.kind }]];
    }),
  );
}
