/**
 * The fields and enum values of the Jobs API, from the types that are generated from the official SDK.
 *
 * @module
 */
import type * as z from "zod";
import { isObject } from "../../src/base/json.ts";
import { providerCase } from "./credentials.ts";

type Definition = { type: string; element?: z.ZodType; shape?: Record<string, z.ZodType> };
type Wrapper = { innerType?: z.ZodType; getter?: () => z.ZodType };

/** Unwraps optional and lazy schemas. */
function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType, getter } = schema.def as unknown as Wrapper;
  const inner = innerType ?? getter?.();
  return inner === undefined ? schema : unwrap(inner);
}

/** Handles unknown fields and values, by path. Returning true removes them; throwing refuses them. */
export interface Strangers {
  field: (path: string) => boolean;
  value: (path: string, value: unknown) => boolean;
}

/** A copy of a value without the fields and values that `strangers` leaves out. */
export function sift(schema: z.ZodType, value: unknown, strangers: Strangers, path = ""): unknown {
  const inner = unwrap(schema);
  const { type, element, shape } = inner.def as unknown as Definition;
  if (type === "array" && element !== undefined && Array.isArray(value)) {
    return value.map((one, index) => sift(element, one, strangers, `${path}[${index}]`));
  }
  if (type !== "object" || shape === undefined || !isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, content]): [string, unknown][] => {
    const below = path === "" ? name : `${path}.${name}`;
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (known === undefined) return strangers.field(below) ? [] : [[name, content]];
    if (isUnknownValue(known, caseOf(name, content)) && strangers.value(below, content)) return [];
    return [[name, sift(known, content, strangers, below)]];
  });
  return Object.fromEntries(entries);
}

/** Requests may spell providers in any case; their case in answers is a separate doubt (`gitProviderCase`). */
function caseOf(name: string, value: unknown): unknown {
  return name === "git_provider" && typeof value === "string" ? providerCase(value) : value;
}

function isUnknownValue(schema: z.ZodType, value: unknown): boolean {
  const values = unwrap(schema).meta()?.knownValues;
  return Array.isArray(values) && typeof value === "string" && !values.includes(value);
}
