/**
 * Field errors, in the API server's words.
 *
 * @module
 */

/** An error in one field. */
export interface FieldError {
  readonly path: string;
  readonly reason: string;
  readonly message: string;
}

const show = (value: unknown) =>
  typeof value === "object" ? JSON.stringify(value) : typeof value === "string" ? JSON.stringify(value) : `${value}`;

/** Constructors of field errors, named after the start of their messages. */
export const field = {
  required: (path: string, detail = ""): FieldError => ({
    path,
    reason: "FieldValueRequired",
    message: detail ? `Required value: ${detail}` : "Required value",
  }),
  invalid: (path: string, value: unknown, detail: string): FieldError => ({
    path,
    reason: "FieldValueInvalid",
    message: `Invalid value: ${show(value)}: ${detail}`,
  }),
  wrongType: (path: string, found: string, type: string): FieldError => ({
    path,
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: "${found}": ${path} in body must be of type ${type}: "${found}"`,
  }),
  unsupported: (path: string, value: unknown, supported: readonly unknown[]): FieldError => ({
    path,
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${show(value)}: supported values: ${supported.map(show).join(", ")}`,
  }),
  forbidden: (path: string, detail: string): FieldError => ({
    path,
    reason: "FieldValueForbidden",
    message: `Forbidden: ${detail}`,
  }),
  duplicate: (path: string, value: unknown): FieldError => ({
    path,
    reason: "FieldValueDuplicate",
    message: `Duplicate value: ${show(value)}`,
  }),
  tooLong: (path: string, max: number): FieldError => ({
    path,
    reason: "FieldValueTooLong",
    message: `Too long: may not be more than ${max} bytes`,
  }),
  tooMany: (path: string, count: number, max: number): FieldError => ({
    path,
    reason: "FieldValueTooMany",
    message: `Too many: ${count}: must have at most ${max} items`,
  }),
};
