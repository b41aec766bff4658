/**
 * Builds a kind's CustomResourceDefinition from its declaration.
 *
 * @module
 */
import { descriptions } from "../databricks/descriptions.ts";
import { type CelRule, GROUP, type PrinterColumn, type Resource, VERSION } from "../resource.ts";
import { type StructuralSchema, toStructural } from "./schema.ts";
import { statusOf, type StatusSource } from "./status_schema.ts";

/** The part of a resource that its CRD depends on. */
export type CrdSource =
  & StatusSource
  & Pick<
    Resource,
    | "kind"
    | "plural"
    | "singular"
    | "shortNames"
    | "description"
    | "spec"
    | "printerColumns"
    | "rules"
    | "descriptions"
  >;

/** A CustomResourceDefinition with one version. */
export interface CustomResourceDefinition {
  apiVersion: "apiextensions.k8s.io/v1";
  kind: "CustomResourceDefinition";
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    group: string;
    scope: "Namespaced";
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames: string[];
      categories: string[];
    };
    versions: CrdVersion[];
  };
}

/** A version of a CustomResourceDefinition. */
export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: StructuralSchema };
  subresources: { status: Record<never, never> };
  additionalPrinterColumns: Record<string, unknown>[];
}

/**
 * The CustomResourceDefinition of a kind.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as z from "zod";
 * import { toCrd } from "./crd.ts";
 *
 * const crd = toCrd({
 *   kind: "Thing",
 *   plural: "things",
 *   singular: "thing",
 *   shortNames: [],
 *   description: "A thing",
 *   spec: z.object({ size: z.int() }),
 *   printerColumns: [],
 * });
 * assert.equal(crd.metadata.name, "things.com.dstancu.databricks");
 * ```
 *
 * @throws {TypeError} when the declaration's schema has no structural form, or a rule's path names no field.
 */
export function toCrd(resource: CrdSource): CustomResourceDefinition {
  const { kind, plural, singular, shortNames } = resource;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${GROUP}`,
      labels: { "app.kubernetes.io/name": "databricks-kube-operator" },
    },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [...shortNames],
        categories: ["databricks"],
      },
      versions: [toVersion(resource)],
    },
  };
}

function toVersion(resource: CrdSource): CrdVersion {
  return {
    name: VERSION,
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        description: `${resource.description}.`,
        type: "object",
        properties: { spec: specSchema(resource), status: statusSchema(resource) },
        required: ["spec"],
      },
    },
    subresources: { status: {} },
    additionalPrinterColumns: columnsOf(resource).map((column) => ({ ...column })),
  };
}

/** The columns of a kind: its own, and one for the change that waits for approval. */
export function columnsOf({ printerColumns }: Pick<Resource, "printerColumns">): PrinterColumn[] {
  return [...printerColumns, { name: "Plan", type: "string", jsonPath: ".status.plan.summary", priority: 1 }];
}

/** The structural schema of a kind's `spec`, with its rules. */
export function specSchema(
  resource: Pick<Resource, "kind" | "spec" | "rules" | "descriptions">,
): StructuralSchema {
  const describe = (typeName: string, field: string) =>
    resource.descriptions?.[typeName]?.[field] ?? descriptions[`${typeName}.${field}`];
  const schema = { description: "The desired state.", ...toStructural(resource.spec, { describe }) };
  for (const rule of resource.rules ?? []) addRule(schema, rule, resource.kind);
  return schema;
}

/** The structural schema of a kind's `status`. */
export function statusSchema(resource: StatusSource): StructuralSchema {
  return {
    description: "The state that the operator observed, and its own records.",
    ...toStructural(statusOf(resource)),
  };
}

function addRule(schema: StructuralSchema, { rule, message, at = [] }: CelRule, kind: string): void {
  const target = at.reduce<StructuralSchema | undefined>((parent, field) => parent?.properties?.[field], schema);
  if (target === undefined) throw new TypeError(`Cannot add a rule to "${kind}": there is no spec.${at.join(".")}`);
  (target["x-kubernetes-validations"] ??= []).push({ rule, message });
}
