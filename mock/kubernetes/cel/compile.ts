/**
 * Compiles rules against the type that they validate: finds their errors, in the API server's words, and their cost.
 *
 * @module
 */
import { parseRule } from "../../../src/kubernetes/cel.ts";
import { type Checked, checkTypes, type Mistake } from "./check.ts";
import { estimate } from "./cost.ts";
import type { Declared } from "./declared.ts";
import { type Expression, expressionOf } from "./expression.ts";
import { literalMistakes } from "./literals.ts";
import { Mistaken } from "./make.ts";
import { optionalOf, simpleTypes, type Type } from "./types.ts";

/** The compiled expression of a rule or of its message. */
export interface Compiled {
  /** The compile error; empty if there is none. */
  readonly error: string;
  /** The maximum cost of running it once. */
  readonly cost: number;
  readonly usesOldSelf: boolean;
}

/** A rule, and the types for its variables. */
export interface Source {
  readonly text: string;
  readonly self: Declared;
  /** True if `oldSelf` is optional, so that the rule also applies to new values. */
  readonly isOldOptional: boolean;
}

/** Compiles a rule, whose type must be `bool`. */
export function compileRule(source: Source): Compiled {
  return compile(source, {
    type: simpleTypes.bool,
    prefix: "compilation failed: ",
    otherwise: "cel expression must evaluate to a bool",
  });
}

/** Compiles the expression of a message, whose type must be `string`. */
export function compileMessage(source: Source): Compiled {
  return compile(source, {
    type: simpleTypes.string,
    prefix: "messageExpression compilation failed: ",
    otherwise: "messageExpression must evaluate to a string",
  });
}

function compile(source: Source, wanted: { type: Type; prefix: string; otherwise: string }): Compiled {
  const { text, self, isOldOptional } = source;
  const failed = (error: string): Compiled => ({ error, cost: 0, usesOldSelf: false });
  const parsed = parse(text);
  if ("mistake" in parsed) return failed(`${wanted.prefix}${show(text, [parsed.mistake])}`);
  const checked = checkTypes(
    parsed.expression,
    new Map([["self", self.type], ["oldSelf", isOldOptional ? optionalOf(self.type) : self.type]]),
  );
  const mistakes = mistakesIn(parsed.expression, checked);
  if (mistakes.length > 0) return failed(`${wanted.prefix}${show(text, mistakes)}`);
  if (checked.type.name !== wanted.type.name) return failed(wanted.otherwise);
  const cost = estimate(parsed.expression, checked, self);
  return { error: "", cost, usesOldSelf: checked.reads.has("oldSelf") };
}

function mistakesIn(expression: Expression, checked: Checked): readonly Mistake[] {
  return checked.mistakes.length > 0 ? checked.mistakes : literalMistakes(expression, checked);
}

function parse(text: string): { expression: Expression } | { mistake: Mistake } {
  try {
    return { expression: expressionOf(parseRule(text)) };
  } catch (error) {
    if (error instanceof Mistaken) return { mistake: { at: error.at, message: error.message } };
    const { summary = "", range } = error as { summary?: string; range?: { start: number } };
    const message = summary === "" ? (error as Error).message : summary;
    return { mistake: { at: range?.start ?? 0, message: `Syntax error: ${message}` } };
  }
}

/** Formats errors, each with its line and a mark below the position. */
function show(text: string, mistakes: readonly Mistake[]): string {
  const sorted = [...mistakes].sort((a, b) => a.at - b.at);
  return sorted.map(({ at, message }) => {
    const before = text.slice(0, at).split("\n");
    const line = text.split("\n")[before.length - 1] ?? "";
    const column = [...before.at(-1) ?? ""].length;
    const head = `ERROR: <input>:${before.length}:${column + 1}: ${message}`;
    return `${head}\n | ${line.replaceAll("\t", " ")}\n | ${".".repeat(column)}^`;
  }).join("\n");
}
