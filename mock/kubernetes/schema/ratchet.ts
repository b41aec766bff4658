/**
 * Ratcheting: what was wrong before, and was not touched, does not make an update fail.
 *
 * @module
 */
import type { FieldError } from "../field_errors.ts";
import { equal } from "../values.ts";

/** The errors that an update has to answer for: those in fields that it changed. */
export function ratchet(errors: readonly FieldError[], before: unknown, after: unknown): FieldError[] {
  return errors.filter(({ path, reason }) => {
    const keys = stepsOf(path);
    // A field that is missing belongs to the object around it; and a duplicate to its list.
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
