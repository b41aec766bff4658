/** Constructors of expressions. @module */
import type { Call, Expression } from "./expression.ts";
import { simpleTypes, type Type } from "./types.ts";

/** The call of a function or an operator. */
export function call(at: number, name: string, args: readonly Expression[], target?: Expression): Call {
  return { kind: "call", at, name, target, args };
}

/** A literal value. */
export function literal(at: number, value: unknown): Expression {
  return { kind: "literal", at, value, type: literalType(value) };
}

function literalType(value: unknown): Type {
  if (value === null) return simpleTypes.null;
  if (typeof value === "string") return simpleTypes.string;
  if (typeof value === "bigint") return simpleTypes.int;
  if (typeof value === "number") return simpleTypes.double;
  if (typeof value === "boolean") return simpleTypes.bool;
  return value instanceof Uint8Array ? simpleTypes.bytes : simpleTypes.uint;
}

/** A syntax error, found before the types are known. */
export class Mistaken extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}
