/**
 * Validates an object before it is stored.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { invalid } from "./errors.ts";
import { field, type FieldError } from "./field_errors.ts";
import { checkChangedMetadata, checkNewMetadata } from "./metadata.ts";
import type { ResourceType } from "./resource_type.ts";
import { checkRules, hasRules } from "./schema/cel.ts";
import { ratchet } from "./schema/ratchet.ts";
import { fieldOf, type Schema } from "./schema/schema.ts";
import { validate } from "./schema/validate.ts";

/** Errors after which a value may not be what its rules expect, so the rules are not run. */
const BLOCKING = new Set([
  "FieldValueRequired",
  "FieldValueTypeInvalid",
  "FieldValueNotSupported",
  "FieldValueTooLong",
  "FieldValueTooMany",
]);
const UNCHECKED =
  "some validation rules were not checked because the object was invalid; correct the existing errors to " +
  "complete validation";

/** @throws {ApiError} 422 if an object that is new, or that replaces `old`, is invalid. */
export function check(object: KubeObject, type: ResourceType, old?: KubeObject, subresource?: string): void {
  const metadata = old ? checkChangedMetadata(object, old) : checkNewMetadata(object, type);
  // A status write cannot change the other fields, which were checked when they were written.
  const own = subresource === "status" ? [] : type.rules.check?.(object, old) ?? [];
  const errors = [...metadata, ...own, ...type.isCustom ? checkCustom(object, type, { old, subresource }) : []];
  if (errors.length > 0) throw invalid(type, object.metadata.name ?? "", errors);
}

function checkCustom(
  object: KubeObject,
  type: ResourceType,
  { old, subresource }: { old: KubeObject | undefined; subresource: string | undefined },
): FieldError[] {
  const { metadata: _, ...body } = object;
  const schema = bodySchema(type);
  const fits = subresource === "status" ? checkStatus(body.status, schema) : validate(body, schema);
  const blocked = fits.some(({ reason }) => BLOCKING.has(reason));
  const unchecked = blocked && hasRules(schema) ? [field.invalid("<nil>", null, UNCHECKED)] : [];
  const errors = [...fits, ...blocked ? [] : checkRules(body, schema, old)];
  const counted = old ? ratchet(errors, old, object) : errors;
  return counted.length > 0 ? [...counted, ...unchecked] : [];
}

/** Checks a status on its own; the API server's messages then name its fields without the prefix `status`. */
function checkStatus(status: unknown, schema: Schema): FieldError[] {
  const errors = validate(status, fieldOf(schema, "status") ?? {});
  return errors.map((error) => ({ ...error, path: error.path === "" ? "status" : `status.${error.path}` }));
}

const bodies = new WeakMap<ResourceType, Schema>();

/** The schema without metadata, which is checked separately. */
function bodySchema(type: ResourceType): Schema {
  const known = bodies.get(type);
  if (known) return known;
  const { metadata: _, ...properties } = type.schema.properties ?? {};
  const schema = { ...type.schema, properties };
  bodies.set(type, schema);
  return schema;
}
