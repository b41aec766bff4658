/** Errors in literals: invalid patterns, durations and times, and lists of mixed types. @module */
import type { Checked, Mistake } from "./check.ts";
import type { Expression } from "./expression.ts";
import { textOf } from "./types.ts";

const DURATION = /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const isValid: Record<string, (text: string) => boolean> = {
  matches: isPattern,
  duration: (text) => DURATION.test(text),
  timestamp: (text) => TIME.test(text) && !Number.isNaN(Date.parse(text)),
};

/** True for a pattern of RE2, which has neither backreferences nor lookaround. */
function isPattern(text: string): boolean {
  if (/(?<!\\)(\\\\)*(\\[1-9]|\(\?(<?[=!]))/.test(text)) return false;
  try {
    new RegExp(text.replace(/\(\?[imsU]+(?=[:)])/g, "(?:").replaceAll("(?:)", "").replaceAll("(?P<", "(?<"));
    return true;
  } catch {
    return false;
  }
}

/** The errors in the literals of a type-checked expression. */
export function literalMistakes(expression: Expression, checked: Checked, isExempt = false): Mistake[] {
  const isFormat = expression.kind === "call" && expression.name === "format";
  const own = mistakeOf(expression, checked, isExempt);
  const below = partsOf(expression).flatMap((part) => literalMistakes(part, checked, isExempt || isFormat));
  return [...own, ...below];
}

const LARGEST = 2n ** 63n;

function mistakeOf(expression: Expression, { types }: Checked, isExempt: boolean): Mistake[] {
  if (expression.kind === "literal" && typeof expression.value === "bigint") {
    const isInt = expression.value < LARGEST && expression.value >= -LARGEST;
    return isInt ? [] : [{ at: expression.at, message: "invalid int literal" }];
  }
  if (expression.kind === "call") {
    const [arg] = expression.args;
    const check = isValid[expression.name];
    if (!check || arg?.kind !== "literal" || typeof arg.value !== "string" || check(arg.value)) return [];
    return [{ at: arg.at, message: `invalid ${expression.name} argument` }];
  }
  if (isExempt) return [];
  const mixed = (all: readonly Expression[]): Mistake[] => {
    const [first = "", ...rest] = all.map((one) => textOf(types.get(one)!));
    const index = rest.findIndex((text) => text !== first);
    if (index < 0) return [];
    return [{ at: all[index + 1]!.at, message: `expected type '${first}' but found '${rest[index]}'` }];
  };
  if (expression.kind === "list") return mixed(expression.elements);
  if (expression.kind !== "map") return [];
  return [...mixed(expression.entries.map(([key]) => key)), ...mixed(expression.entries.map(([, value]) => value))];
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "field":
      return [expression.of];
    case "call":
      return expression.target ? [expression.target, ...expression.args] : expression.args;
    case "list":
      return expression.elements;
    case "map":
      return expression.entries.flat();
    case "loop":
      return [expression.range, expression.start, expression.condition, expression.step, expression.end];
    default:
      return [];
  }
}
