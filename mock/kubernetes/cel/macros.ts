/** The macros that a rule may use: loops over lists and maps, and optional values. @module */
import type { Expression, Loop } from "./expression.ts";
import { call, literal, Mistaken } from "./make.ts";

/** The variable of the accumulated result; no rule can use this name. */
const RESULT = "@result";

/** A call of a member function. */
interface Member {
  readonly at: number;
  readonly name: string;
  readonly target: Expression;
  readonly args: readonly Expression[];
}

/** A call of a member function, or the loop of a macro with this name. */
export function member(one: Member): Expression {
  const { at, name, target, args } = one;
  const macro = macros[`${name}/${args.length}`];
  return macro?.(one) ?? call(at, name, args, target);
}

/** Expands a call; `undefined` if its arguments do not match the macro. */
type Macro = (one: Member) => Expression | undefined;

const macros: Record<string, Macro> = {
  "all/2": quantifier(1, all),
  "all/3": quantifier(2, all),
  "exists/2": quantifier(1, exists),
  "exists/3": quantifier(2, exists),
  "exists_one/2": quantifier(1, existsOne),
  "exists_one/3": quantifier(2, existsOne),
  "existsOne/3": quantifier(2, existsOne),
  "map/2": collected(1, false),
  "map/3": collected(1, true),
  "filter/2": quantifier(1, (at, [item, test]) => collect(at, item!, test)),
  "transformList/3": collected(2, false),
  "transformList/4": collected(2, true),
  "transformMap/3": inserted(true, false),
  "transformMap/4": inserted(true, true),
  "transformMapEntry/3": inserted(false, false),
  "transformMapEntry/4": inserted(false, true),
  "optMap/2": optional((at, value) => call(at, "optional.of", [value])),
  "optFlatMap/2": optional((_at, value) => value),
  "sortBy/2": sortBy,
};

interface Parts {
  readonly start: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly end: Expression;
}

/** A macro whose first arguments are variables for the item, or for the key and the item. */
function quantifier(names: number, parts: (at: number, args: readonly Expression[]) => Parts): Macro {
  return ({ at, target, args }) => {
    const items = args.slice(0, names).flatMap((arg) => arg.kind === "name" ? [arg.name] : []);
    if (items.length < names) return undefined;
    if (items[0] === items[1]) throw new Mistaken(args[1]!.at, `duplicate variable name: ${items[0]}`);
    return { kind: "loop", at, range: target, items, result: RESULT, ...parts(at, args) };
  };
}

const so = (at: number): Expression => ({ kind: "name", at, name: RESULT });

function all(at: number, args: readonly Expression[]): Parts {
  return {
    start: literal(at, true),
    condition: call(at, "@not_strictly_false", [so(at)]),
    step: call(at, "_&&_", [so(at), args.at(-1)!]),
    end: so(at),
  };
}

function exists(at: number, args: readonly Expression[]): Parts {
  return {
    start: literal(at, false),
    condition: call(at, "@not_strictly_false", [call(at, "!_", [so(at)])]),
    step: call(at, "_||_", [so(at), args.at(-1)!]),
    end: so(at),
  };
}

function existsOne(at: number, args: readonly Expression[]): Parts {
  const more = call(at, "_+_", [so(at), literal(at, 1n)]);
  return {
    start: literal(at, 0n),
    condition: literal(at, true),
    step: call(at, "_?_:_", [args.at(-1)!, more, so(at)]),
    end: call(at, "_==_", [so(at), literal(at, 1n)]),
  };
}

/** Appends a value to the result if a test is true. */
function collect(at: number, value: Expression, test: Expression | undefined): Parts {
  const more = call(at, "_+_", [so(at), { kind: "list", at, elements: [value] }]);
  return {
    start: { kind: "list", at, elements: [] },
    condition: literal(at, true),
    step: test ? call(at, "_?_:_", [test, more, so(at)]) : more,
    end: so(at),
  };
}

function collected(names: number, hasTest: boolean): Macro {
  return quantifier(names, (at, args) => collect(at, args.at(-1)!, hasTest ? args.at(-2) : undefined));
}

/** Inserts entries into a map: the item's key with a value, or an entry that the rule creates. */
function inserted(hasKey: boolean, hasTest: boolean): Macro {
  return quantifier(2, (at, args) => {
    const entry = hasKey ? [args[0]!, args.at(-1)!] : [args.at(-1)!];
    const more = call(at, "cel.@mapInsert", [so(at), ...entry]);
    return {
      start: { kind: "map", at, entries: [] },
      condition: literal(at, true),
      step: hasTest ? call(at, "_?_:_", [args.at(-2)!, more, so(at)]) : more,
      end: so(at),
    };
  });
}

/** Binds a variable to a value inside an expression. */
function bind(at: number, { name, value, inside }: { name: string; value: Expression; inside: Expression }): Loop {
  const range: Expression = { kind: "list", at, elements: [] };
  const step: Expression = { kind: "name", at, name };
  return {
    kind: "loop",
    at,
    range,
    items: [],
    result: name,
    start: value,
    condition: literal(at, false),
    step,
    end: inside,
  };
}

function optional(wrap: (at: number, value: Expression) => Expression): Macro {
  return ({ at, target, args: [name, inside] }) => {
    if (name?.kind !== "name" || !inside) return undefined;
    const bound = bind(at, { name: name.name, value: call(at, "value", [], target), inside });
    return call(at, "_?_:_", [call(at, "hasValue", [], target), wrap(at, bound), call(at, "optional.none", [])]);
  };
}

function sortBy({ at, target, args }: Member): Expression | undefined {
  const [item, key] = args;
  if (item?.kind !== "name" || !key) return undefined;
  const name = "@input";
  const input: Expression = { kind: "name", at, name };
  const keys: Loop = {
    kind: "loop",
    at,
    range: input,
    items: [item.name],
    result: RESULT,
    ...collect(at, key, undefined),
  };
  return bind(at, { name, value: target, inside: call(at, "@sortByAssociatedKeys", [keys], input) });
}
