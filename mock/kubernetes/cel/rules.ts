/**
 * Checks the rules of a CRD's schema (`x-kubernetes-validations`) as the API server does before it accepts the CRD:
 * each must compile against the types of the schema, and neither a single rule nor all of them together may cost too
 * much.
 *
 * Caveat: messages about syntax errors are the library's, not cel-go's.
 *
 * @module
 */
import { isObject } from "../../../src/base/json.ts";
import { field, type FieldError } from "../field_errors.ts";
import type { Rule, Schema } from "../schema/schema.ts";
import { type Compiled, compileMessage, compileRule } from "./compile.ts";
import { declare, type Declared, MAX_REQUEST } from "./declared.ts";
import { shapeErrors } from "./shape.ts";

/** The maximum cost of one rule, and of all rules of a schema. (apiextensions-apiserver, validation.go) */
const RULE_LIMIT = 10_000_000;
const TOTAL_LIMIT = 100_000_000;

/** A position in the schema. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** The maximum number of values of this schema in one object; `undefined` if it is unbounded. */
  readonly count: number | undefined;
  /** The path of the enclosing list whose items cannot be matched with those of the old list. */
  readonly uncorrelatable: string | undefined;
}

/** The cost of one rule. */
interface Cost {
  readonly path: string;
  readonly cost: number;
}

/** The errors of all rules of a schema that is otherwise valid. */
export function checkRules(schema: Schema, path: string): FieldError[] {
  const start: Place = { path, isRoot: true, count: 1, uncorrelatable: undefined };
  const shape = walk(schema, start, (node, { path }) => shapeErrors(node, path));
  if (shape.length > 0) return shape;
  const costs: Cost[] = [];
  const errors = walk(schema, start, (node, place) => checkNode(node, place, costs));
  return [...errors, ...totalErrors(costs, path)];
}

type Visit = (schema: Schema, place: Place) => FieldError[];

function walk(schema: Schema, place: Place, visit: Visit): FieldError[] {
  const inner = childrenOf(schema, place).flatMap(([child, at]) => walk(child, at, visit));
  return schema["x-kubernetes-validations"]?.length ? [...inner, ...visit(schema, place)] : inner;
}

function childrenOf(schema: Schema, { path, count, uncorrelatable }: Place): [Schema, Place][] {
  const most = mostOf(schema);
  const inside = { isRoot: false, count: count === undefined || most === undefined ? undefined : count * most };
  const { additionalProperties: values, items } = schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]): [Schema, Place] => [
    property,
    { ...inside, path: `${path}.properties[${name}]`, uncorrelatable },
  ]);
  const isKeyed = schema["x-kubernetes-list-type"] === "map";
  return [
    ...isObject(values) ? [[values, { ...inside, path: `${path}.additionalProperties`, uncorrelatable }]] : [],
    ...properties,
    ...items
      ? [[items, { ...inside, path: `${path}.items`, uncorrelatable: uncorrelatable ?? (isKeyed ? undefined : path) }]]
      : [],
  ] as [Schema, Place][];
}

/** The maximum number of values directly below one value of a schema. */
function mostOf({ type, additionalProperties, maxProperties, maxItems }: Schema): number | undefined {
  if (type === "object" && additionalProperties !== undefined) return boundOf(maxProperties);
  return type === "array" ? boundOf(maxItems) : 1;
}

function boundOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Math.max(0, Number(value));
}

function checkNode(schema: Schema, place: Place, costs: Cost[]): FieldError[] {
  const isWhole = place.isRoot || schema["x-kubernetes-embedded-resource"] === true;
  const self = declare(schema, { isRoot: isWhole, name: "selfType" });
  const path = `${place.path}.x-kubernetes-validations`;
  if (!self) {
    const why = "failed to construct type information for x-kubernetes-validations rules: " +
      "unable to convert structural schema to CEL declarations";
    return [{ path, reason: "InternalError", message: `Internal error: internal error: ${why}` }];
  }
  const rules = schema["x-kubernetes-validations"] ?? [];
  return rules.flatMap((rule, index) => checkRule(rule, { self, place, path: `${path}[${index}]`, costs }));
}

interface Work {
  readonly self: Declared;
  readonly place: Place;
  readonly path: string;
  readonly costs: Cost[];
}

function checkRule(rule: Rule, work: Work): FieldError[] {
  const { self, place, path } = work;
  const source = { self, isOldOptional: rule.optionalOldSelf === true };
  const compiled = compileRule({ ...source, text: rule.rule });
  // The bound of the number of values; without a bound, as many of the minimum size as fit into a request.
  const times = place.count ?? Math.floor(MAX_REQUEST / (self.least + 1));
  const errors = expressionErrors(rule, { ...work, compiled, key: "rule", times });
  const message = rule.messageExpression && compiled.error === ""
    ? compileMessage({ ...source, text: rule.messageExpression })
    : undefined;
  if (message) {
    errors.push(...expressionErrors(rule, { ...work, compiled: message, key: "messageExpression", times: 1 }));
  }
  if (compiled.usesOldSelf && place.uncorrelatable !== undefined) {
    const why = "oldSelf cannot be used on the uncorrelatable portion of the schema within";
    errors.push(field.invalid(`${path}.rule`, rule.rule, `${why} ${place.uncorrelatable}`));
  }
  if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
    const why = "may not be set if oldSelf is not used in rule";
    errors.push(field.invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, why));
  }
  return errors;
}

type Key = "rule" | "messageExpression";

function expressionErrors(
  rule: Rule,
  { compiled, key, times, path, costs }: Work & { compiled: Compiled; key: Key; times: number },
): FieldError[] {
  const where = `${path}.${key}`;
  if (compiled.error !== "") {
    const message = `Invalid value: ${show(rule)}: ${compiled.error}`;
    return [{ path: where, reason: "FieldValueInvalid", message }];
  }
  const cost = compiled.cost === 0 ? 0 : compiled.cost * times;
  costs.push({ path: where, cost });
  return cost > RULE_LIMIT ? [field.forbidden(where, excess(`estimated ${key} cost`, cost / RULE_LIMIT))] : [];
}

/** A rule in the API server's format. Before 1.36, it is `apiextensions.ValidationRule{Rule:"…", …}` instead. */
function show({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: Rule): string {
  const text = JSON.stringify({
    Rule: rule,
    Message: message ?? "",
    MessageExpression: messageExpression ?? "",
    Reason: reason ?? null,
    FieldPath: fieldPath ?? "",
    OptionalOldSelf: optionalOldSelf ?? null,
  });
  // Go escapes these in JSON so that the text is safe in HTML.
  return text.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

function excess(what: string, factor: number): string {
  const digits = factor < 1.5 ? 6 : 1;
  const text = factor > 100 ? "more than 100x" : `${factor.toFixed(digits)}x`;
  const advice = "try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and " +
    "strings are declared";
  return `${what} exceeds budget by factor of ${text} (${advice})`;
}

/** The error about the cost of all rules together, with errors for the most expensive ones. */
function totalErrors(costs: readonly Cost[], path: string): FieldError[] {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= TOTAL_LIMIT) return [];
  const expensive = costs.filter(({ cost }) => cost >= TOTAL_LIMIT / 100).sort((a, b) => b.cost - a.cost).slice(0, 4);
  const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
  const whole = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
  return [
    ...expensive.map((one) => field.forbidden(one.path, why)),
    field.forbidden(path, excess(whole, total / TOTAL_LIMIT)),
  ];
}
