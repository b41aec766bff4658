/**
 * Writes an OpenAPI v2 document as protobuf, the only format that kubectl reads: schemas for validation, and the
 * parameters of PATCH, which declare that the server validates fields itself.
 *
 * The format is gnostic's (github.com/google/gnostic-models, openapiv2).
 *
 * @module
 */
import { stringify } from "yaml";
import type { Schema } from "../schema/schema.ts";
import { messageOf } from "./messages.ts";

/** The media type that kubectl sends in `Accept`, which is not a registered one … */
export const OPENAPI_ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
/** … and the media type of the answer, the same as a real API server's. */
export const OPENAPI_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** The part of an OpenAPI v2 document that is written. */
export interface OpenApiV2 {
  readonly swagger: string;
  readonly info: Record<string, string>;
  readonly paths: Readonly<Record<string, { readonly patch?: Record<string, unknown> }>>;
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** The document's bytes. */
export function openApiProtobuf({ swagger, info, paths, definitions }: OpenApiV2): Uint8Array<ArrayBuffer> {
  const type = messageOf("openapi.v2.Document")!;
  const document = type.create({
    swagger,
    info,
    paths: {
      path: Object.entries(paths).flatMap(([name, { patch }]) =>
        patch ? [{ name, value: { patch: operation(patch) } }] : []
      ),
    },
    definitions: { additional_properties: named(definitions) },
  });
  return new Uint8Array(type.encode(document).finish());
}

function named(schemas: Readonly<Record<string, Schema>>): Record<string, unknown>[] {
  return Object.entries(schemas).map(([name, schema]) => ({ name, value: schemaOf(schema) }));
}

function schemaOf(schema: Schema): Record<string, unknown> {
  const { $ref, allOf, description, format, type, items, properties, additionalProperties, required } = schema;
  // For a reference with fields beside it, the reference is enough.
  const reference = $ref ?? allOf?.[0]?.$ref;
  return {
    ...reference !== undefined && { _ref: reference },
    ...description !== undefined && { description },
    ...format !== undefined && { format },
    ...type !== undefined && { type: { value: [type] } },
    ...required !== undefined && { required },
    ...items !== undefined && { items: { schema: [schemaOf(items)] } },
    ...properties !== undefined && { properties: { additional_properties: named(properties) } },
    ...typeof additionalProperties === "object" &&
      { additional_properties: { schema: schemaOf(additionalProperties) } },
    vendor_extension: extensions(schema),
  };
}

function extensions(fields: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  return Object.entries(fields).filter(([name]) => name.startsWith("x-"))
    .map(([name, value]) => ({ name, value: { yaml: stringify(value) } }));
}

function operation({ parameters, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const names = (parameters as { name: string }[] | undefined ?? []).map(({ name }) => name);
  const query = (name: string) => ({ query_parameter_sub_schema: { name, in: "query", type: "string" } });
  return {
    parameters: names.map((name) => ({ parameter: { non_body_parameter: query(name) } })),
    vendor_extension: extensions(rest),
  };
}
