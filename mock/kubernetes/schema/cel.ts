/**
 * The CEL rules of a schema (`x-kubernetes-validations`).
 *
 * Guarantees: rules run in their scope; transition rules (those that use `oldSelf`) run only if there was an old value.
 * Types and costs were checked when the CRD was created (`mock/kubernetes/cel/rules.ts`).
 *
 * @module
 */
import { isObject, stringifyJson } from "../../../src/base/json.ts";
import { compile, toCel } from "../../../src/kubernetes/cel.ts";
import { field, type FieldError } from "../field_errors.ts";
import { fieldOf, itemOf, join, type Rule, type Schema } from "./schema.ts";

/** The location of a value, and its old value. */
interface Place {
  readonly schema: Schema;
  readonly path: string;
  readonly old: unknown;
}

/** The rules that a value violates; `old` is the value before an update. */
export function checkRules(value: unknown, schema: Schema, old?: unknown, path = ""): FieldError[] {
  return hasRules(schema) ? walk(value, { schema, old, path }) : [];
}

const known = new WeakMap<Schema, boolean>();

/** True if a schema contains a rule; most contain none, and are not walked. */
export function hasRules(schema: Schema): boolean {
  const answer = known.get(schema) ?? stringifyJson(schema).includes('"x-kubernetes-validations"');
  known.set(schema, answer);
  return answer;
}

function walk(value: unknown, place: Place): FieldError[] {
  const { schema, path, old } = place;
  if (value === undefined || value === null) return [];
  const own = (schema["x-kubernetes-validations"] ?? []).flatMap((rule) => check(rule, value, place));
  if (Array.isArray(value)) {
    const items = itemOf(schema);
    if (!items) return own;
    const before = correlate(schema, old);
    const inner = value.flatMap((item, index) =>
      walk(item, { schema: items, path: `${path}[${index}]`, old: before(item) })
    );
    return [...own, ...inner];
  }
  if (!isObject(value)) return own;
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const declared = fieldOf(schema, key);
    return declared
      ? walk(item, { schema: declared, path: join(path, key), old: isObject(old) ? old[key] : undefined })
      : [];
  });
  return [...own, ...inner];
}

/** Returns a function that finds the old state of a list's item; only items with keys can be matched. */
function correlate(schema: Schema, old: unknown): (item: unknown) => unknown {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (!keys || !Array.isArray(old)) return () => undefined;
  const keyOf = (item: unknown) => JSON.stringify(keys.map((key) => isObject(item) ? `${item[key]}` : ""));
  const byKey = new Map(old.map((item) => [keyOf(item), item]));
  return (item) => byKey.get(keyOf(item));
}

function check(rule: Rule, value: unknown, { schema, path, old }: Place): FieldError[] {
  const isTransition = /\boldSelf\b/.test(rule.rule);
  if (isTransition && old === undefined && !rule.optionalOldSelf) return [];
  const context = {
    self: toCel(value, schema),
    ...old !== undefined && { oldSelf: toCel(old, schema) },
  };
  const where = `${path}${rule.fieldPath ?? ""}`.replace(/^\./, "") || "<nil>";
  const reason = rule.reason ?? "FieldValueInvalid";
  try {
    if (compile(rule.rule)(context) === true) return [];
  } catch (error) {
    const text = (error as Error).message.split("\n")[0]!.replace(/^No such key/, "no such key");
    return [field.invalid(where, typeof value, `${text} evaluating rule: ${rule.rule}`)];
  }
  const heading = HEADINGS[reason] ?? `Invalid value: ${shown(value)}`;
  return [{ path: where, reason, message: `${heading}${messageOf(rule, context)}` }];
}

/** A value in the prefix of a message: only scalars are shown. */
function shown(value: unknown): string {
  return typeof value === "object" ? "" : `${typeof value === "string" ? JSON.stringify(value) : value}: `;
}

const HEADINGS: Record<string, string> = {
  FieldValueForbidden: "Forbidden: ",
  FieldValueRequired: "Required value: ",
  FieldValueDuplicate: "Duplicate value: ",
};

function messageOf({ rule, message, messageExpression }: Rule, context: Record<string, unknown>): string {
  if (messageExpression) {
    try {
      const text = compile(messageExpression)(context);
      if (typeof text === "string" && text.trim() !== "") return text;
    } catch {
      // The plain message is used instead, as in the real API.
    }
  }
  return message ?? `failed rule: ${rule.trim()}`;
}
