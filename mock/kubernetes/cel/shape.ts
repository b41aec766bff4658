/** Checks the parts of a rule besides its expressions: its message, its reason, and its field path. @module */
import { field, type FieldError } from "../field_errors.ts";
import { isObject } from "../../../src/base/json.ts";
import type { Rule, Schema } from "../schema/schema.ts";

const REASONS = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/** The errors in the fields of a schema's rules, except those in expressions. */
export function shapeErrors(schema: Schema, path: string): FieldError[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    return [...textErrors(rule, at), ...fieldErrors(rule, schema, at)];
  });
}

function textErrors({ rule = "", message, messageExpression, reason }: Rule, at: string): FieldError[] {
  const [text, said] = [rule.trim(), (message ?? "").trim()];
  const errors = [
    text === "" && field.required(`${at}.rule`, "rule is not specified"),
    text !== "" && message && said === "" && field.invalid(`${at}.message`, message, "must be non-empty if specified"),
    text !== "" && isBroken(said) && field.invalid(`${at}.message`, message, "must not contain line breaks"),
    said === "" && !message && isBroken(text) &&
    field.required(`${at}.message`, "message must be specified if rule contains line breaks"),
    messageExpression && messageExpression.trim() === "" &&
    field.required(`${at}.messageExpression`, "messageExpression must be non-empty if specified"),
    reason !== undefined && !REASONS.includes(reason) && field.unsupported(`${at}.reason`, reason, REASONS),
  ];
  return errors.filter((error) => typeof error === "object");
}

function isBroken(text: string): boolean {
  return /[\n\r]/.test(text);
}

function fieldErrors({ fieldPath }: Rule, schema: Schema, at: string): FieldError[] {
  if (!fieldPath) return [];
  const where = `${at}.fieldPath`;
  const errors = [
    fieldPath.trim() === "" && "must be non-empty if specified",
    isBroken(fieldPath) && "must not contain line breaks",
    !reaches(schema, fieldPath) && "must be a valid path",
  ];
  return errors.filter((error) => error !== false).map((error) => field.invalid(where, fieldPath, error));
}

/** True if a path of fields and keys, such as `.a['b']`, exists in a schema. */
function reaches(schema: Schema, fieldPath: string): boolean {
  const steps = [...fieldPath.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)];
  if (steps.map(([step]) => step).join("") !== fieldPath) return false;
  let current: Schema | undefined = schema;
  for (const [, name, key] of steps) {
    const values: unknown = current?.additionalProperties;
    current = isObject(values) ? values as Schema : current?.properties?.[(name ?? key)!];
  }
  return current !== undefined;
}
