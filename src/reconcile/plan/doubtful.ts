/**
 * Values of a manifest that its author probably did not mean: expressions that a bundle or a template left unresolved,
 * paths relative to a file that Databricks does not have, and values that an enum does not list. Databricks may still
 * accept them, so they are doubts, not errors.
 *
 * @module
 */
import type { z } from "zod";
import { isObject, own } from "../../base/json.ts";
import { nearest, shorten } from "../../base/text.ts";
import type { SpecIssue } from "../../resource.ts";
import { elementOf, metaOf, shapeOf } from "./fields.ts";

/** The syntax of bundles for variables and for other resources (Databricks' docs, "Substitutions and variables"). */
const UNRESOLVED = /\$\{(?:var|variables|bundle|workspace|resources|artifacts)\.[^}]*\}/;
/** Fields that hold a path in the workspace. */
const IS_PATH = /(?:^|_)(?:path|paths|file|files)$/;
/** The number of characters of a value that a message shows. */
const SHOWN = 60;

/**
 * The doubtful values of a manifest's `spec`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as z from "zod";
 * import { doubtfulValues } from "./doubtful.ts";
 *
 * const schema = z.looseObject({ mode: z.string().meta({ knownValues: ["PAUSED"] }), notebook_path: z.string() });
 * const issues = doubtfulValues(schema, { mode: "PAUSD", notebook_path: "../etl" });
 * assert.deepEqual(issues.map(({ path, message }) => `${path}: ${message}`), [
 *   'spec.mode: "PAUSD" is not a value that is known here: did you mean "PAUSED"?',
 *   'spec.notebook_path: "../etl" is relative to a file, and Databricks has none: write the path in the workspace',
 * ]);
 * ```
 */
export function doubtfulValues(schema: z.ZodType, spec: unknown): SpecIssue[] {
  return walk(spec, { schema, path: "spec", field: "" });
}

/** The place of a value. */
interface Place {
  readonly schema: z.ZodType | undefined;
  readonly path: string;
  /** The name of the field that contains it. */
  readonly field: string;
}

function walk(value: unknown, { schema, path, field }: Place): SpecIssue[] {
  if (Array.isArray(value)) {
    const element = elementOf(schema);
    return value.flatMap((one, index) => walk(one, { schema: element, path: `${path}[${index}]`, field }));
  }
  if (isObject(value)) {
    const shape = shapeOf(schema);
    return Object.entries(value).flatMap(([name, content]) =>
      walk(content, { schema: own(shape, name), path: `${path}.${name}`, field: name })
    );
  }
  if (typeof value !== "string") return [];
  const message = doubtOf(value, field, schema);
  return message === undefined ? [] : [{ path, message }];
}

function doubtOf(value: string, field: string, schema: z.ZodType | undefined): string | undefined {
  const said = JSON.stringify(shorten(value, SHOWN));
  const [unresolved] = value.match(UNRESOLVED) ?? [];
  if (unresolved !== undefined) {
    return `${said} holds ${shorten(unresolved, SHOWN)}, which only bundles resolve: write the value`;
  }
  if (IS_PATH.test(field) && /^\.\.?\//.test(value)) {
    return `${said} is relative to a file, and Databricks has none: write the path in the workspace`;
  }
  const known = metaOf(schema, "knownValues") as readonly string[] | undefined;
  // Databricks accepts some in another case, and the kinds' rules cover that.
  if (known === undefined || known.some((one) => one.toLowerCase() === value.toLowerCase())) return undefined;
  const meant = nearest(value, known);
  const advice = meant === undefined ? `known are ${known.join(", ")}` : `did you mean "${meant}"?`;
  return `${said} is not a value that is known here: ${advice}`;
}
