/**
 * Makes manifests of what is in Databricks.
 *
 * @module
 */
import type { z } from "zod";
import { isObject, own } from "../../base/json.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { annotations } from "../../reconcile/object/status.ts";
import { elementOf, project, shapeOf } from "../../reconcile/plan/fields.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import { computedIn, withoutQuiet } from "./quiet.ts";

/** The owner that an object names: it takes its resource over, or follows it. */
export type ExportedOwner = "operator" | "api";

/** A resource, and what is said of its object. */
export interface Exported {
  readonly resource: Resource;
  readonly observed: Record<string, unknown>;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** `operator`: the manifest takes the resource over; `api`: the object follows Databricks. */
  readonly owner: ExportedOwner;
  /** The key of the ownership tag, which belongs in no manifest. */
  readonly tag: string;
}

/**
 * True for a kind of which manifests can be made: a list shows all of it, and no value is missing that Databricks never
 * returns.
 */
export function isExportable(resource: Resource): boolean {
  const { external, referenceField, isReferenceOptional, parents, once } = resource;
  const needsSecret = referenceField !== undefined && isReferenceOptional !== true;
  return external.list !== undefined && !needsSecret && parents === undefined && once === undefined;
}

/** The manifest of a resource. */
export function manifestOf({ resource, observed, name, namespace, owner, tag }: Exported): KubeObject {
  const spec = resource.toSpec === undefined ? specOf(resource, observed, tag) : resource.toSpec(observed, { tag });
  const kept = owner === "api" ? { [annotations.owner]: "api" } : { [annotations.adopt]: "true" };
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: resource.kind,
    metadata: {
      name,
      ...namespace !== undefined && { namespace },
      annotations: kept,
    },
    spec: ordered(resource.spec, tidy(resource, spec)) as Record<string, unknown>,
  };
}

/** `spec` of a kind whose fields stand below one field of it: `spec.warehouse`. */
function specOf(resource: Resource, observed: Record<string, unknown>, tag: string): Record<string, unknown> {
  const { desiredPath, fields, spec } = resource;
  const { outputOnly = [], unread = [] } = fields;
  const all = resource.comparable(observed, { uid: "", tag } as never);
  const root = desiredPath.split(".")[1] ?? "";
  const known = shapeOf(root === "" ? spec : own(shapeOf(spec), root));
  const kept = Object.entries(all).filter(([field, value]) =>
    Object.hasOwn(known, field) && !outputOnly.includes(field) && !unread.includes(field) && value !== undefined
  );
  const values = project(root === "" ? spec : own(shapeOf(spec), root) as z.ZodType, Object.fromEntries(kept));
  return root === "" ? values as Record<string, unknown> : { [root]: values };
}

/** Fields that say who made something and when: they are Databricks' to keep. */
const SERVER_FIELDS = ["created_time", "creator_user_name"];

/** Without what Databricks adds by itself, and what is an order to the operator, such as whether a warehouse runs. */
function tidy({ kind, desiredPath, keepsBack = [] }: Resource, spec: Record<string, unknown>) {
  const at = (value: unknown, path: string): unknown => {
    if (!isObject(value) || !`${desiredPath}.`.startsWith(`${path}.`)) return value;
    const computed = path === desiredPath ? computedIn(kind, value) : [];
    const entries = Object.entries(value).filter(([name]) =>
      !SERVER_FIELDS.includes(name) && !keepsBack.includes(`${path}.${name}`) && !computed.includes(name)
    );
    return Object.fromEntries(entries.map(([name, content]) => [name, at(content, `${path}.${name}`)]));
  };
  return withoutQuiet(kind, at(spec, "spec") as Record<string, unknown>);
}

/** The same value with its fields in the order of the API's types, so that two exports differ where Databricks does. */
function ordered(schema: z.ZodType | undefined, value: unknown): unknown {
  if (Array.isArray(value)) {
    const element = elementOf(schema);
    return value.map((one) => ordered(element, one));
  }
  if (!isObject(value)) return value;
  const shape = shapeOf(schema);
  const names = Object.keys(shape).filter((name) => Object.hasOwn(value, name));
  const others = Object.keys(value).filter((name) => !Object.hasOwn(shape, name)).sort();
  return Object.fromEntries([...names, ...others].map((name) => [name, ordered(own(shape, name), value[name])]));
}
