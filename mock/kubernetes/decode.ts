/**
 * Decodes a request's body into an object that can be stored: checked, pruned, with defaults.
 *
 * @module
 */
import { isObject, type Json, type JsonObject, parseJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { type ApiError, badRequest, invalid } from "./errors.ts";
import { field } from "./field_errors.ts";
import { tidyMetadata } from "./metadata.ts";
import { readText } from "./read_text.ts";
import { groupVersion, type ResourceType } from "./resource_type.ts";
import { prune, withDefaults, withoutNulls } from "./schema/prune.ts";
import { fieldOf, itemOf, type Schema } from "./schema/schema.ts";
import { validate } from "./schema/validate.ts";

/** The treatment of unknown fields: ignored, a warning, or an error. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** A decoded object, and its unknown fields. */
export interface Decoded {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  /** The paths of the unknown fields, which were removed. */
  readonly unknown: readonly string[];
}

/** Parses a body of JSON or YAML. @throws {ApiError} 400 if it is neither. */
export function parseBody(text: string, contentType: string, kind: string): JsonObject {
  let value: Json;
  try {
    value = contentType.includes("yaml") ? readText(text) : parseJson(text);
  } catch (error) {
    throw unrecognized(kind, `couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw unrecognized(kind, "couldn't get version/kind; json parse error: not an object");
  return value as JsonObject;
}

function unrecognized(kind: string, why: string): ApiError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
}

/**
 * Decodes an object of a kind from JSON.
 *
 * @throws {ApiError} 400 or 422 if it is of another kind, or has unknown fields although these are not allowed.
 */
export function decode(
  json: JsonObject,
  type: ResourceType,
  { validation = "Warn", defaults = true }: { validation?: FieldValidation; defaults?: boolean } = {},
): Decoded {
  checkKind(json, type);
  const unknown: string[] = [];
  const pruned = prune(json, type.schema, unknown) as JsonObject;
  const warnings = unknown.sort().map((path) => `unknown field "${path}"`);
  if (validation === "Strict" && warnings.length > 0) {
    throw badRequest(`${unhandled(type)}: strict decoding error: ${warnings.join(", ")}`);
  }
  const object = type.isCustom ? decodeCustom(pruned, type, defaults) : decodeBuiltin(pruned, type);
  return { object, unknown, warnings: validation === "Warn" ? warnings : [] };
}

function unhandled({ kind, version }: ResourceType): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}`;
}

function decodeCustom(json: JsonObject, type: ResourceType, defaults: boolean): KubeObject {
  const { metadata, ...rest } = json;
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    throw badRequest(`${unhandled(type)}: metadata is not an object`);
  }
  const body = (defaults ? complete(rest, type) : rest) as KubeObject;
  return { ...body, metadata: tidyMetadata(withoutNulls(metadata ?? {}) as JsonObject) };
}

/** A custom object with its schema's defaults. */
export function complete<T>(object: T, { schema }: ResourceType, { keepsNulls = false } = {}): T {
  const { metadata: _, ...properties } = schema.properties ?? {};
  return withDefaults(object as Json, { ...schema, properties }, keepsNulls) as T;
}

function decodeBuiltin(json: JsonObject, type: ResourceType): KubeObject {
  const clean = withoutNulls(json) as JsonObject;
  const wrong = validate(clean, type.schema).find(({ reason }) => reason === "FieldValueTypeInvalid");
  if (wrong) throw badRequest(`${unhandled(type)}: ${decodingProblem(wrong, type)}`);
  const tidy = withoutEmpties(clean, type.schema) as JsonObject;
  const { kind } = type;
  const metadata = tidyMetadata((tidy.metadata ?? {}) as JsonObject);
  return { ...tidy, apiVersion: groupVersion(type), kind, metadata };
}

/** The message of Go's decoder. */
function decodingProblem({ path, message }: { path: string; message: string }, { kind }: ResourceType): string {
  const [, found = "", wanted = ""] = message.match(/"(.*?)": .* must be of type ([\w-]+)/s) ?? [];
  if (wanted === "byte") return `illegal base64 data at input byte ${Math.max(found.search(/[^A-Za-z0-9+/]/), 0)}`;
  if (wanted === "date-time") return `parsing time ${JSON.stringify(found)}: cannot parse`;
  const name = found === "integer" ? "number" : found;
  const parent = path.replace(/\.[^.]*$/, "");
  return `json: cannot unmarshal ${name} into Go struct field ${kind}.${
    wanted === "string" ? parent : path
  } of type ${wanted}`;
}

/** A copy without empty lists and maps, which built-in kinds omit. */
function withoutEmpties(value: Json, schema: Schema | undefined): Json {
  if (Array.isArray(value)) return value.map((item) => withoutEmpties(item, itemOf(schema)));
  if (!isObject(value)) return value;
  const isKept = (item: Json, declared: Schema | undefined) =>
    !(Array.isArray(item) && item.length === 0) &&
    !(isObject(item) && declared?.additionalProperties !== undefined && Object.keys(item).length === 0);
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, item]) => [key, item, fieldOf(schema, key)] as const)
      .filter(([key, item, declared]) => key === "metadata" || declared === undefined || isKept(item, declared))
      .map(([key, item, declared]) => [key, withoutEmpties(item, declared)]),
  );
}

function checkKind(json: JsonObject, type: ResourceType): void {
  const { apiVersion, kind } = json;
  const expected = groupVersion(type);
  if (type.isCustom && (!apiVersion || !kind)) {
    const text = JSON.stringify(json, (_key, value) => typeof value === "bigint" ? Number(value) : value);
    throw unrecognized(type.kind, `Object '${kind ? "apiVersion" : "Kind"}' is missing in '${text}'`);
  }
  if (apiVersion && apiVersion !== expected) {
    const problem = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`;
    throw badRequest(problem);
  }
  if (!kind || kind === type.kind) return;
  if (!type.isCustom) throw badRequest(`${kind} in version "${type.version}" cannot be handled as a ${type.kind}`);
  const { name } = (json.metadata ?? {}) as { name?: string };
  const error = field.invalid("kind", kind, `must be ${type.kind}`);
  throw invalid({ group: type.group, kind: String(kind) }, name ?? "", [error]);
}
