/**
 * Builds manifests from resources in Databricks.
 *
 * @module
 */
import type { z } from "zod";
import { isObject, own } from "../../base/json.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { annotations } from "../../reconcile/object/status.ts";
import { elementOf, shapeOf } from "../../reconcile/plan/fields.ts";
import { tidy, toldSpec } from "../../reconcile/plan/told_spec.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import { withoutQuiet } from "./quiet.ts";

/** The owner that an object names: it takes its resource over, or follows it. */
export type ExportedOwner = "operator" | "api";

/** A resource, and the choices for its object. */
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
 * True for a kind that can be exported as manifests: its list has every field, and it has no value that Databricks
 * never returns.
 */
export function isExportable(resource: Resource): boolean {
  const { external, referenceField, isReferenceOptional, parents, once } = resource;
  const needsSecret = referenceField !== undefined && isReferenceOptional !== true;
  return external.list !== undefined && !needsSecret && parents === undefined && once === undefined;
}

/** The manifest of a resource. */
export function manifestOf({ resource, observed, name, namespace, owner, tag }: Exported): KubeObject {
  const spec = withoutQuiet(resource.kind, tidy(resource, toldSpec(resource, observed, tag)));
  const kept = owner === "api" ? { [annotations.owner]: "api" } : { [annotations.adopt]: "true" };
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: resource.kind,
    metadata: {
      name,
      ...namespace !== undefined && { namespace },
      annotations: kept,
    },
    spec: ordered(resource.spec, spec) as Record<string, unknown>,
  };
}

/**
 * The same value with its fields in the order of the API's types, so that two exports differ only where Databricks
 * does.
 */
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
