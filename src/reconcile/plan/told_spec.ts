/**
 * Builds a `spec` from a resource in Databricks, for objects that follow a resource and for exports.
 *
 * @module
 */
import type { z } from "zod";
import { isObject, own } from "../../base/json.ts";
import type { Resource } from "../../resource.ts";
import { project, shapeOf } from "./fields.ts";

/** The `spec` of an object that follows a resource. */
export function toldSpec(
  resource: Resource,
  observed: Record<string, unknown>,
  tag: string,
): Record<string, unknown> {
  return resource.toSpec?.(observed, { tag }) ?? tidy(resource, specOf(resource, observed, tag));
}

/** The `spec` of a kind whose fields are below one field: `spec.warehouse`. */
function specOf(resource: Resource, observed: Record<string, unknown>, tag: string): Record<string, unknown> {
  const { desiredPath, fields, spec } = resource;
  const { outputOnly = [], unread = [] } = fields;
  const all = resource.comparable(observed, { uid: "", tag } as never);
  const root = desiredPath.split(".")[1] ?? "";
  const schema = root === "" ? spec : own(shapeOf(spec), root);
  const known = shapeOf(schema);
  const kept = Object.entries(all).filter(([field, value]) =>
    Object.hasOwn(known, field) && !outputOnly.includes(field) && !unread.includes(field) && value !== undefined
  );
  const values = project(schema as z.ZodType, Object.fromEntries(kept));
  return root === "" ? values as Record<string, unknown> : { [root]: values };
}

/** Fields with creators and times, which only Databricks sets. */
const SERVER_FIELDS = ["created_time", "creator_user_name"];

/**
 * A `spec` without values that Databricks computes, and without instructions to the operator, such as whether a
 * warehouse runs.
 */
export function tidy(
  { desiredPath, fields: { computed = {} }, keepsBack = [] }: Resource,
  spec: Record<string, unknown>,
): Record<string, unknown> {
  const at = (value: unknown, path: string): unknown => {
    if (!isObject(value) || !`${desiredPath}.`.startsWith(`${path}.`)) return value;
    const isComputed = (name: string) => {
      const cause = path === desiredPath ? computed[name] : undefined;
      return cause !== undefined && value[cause] !== undefined;
    };
    const entries = Object.entries(value).filter(([name]) =>
      !SERVER_FIELDS.includes(name) && !keepsBack.includes(`${path}.${name}`) && !isComputed(name)
    );
    return Object.fromEntries(entries.map(([name, content]) => [name, at(content, `${path}.${name}`)]));
  };
  return at(spec, "spec") as Record<string, unknown>;
}
