/**
 * Validates a value against a structural schema, with the API server's messages.
 *
 * @module
 */
import { isObject } from "../../../src/base/json.ts";
import { field, type FieldError } from "../field_errors.ts";
import { equal, typeOf } from "../values.ts";
import { formats } from "./formats.ts";
import { fieldOf, itemOf, join, type Schema } from "./schema.ts";

/** The input of a check. */
interface Checked {
  readonly value: unknown;
  readonly schema: Schema;
  readonly path: string;
}

type Check = (checked: Checked) => FieldError[];

const length = (text: string) => [...text].length;

/** One check per keyword. Only the keywords in the schema are checked. */
const keywords: Readonly<Record<string, Check>> = {
  enum: ({ value, schema, path }) =>
    schema.enum!.some((one) => equal(one, value)) ? [] : [field.unsupported(path, value, schema.enum!)],
  pattern: text((value, { schema, path }) =>
    new RegExp(schema.pattern as string, "u").test(value) ? "" : `${path} in body should match '${schema.pattern}'`
  ),
  minLength: text((value, { schema, path }) =>
    length(value) >= Number(schema.minLength) ? "" : `${path} in body should be at least ${schema.minLength} chars long`
  ),
  maxLength: ({ value, schema, path }) =>
    typeof value === "string" && length(value) > Number(schema.maxLength)
      ? [field.tooLong(path, Number(schema.maxLength))]
      : [],
  format: ({ value, schema, path }) => {
    const isRight = typeof value === "string" ? formats[schema.format!] : undefined;
    if (!isRight || isRight(value as string)) return [];
    const message = `Invalid value: "${value}": ${path} in body must be of type ${schema.format}: "${value}"`;
    return [{ path, reason: "FieldValueTypeInvalid", message }];
  },
  minimum: number((value, { schema, path }) => {
    const least = schema.minimum as number;
    if (schema.exclusiveMinimum ? value > least : value >= least) return "";
    return `${path} in body should be greater than ${schema.exclusiveMinimum ? "" : "or equal to "}${least}`;
  }),
  maximum: number((value, { schema, path }) => {
    const most = schema.maximum as number;
    if (schema.exclusiveMaximum ? value < most : value <= most) return "";
    return `${path} in body should be less than ${schema.exclusiveMaximum ? "" : "or equal to "}${most}`;
  }),
  multipleOf: number((value, { schema, path }) =>
    Number.isInteger(value / Number(schema.multipleOf))
      ? ""
      : `${path} in body should be a multiple of ${schema.multipleOf}`
  ),
  minItems: ({ value, schema, path }) =>
    Array.isArray(value) && value.length < Number(schema.minItems)
      ? [field.invalid(path, value.length, `${path} in body should have at least ${schema.minItems} items`)]
      : [],
  maxItems: ({ value, schema, path }) =>
    Array.isArray(value) && value.length > Number(schema.maxItems)
      ? [field.tooMany(path, value.length, Number(schema.maxItems))]
      : [],
  uniqueItems: ({ value, schema, path }) => schema.uniqueItems ? duplicates(value, path, (item) => item) : [],
  minProperties: fields((count, { schema, path, value }) =>
    count < Number(schema.minProperties)
      ? [field.invalid(path, value, `${path} in body should have at least ${schema.minProperties} properties`)]
      : []
  ),
  maxProperties: fields((count, { schema, path }) =>
    count > Number(schema.maxProperties) ? [field.tooMany(path, count, Number(schema.maxProperties))] : []
  ),
  required: ({ value, schema, path }) =>
    isObject(value)
      ? schema.required!.filter((key) => !Object.hasOwn(value, key)).map((key) => field.required(join(path, key)))
      : [],
  "x-kubernetes-list-type": ({ value, schema, path }) => {
    if (schema["x-kubernetes-list-type"] === "set") return duplicates(value, path, (item) => item);
    if (schema["x-kubernetes-list-type"] !== "map") return [];
    const keys = schema["x-kubernetes-list-map-keys"] ?? [];
    const defaults = schema.items?.properties ?? {};
    return duplicates(value, path, (item) => {
      const fields = isObject(item) ? item : {};
      return Object.fromEntries(keys.map((key) => [key, fields[key] ?? defaults[key]?.default ?? null]));
    });
  },
  allOf: ({ value, schema, path }) => schema.allOf!.flatMap((one) => validate(value, one, path)),
  anyOf: ({ value, schema, path }) =>
    schema.anyOf!.some((one) => validate(value, one, path).length === 0)
      ? []
      : [field.invalid(path, "", `${path} in body must validate at least one schema (anyOf)`)],
  oneOf: ({ value, schema, path }) =>
    schema.oneOf!.filter((one) => validate(value, one, path).length === 0).length === 1
      ? []
      : [field.invalid(path, "", `${path} in body must validate one and only one schema (oneOf)`)],
  not: ({ value, schema, path }) =>
    validate(value, schema.not!, path).length > 0
      ? []
      : [field.invalid(path, "", `${path} in body must not validate the schema (not)`)],
};

/**
 * Validates a value against its schema, without CEL rules, and returns the errors.
 *
 * @param path The value's path, for the messages.
 */
export function validate(value: unknown, schema: Schema, path = ""): FieldError[] {
  if (value === undefined || value === null && schema.nullable) return [];
  const wrong = wrongType(value, schema, path);
  if (wrong) return [wrong];
  const errors: FieldError[] = [];
  for (const keyword in schema) {
    const check = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (check) errors.push(...check({ value, schema, path }));
  }
  return [...errors, ...inside(value, schema, path)];
}

function inside(value: unknown, schema: Schema, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemOf(schema);
    return items ? value.flatMap((item, index) => validate(item, items, `${path}[${index}]`)) : [];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const declared = fieldOf(schema, key);
    return declared ? validate(item, declared, join(path, key)) : [];
  });
}

function wrongType(value: unknown, schema: Schema, path: string): FieldError | undefined {
  const found = typeOf(value);
  if (schema["x-kubernetes-int-or-string"]) {
    return found === "integer" || found === "string" ? undefined : field.wrongType(path, found, "integer,string");
  }
  if (schema.type === undefined || schema.type === found) return undefined;
  if (schema.type === "number" && found === "integer") return undefined;
  return field.wrongType(path, found, schema.type);
}

function duplicates(value: unknown, path: string, keyOf: (item: unknown) => unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const key = keyOf(item);
    const text = JSON.stringify(key, (_key, part) => typeof part === "bigint" ? `${part}` : part);
    const isNew = !seen.has(text);
    seen.add(text);
    if (isNew) return [];
    return [field.duplicate(`${path}[${index}]`, key)];
  });
}

function text(problem: (value: string, checked: Checked) => string): Check {
  return (checked) => {
    const message = typeof checked.value === "string" ? problem(checked.value, checked) : "";
    return message === "" ? [] : [field.invalid(checked.path, checked.value, message)];
  };
}

function number(problem: (value: number, checked: Checked) => string): Check {
  return (checked) => {
    const { value, path } = checked;
    const message = typeof value === "number" || typeof value === "bigint" ? problem(Number(value), checked) : "";
    return message === "" ? [] : [field.invalid(path, value, message)];
  };
}

function fields(check: (count: number, checked: Checked) => FieldError[]): Check {
  return (checked) => isObject(checked.value) ? check(Object.keys(checked.value).length, checked) : [];
}
