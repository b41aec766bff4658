/**
 * JSON Schemas of manifests, for editors.
 *
 * Stricter than the API server in one way: an unknown field is an error, since most are misspelt; the operator assumes
 * that Databricks has added it, and sends it. Less strict in another: the CRD's rules about several fields (CEL) cannot
 * be expressed here.
 *
 * @module
 */
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { specSchema } from "./crd.ts";
import type { StructuralSchema } from "./schema.ts";

/** The part of a resource that its JSON Schema depends on. */
export type JsonSchemaSource = Pick<Resource, "kind" | "spec" | "rules" | "description">;

/** A JSON Schema (draft 7). */
export type JsonSchema = Record<string, unknown>;

const DRAFT = "http://json-schema.org/draft-07/schema#";
const strings = { type: "object", additionalProperties: { type: "string" } };

/** The file name of a kind's schema, as in catalogs of CRDs. */
export function schemaFile({ kind }: { kind: string }): string {
  return `${kind.toLowerCase()}_${VERSION}.json`;
}

/**
 * The schema of a kind's manifests.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as z from "zod";
 * import { toJsonSchema } from "./json_schema.ts";
 *
 * const schema = toJsonSchema({ kind: "Thing", description: "A thing", spec: z.object({ size: z.int() }) });
 * assert.deepEqual(schema.required, ["apiVersion", "kind", "metadata", "spec"]);
 * ```
 */
export function toJsonSchema(resource: JsonSchemaSource): JsonSchema {
  return {
    $schema: DRAFT,
    title: resource.kind,
    description: `${resource.description}.`,
    type: "object",
    properties: {
      apiVersion: { const: `${GROUP}/${VERSION}` },
      kind: { const: resource.kind },
      // Annotations that are not strings (`true` without quotes) are the most common mistake.
      metadata: { type: "object", properties: { labels: strings, annotations: strings } },
      spec: convert(specSchema(resource)),
      status: {
        type: "object",
        description: "The state that the operator observed, and its own records; not for writing.",
      },
    },
    required: ["apiVersion", "kind", "metadata", "spec"],
    additionalProperties: false,
  };
}

/** The schema for files with objects of several kinds: objects of these kinds are checked, and others pass. */
export function toFileSchema(resources: readonly { kind: string }[]): JsonSchema {
  const ours = { apiVersion: { const: `${GROUP}/${VERSION}` } };
  const required = ["apiVersion", "kind"];
  return {
    $schema: DRAFT,
    title: `Objects of ${GROUP}/${VERSION}, and others`,
    type: "object",
    required,
    allOf: [
      {
        if: { properties: ours, required },
        then: { properties: { kind: { enum: resources.map(({ kind }) => kind) } } },
      },
      ...resources.map((resource) => ({
        if: { properties: { ...ours, kind: { const: resource.kind } }, required },
        then: { $ref: schemaFile(resource) },
      })),
    ],
  };
}

/** Keywords that are copied unchanged. */
const KEPT = [
  ...["description", "type", "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "multipleOf"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxProperties", "required", "anyOf"],
];

function convert(schema: StructuralSchema): JsonSchema {
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => KEPT.includes(key)));
  const { properties, items, additionalProperties } = schema;
  return {
    ...kept,
    ...schema.nullable && { type: [schema.type, "null"] },
    ...properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, convert(one)])),
      additionalProperties: false,
    },
    ...additionalProperties && { additionalProperties: convert(additionalProperties) },
    ...items && { items: convert(items) },
  };
}
