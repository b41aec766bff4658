/**
 * A parsed rule, in the form for the checks: operators are calls, and macros such as `all` are loops.
 *
 * @module
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { call, literal } from "./make.ts";
import { member } from "./macros.ts";
import type { Type } from "./types.ts";

/** An expression, and its position in the rule's text. */
export type Expression =
  & { readonly at: number }
  & (
    | { readonly kind: "literal"; readonly value: unknown; readonly type: Type }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "field"; readonly of: Expression; readonly field: string; readonly isTest: boolean }
    | Call
    | { readonly kind: "list"; readonly elements: readonly Expression[] }
    | { readonly kind: "map"; readonly entries: readonly (readonly [key: Expression, value: Expression])[] }
    | Loop
  );

/** The call of a function or an operator. */
export interface Call {
  readonly kind: "call";
  readonly at: number;
  readonly name: string;
  readonly target: Expression | undefined;
  readonly args: readonly Expression[];
}

/** A loop over a list or a map's keys that accumulates a result. Without item variables, it binds a variable. */
export interface Loop {
  readonly kind: "loop";
  readonly at: number;
  readonly range: Expression;
  /** The variable of the item; or those of the index or key, and of the item. */
  readonly items: readonly string[];
  /** The variable of the accumulated result. */
  readonly result: string;
  readonly start: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly end: Expression;
}

/** Converts the library's syntax tree. */
export function expressionOf(node: ASTNode): Expression {
  const at = positionOf(node);
  switch (node.op) {
    case "value":
      return literal(at, node.args);
    case "id":
      return { kind: "name", at, name: node.args };
    case ".":
      return { kind: "field", at, of: expressionOf(node.args[0]), field: node.args[1], isTest: false };
    case ".?":
      return call(at, "_?._", [expressionOf(node.args[0]), literal(at, node.args[1])]);
    case "list":
      return { kind: "list", at, elements: node.args.map(expressionOf) };
    case "map":
      return {
        kind: "map",
        at,
        entries: node.args.map(([key, value]) => [expressionOf(key), expressionOf(value)] as const),
      };
    case "call":
      return global(at, node.args[0], node.args[1].map(expressionOf));
    case "rcall":
      return member({
        at,
        name: node.args[0],
        target: expressionOf(node.args[1]),
        args: node.args[2].map(expressionOf),
      });
    case "!_":
    case "-_":
      return unary(at, node.op, expressionOf(node.args));
    default:
      return call(at, OPERATORS[node.op] ?? `_${node.op}_`, node.args.map(expressionOf));
  }
}

const OPERATORS: Record<string, string> = { "[]": "_[_]", "[?]": "_[?_]", "?:": "_?_:_", in: "@in" };

/** The position for errors: the operator, the dot of a field, or the parenthesis of a call. */
function positionOf(node: ASTNode): number {
  const { input, op, args, start, pos } = node;
  if (op === "." || op === ".?") return input.lastIndexOf(".", pos);
  if (op === "call") return input.indexOf("(", start);
  if (op === "rcall") return input.indexOf("(", args[1].end);
  if (op === "[]" || op === "[?]") return input.indexOf("[", args[0].end);
  if (op === "?:") return input.indexOf("?", args[0].end);
  const isBinary = Array.isArray(args) && !["list", "map", "value"].includes(op);
  return isBinary ? input.indexOf(op, (args as [ASTNode, ASTNode])[0].end) : start;
}

function unary(at: number, name: string, arg: Expression): Expression {
  const isNumber = arg.kind === "literal" && (typeof arg.value === "bigint" || typeof arg.value === "number");
  if (name === "-_" && isNumber) return literal(at, -(arg.value as number));
  // Two negations cancel each other out.
  if (name === "!_" && arg.kind === "call" && arg.name === "!_") return arg.args[0]!;
  return call(at, name, [arg]);
}

function global(at: number, name: string, args: readonly Expression[]): Expression {
  const [arg] = args;
  return name === "has" && arg?.kind === "field" && args.length === 1
    ? { ...arg, at, isTest: true }
    : call(at, name, args);
}
