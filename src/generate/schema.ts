/**
 * Turns a zod schema into a Kubernetes structural schema: the subset of OpenAPI 3.0 that a CRD may contain.
 *
 * Guarantees:
 * - the API server accepts whatever zod accepts as input, as far as a structural schema can express it;
 * - references are written out; a type that contains itself is cut at its second occurrence and left open there;
 * - a loose object keeps unknown fields, and an open enum lists its values only in its description;
 * - a schema that apiextensions would refuse is an error here, with the field's path.
 *
 * Caveats: a field's default stands in its description, since the API server would write it into the object;
 * `.partial()`, `.omit()` and `.extend()` lose a type's `typeName`, and so the descriptions of its fields.
 *
 * @module
 */
import * as z from "zod";

/** A structural schema, as the CRD holds it. */
export interface StructuralSchema {
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  enum?: unknown[];
  pattern?: string;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  anyOf?: StructuralSchema[];
  maxItems?: number;
  minItems?: number;
  "x-kubernetes-preserve-unknown-fields"?: true;
  "x-kubernetes-int-or-string"?: true;
  "x-kubernetes-validations"?: { rule: string; message: string }[];
  [other: string]: unknown;
}

/** Options of a conversion. */
export interface StructuralOptions {
  /** The description of a field of a named type (`jobs.Task`, `task_key`); zod's `.describe()` has precedence. */
  readonly describe?: (typeName: string, field: string) => string | undefined;
}

type Meta = Record<string, unknown>;

/** The position of the conversion. */
interface Place extends StructuralOptions {
  /** The path, for errors: `spec.job.settings`. */
  readonly path: string;
  /** The types that contain this place. */
  readonly inside: readonly (string | z.core.$ZodType)[];
}

/** Keywords that are copied unchanged, from zod's JSON Schema and from `.meta()`. */
const SCALAR_KEYS = ["type", "enum", "pattern", "minLength", "maxLength", "multipleOf"];
const BOUND_KEYS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const META_KEYS = ["type", "format", "minItems", "maxItems", "minLength", "maxLength", "maxProperties", "pattern"];
/** The formats that mean the same in zod and in Kubernetes. */
const FORMATS = ["int32", "int64", "float", "double", "date-time", "byte", "uri", "uuid"];

const OPEN: StructuralSchema = { "x-kubernetes-preserve-unknown-fields": true };

/**
 * The structural schema of the input that `schema` accepts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as z from "zod";
 * import { toStructural } from "./schema.ts";
 *
 * assert.deepEqual(toStructural(z.object({ name: z.string().describe("Who") })), {
 *   type: "object",
 *   properties: { name: { type: "string", description: "Who." } },
 *   required: ["name"],
 * });
 * ```
 *
 * @throws {TypeError} when a part of `schema` has no structural form.
 */
export function toStructural(schema: z.core.$ZodType, options: StructuralOptions = {}): StructuralSchema {
  return convert(schema, { ...options, path: "", inside: [] });
}

function convert(schema: z.core.$ZodType, place: Place, fieldText?: string): StructuralSchema {
  const { core, meta, nullable } = unwrap(schema);
  const description = describe(meta, fieldText);
  return {
    ...(description === "" ? {} : { description }),
    ...body(core, meta, place),
    ...pick(meta, (key) => META_KEYS.includes(key) || key.startsWith("x-kubernetes-")),
    ...(nullable ? { nullable } : {}),
  };
}

/** Removes wrappers of a schema; metadata of an outer wrapper has precedence over that of an inner one. */
function unwrap(schema: z.core.$ZodType): { core: z.core.$ZodType; meta: Meta; nullable: boolean } {
  let core = schema;
  let meta: Meta = {};
  let nullable = false;
  for (;;) {
    const { def } = (core as z.core.$ZodTypes)._zod;
    meta = { ...z.globalRegistry.get(core), ...meta };
    if (def.type === "default" && !("defaultText" in meta)) meta.defaultText = JSON.stringify(def.defaultValue);
    if (def.type === "nullable") nullable = true;
    const inner = innerOf(def);
    if (inner === undefined) return { core, meta, nullable };
    core = inner;
  }
}

function innerOf(def: z.core.$ZodTypes["_zod"]["def"]): z.core.$ZodType | undefined {
  if (def.type === "lazy") return def.getter();
  // A manifest holds the input of a pipe; a preprocessing step accepts anything, so there its output counts.
  if (def.type === "pipe") return (def.in as z.core.$ZodTypes)._zod.def.type === "transform" ? def.out : def.in;
  return "innerType" in def ? def.innerType : undefined;
}

function describe(meta: Meta, fieldText: string | undefined): string {
  const values = meta.knownValues as readonly string[] | undefined;
  const sentences = [
    meta.description ?? fieldText,
    meta.defaultText && `Default: ${meta.defaultText}`,
    values && `One of ${values.join(", ")}; newer values pass through`,
  ];
  return sentences.filter((text) => !!text).map((text) => ended(String(text))).join(" ");
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function body(schema: z.core.$ZodType, meta: Meta, place: Place): StructuralSchema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return objectBody(schema as z.core.$ZodObject, meta, place);
    case "array":
      return { type: "array", items: convert(def.element, below(place, "[]")), ...itemBounds(def.checks) };
    case "record":
      return { type: "object", additionalProperties: convert(def.valueType, below(place, ".*")) };
    case "union":
      return unionBody(def.options, place);
    case "any":
    case "unknown":
      return { ...OPEN };
    case "custom":
      // A custom check does not tell its type: `.meta({ type })` does.
      return "type" in meta ? {} : { ...OPEN };
    case "bigint":
      return { type: "integer", format: "int64" };
    case "string":
    case "number":
    case "boolean":
    case "enum":
    case "literal":
      return scalarBody(schema, place);
    default:
      throw refusal(place, `"${def.type}" has no structural form`);
  }
}

function below(place: Place, step: string): Place {
  return { ...place, path: place.path + step };
}

function refusal(place: Place, reason: string): TypeError {
  return new TypeError(`Cannot make a structural schema of "${place.path.slice(1)}": ${reason}`);
}

function objectBody(schema: z.core.$ZodObject, meta: Meta, place: Place): StructuralSchema {
  const { shape, catchall } = schema._zod.def;
  const typeName = meta.typeName as string | undefined;
  const self = typeName ?? schema;
  const unknownFields = (catchall as z.core.$ZodTypes | undefined)?._zod.def.type === "unknown" ? OPEN : {};
  if (place.inside.includes(self)) return { type: "object", ...OPEN };

  const inner = { ...place, inside: [...place.inside, self] };
  const fields = Object.entries(shape);
  const properties = Object.fromEntries(fields.map(([name, field]) => {
    const text = typeName === undefined ? undefined : place.describe?.(typeName, name);
    return [name, convert(field, below(inner, `.${name}`), text)];
  }));
  const required = fields.filter(([, field]) => field._zod.optin === undefined).map(([name]) => name);
  return {
    type: "object",
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...unknownFields,
    ...referenceRules(fields),
  };
}

/** An id or a name: both of them, or neither where one is required, would be a mistake. */
function referenceRules(fields: [string, z.core.$ZodType][]): StructuralSchema {
  const rules = fields.flatMap(([name, field]) => {
    const { refersTo } = unwrap(field).meta as {
      refersTo?: { id: string; isNeeded: boolean; isRuled?: boolean };
    };
    if (refersTo === undefined || refersTo.isRuled === false) return [];
    const { id, isNeeded } = refersTo;
    return [
      isNeeded ? { rule: `has(self.${id}) != has(self.${name})`, message: `say either ${id} or ${name}` } : {
        rule: `!(has(self.${id}) && has(self.${name}))`,
        message: `${id} and ${name} exclude each other: keep one`,
      },
    ];
  });
  return rules.length === 0 ? {} : { "x-kubernetes-validations": rules };
}

function itemBounds(checks: readonly z.core.$ZodCheck<never>[] = []): StructuralSchema {
  const bounds: StructuralSchema = {};
  for (const check of checks) {
    const { def } = (check as unknown as z.core.$ZodChecks)._zod;
    if (def.check === "min_length") bounds.minItems = def.minimum;
    if (def.check === "max_length") bounds.maxItems = def.maximum;
  }
  return bounds;
}

/** Integers or text; objects, merged; any other mix is left open, and the client-side check is stricter. */
function unionBody(options: readonly z.core.$ZodType[], place: Place): StructuralSchema {
  const alternatives = options.map((option) => convert(option, place));
  const types = new Set(alternatives.map((alternative) => alternative.type));
  if (types.size === 2 && types.has("integer") && types.has("string")) {
    return { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] };
  }
  if (types.size !== 1 || types.has(undefined)) return { ...OPEN };
  const [type] = types as Set<string>;
  if (type === "object") return mergedObjects(alternatives);
  const isEnum = alternatives.every((alternative) => alternative.enum);
  return isEnum
    ? { type: type!, enum: [...new Set(alternatives.flatMap(({ enum: values }) => values!))] }
    : { type: type! };
}

function mergedObjects(alternatives: readonly StructuralSchema[]): StructuralSchema {
  const requiredByAll = (alternatives[0]?.required ?? []).filter((name) =>
    alternatives.every((alternative) => alternative.required?.includes(name))
  );
  return {
    type: "object",
    properties: Object.assign({}, ...alternatives.map(({ properties }) => properties)),
    ...(requiredByAll.length === 0 ? {} : { required: requiredByAll }),
    ...(alternatives.some((alternative) => "x-kubernetes-preserve-unknown-fields" in alternative) ? OPEN : {}),
  };
}

function scalarBody(schema: z.core.$ZodType, place: Place): StructuralSchema {
  const json = z.toJSONSchema(schema, { io: "input", target: "openapi-3.0" }) as StructuralSchema;
  const { format } = (schema as z.core.$ZodTypes)._zod.def as { format?: string };
  const scalar = {
    ...pick(json, (key) => SCALAR_KEYS.includes(key)),
    // zod bounds every integer by what a JavaScript number can hold: not a bound that a manifest's author should see.
    ...pick(json, (key, value) => BOUND_KEYS.includes(key) && Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER),
    ...(json.type === "integer" ? { format: format === "int32" ? "int32" : "int64" } : {}),
    ...(FORMATS.includes(json.format ?? "") ? { format: json.format! } : {}),
  } as StructuralSchema;
  // The patterns of zod's own formats use lookahead, which the API server's RE2 does not support.
  if (json.type === "string" && format !== undefined && format !== "regex") delete scalar.pattern;
  if (/\(\?[=!<]/.test(scalar.pattern ?? "")) throw refusal(place, `pattern "${scalar.pattern}" looks around`);
  return scalar;
}

function pick(from: object, wanted: (key: string, value: unknown) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([key, value]) => wanted(key, value)));
}
