/**
 * Converts the errors that a kind's schema finds in a manifest to messages for its author.
 *
 * @module
 */
import type { z } from "zod";
import type { SpecIssue } from "../../resource.ts";

/**
 * Turns a schema's errors into issues.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as z from "zod";
 * import { issuesOf } from "./spec_issues.ts";
 *
 * const { error } = z.object({ name: z.string(), size: z.int() }).safeParse({ size: "1" });
 * assert.deepEqual(issuesOf(error!), [
 *   { path: "spec.name", message: "is missing: it must be a string" },
 *   { path: "spec.size", message: "must be a number, not a string" },
 * ]);
 * ```
 */
export function issuesOf({ issues }: z.ZodError): SpecIssue[] {
  return issues.map(({ path, message }) => {
    const place = path.map((step) => typeof step === "number" ? `[${step}]` : `.${String(step)}`).join("");
    return { path: `spec${place}`, message: inWords(message) };
  });
}

/** zod's message for a value of a wrong type, in its English locale. */
const WRONG_TYPE = /^Invalid input: expected (\w+), received (\w+)$/;

function inWords(message: string): string {
  const [, expected, received] = message.match(WRONG_TYPE) ?? [];
  if (expected === undefined || received === undefined) return message;
  if (received === "undefined") return `is missing: it must be ${withArticle(expected)}`;
  return `must be ${withArticle(expected)}, not ${withArticle(received)}`;
}

const NAMES: Readonly<Record<string, string>> = { array: "a list", int: "a whole number", record: "an object" };

function withArticle(type: string): string {
  return NAMES[type] ?? (type === "null" ? type : `${/^[aeio]/.test(type) ? "an" : "a"} ${type}`);
}
