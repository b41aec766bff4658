/**
 * Ratcheting: an invalid field that an update does not change does not make the update fail.
 *
 * @module
 */
import type { FieldError } from "../field_errors.ts";
import { equal } from "../values.ts";

/** The errors in fields that an update changed. */
export function ratchet(errors: readonly FieldError[], before: unknown, after: unknown): FieldError[] {
  return errors.filter(({ path, reason }) => {
    const keys = stepsOf(path);
    // A missing field is an error of the object that contains it; a duplicate is an error of its list.
    if (reason === "FieldValueRequired" || reason === "FieldValueDuplicate") keys.pop();
    const [old, next] = [reach(before, keys), reach(after, keys)];
    return old === undefined || !equal(old, next);
  });
}

function stepsOf(path: string): string[] {
  return path.split(/\.|\[|\]\.?/).filter((step) => step !== "");
}

function reach(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((current, key) => (current as Record<string, unknown> | undefined)?.[key], value);
}
