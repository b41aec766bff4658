/**
 * The scalar types of the Databricks REST API, as zod schemas. `types.ts` is generated from these.
 *
 * @module
 */
import * as z from "zod";

/** A 64-bit integer: a number if that is exact, else a `bigint` (see `../base/json.ts`). */
export const int64 = z.custom<number | bigint>(
  (value) => typeof value === "bigint" || Number.isSafeInteger(value),
  "must be an integer",
).meta({ type: "integer", format: "int64" });

/** An enum that is open: a value that Databricks adds later passes through. */
export function openEnum<const Values extends readonly string[]>(
  values: Values,
): z.ZodType<Values[number] | (string & Record<never, never>)> {
  return z.string().meta({ knownValues: values });
}

/** A map of strings. Scalars of other types, as in YAML `abc: 2`, are accepted and become strings. */
export const stringMap: z.ZodType<Record<string, string>> = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.bigint(), z.boolean()], { error: "must be a string, a number or a boolean" })
    .transform(String).meta({ scalar: true }),
) as unknown as z.ZodType<Record<string, string>>;

/** A value whose type the API leaves open. */
export const anything = z.any();

/** A text. */
export const text = z.string();

/** Optional fields of the most common types: one schema each, which all types share. */
export const optional = {
  text: text.optional(),
  flag: z.boolean().optional(),
  number: z.number().optional(),
  int64: int64.optional(),
  texts: z.array(text).optional(),
  stringMap: stringMap.optional(),
};
