/**
 * Extracts the part of another project's CRD that a manifest in this repository uses, as a JSON schema, because large
 * CRDs are not stored here. For each object on the path, all fields have a name and a type, so that a misspelled one is
 * found.
 *
 * ```sh
 * go mod download -json github.com/tektoncd/pipeline@v1.0.0
 * deno run -A tools/published_schema.ts CRD.yaml examples/runs/tekton-task.yaml "where it is from, and its licence"
 * ```
 *
 * @module
 */
import { parse, parseAllDocuments } from "yaml";

/** An OpenAPI schema, as in CRDs. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
}

/**
 * The part of a schema that a value uses.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { partFor } from "./published_schema.ts";
 *
 * const schema = { type: "object", properties: { a: { type: "object", properties: { b: { type: "string" } } } } };
 * assert.deepEqual(partFor(schema, {}), {
 *   type: "object",
 *   properties: { a: { type: "object" } },
 *   additionalProperties: false,
 * });
 * assert.deepEqual(partFor(schema, { a: {} }), {
 *   type: "object",
 *   properties: { a: { type: "object", properties: { b: { type: "string" } }, additionalProperties: false } },
 *   additionalProperties: false,
 * });
 * ```
 */
export function partFor(schema: Schema, value: unknown): Record<string, unknown> {
  const { type, enum: words, required, properties, items } = schema;
  const own = {
    ...(type === undefined || schema["x-kubernetes-int-or-string"] === true ? {} : { type }),
    ...(words === undefined ? {} : { enum: words }),
  };
  if (Array.isArray(value) && items !== undefined) {
    return { ...own, items: partFor(items, Object.assign({}, ...value)) };
  }
  if (typeof value !== "object" || value === null || properties === undefined) return own;
  const fields = value as Record<string, unknown>;
  const parts = Object.entries(properties).map(([name, field]) => [name, partFor(field, fields[name])]);
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true;
  return {
    ...own,
    ...(required === undefined ? {} : { required }),
    properties: Object.fromEntries(parts),
    ...(isOpen ? {} : { additionalProperties: false }),
  };
}

if (import.meta.main) {
  const [crd = "", example = "", source = ""] = Deno.args;
  const [document] = parseAllDocuments(await Deno.readTextFile(example));
  const manifest = document?.toJS() as { apiVersion: string };
  const { spec } = parse(await Deno.readTextFile(crd)) as {
    spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
  };
  const version = spec.versions.find(({ name }) => manifest.apiVersion.endsWith(`/${name}`));
  if (version === undefined) throw new Error(`${crd} has no version of ${manifest.apiVersion}`);
  const part = partFor(version.schema.openAPIV3Schema, manifest);
  // The API server checks metadata itself.
  const { metadata: _metadata, ...fields } = part.properties as Record<string, unknown>;
  const whole = { $comment: source, ...part, properties: { ...fields, metadata: { type: "object" } } };
  console.log(JSON.stringify(whole, undefined, 1));
}
