/** ConfigMaps, and functions that they share with Secrets. @module */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { field, type FieldError } from "../field_errors.ts";
import { asObject, equal } from "../values.ts";
import { builtin } from "./builtin.ts";

const KEY = /^[-._a-zA-Z0-9]+$/;
const KEY_HINT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or " +
  "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const MAX_BYTES = 1024 * 1024;

export const configMaps = builtin({
  kind: "ConfigMap",
  schema: "io.k8s.api.core.v1.ConfigMap",
  shortNames: ["cm"],
  columns: [{ name: "Data", type: "string", description: "How many keys it has.", cell: countKeys }],
  rules: { check: (object, old) => checkData(object, old, ["data", "binaryData"]) },
});

/** Counts the keys of a ConfigMap or Secret. */
export function countKeys(object: KubeObject): string {
  return String(Object.keys({ ...asObject(object.data), ...asObject(object.binaryData) }).length);
}

/** Checks the keys and the size of a ConfigMap or Secret, and that an immutable one does not change. */
export function checkData(object: KubeObject, old: KubeObject | undefined, parts: readonly string[]): FieldError[] {
  const keys = parts.flatMap((part) => Object.keys(asObject(object[part])).map((key) => ({ part, key })));
  const wrong = keys.filter(({ key }) => !KEY.test(key))
    .map(({ part, key }) => field.invalid(`${part}[${key}]`, key, KEY_HINT));
  const size = parts.flatMap((part) => Object.values(asObject(object[part]))).reduce<number>(
    (total, value) => total + String(value).length,
    0,
  );
  const large = size > MAX_BYTES ? [field.tooLong("", MAX_BYTES)] : [];
  return [...wrong, ...large, ...checkImmutable(object, old, parts)];
}

function checkImmutable(object: KubeObject, old: KubeObject | undefined, parts: readonly string[]): FieldError[] {
  if (old?.immutable !== true) return [];
  const detail = "field is immutable when `immutable` is set";
  const changed = parts.filter((part) => !equal(object[part], old[part]));
  return [...object.immutable === true ? [] : ["immutable"], ...changed].map((part) => field.forbidden(part, detail));
}
