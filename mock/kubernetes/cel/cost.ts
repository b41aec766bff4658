/**
 * The maximum cost of a rule, which the API server estimates before it accepts a CRD: every loop over a list, a map or
 * a string is assumed to have the maximum size. (cel-go's checker/cost.go, and Kubernetes' estimates for its own
 * libraries.)
 *
 * @module
 */
import { callCost } from "./call_cost.ts";
import type { Checked } from "./check.ts";
import type { Declared } from "./declared.ts";
import type { Call, Expression, Loop } from "./expression.ts";
import { type Operand, type Size, times, union, UNKNOWN } from "./sizes.ts";
import type { Type } from "./types.ts";

/** The sizes of the keys and values of a list or a map. */
interface Entries {
  readonly isList: boolean;
  readonly key: Size | undefined;
  readonly value: Size;
}

/** The value of a loop variable. */
interface Local {
  readonly path: Path;
  readonly size: Size | undefined;
  readonly entries: Entries | undefined;
}

type Path = readonly string[] | undefined;
type Locals = ReadonlyMap<string, Local>;

/** The maximum cost of an expression whose variables have a declared type. */
export function estimate(expression: Expression, checked: Checked, root: Declared): number {
  return new Estimate(checked, root).cost(expression, new Map());
}

const LIST = 10;
const MAP = 30;
const SCALARS = new Set(["bool", "double", "duration", "int", "timestamp", "uint"]);

class Estimate {
  readonly #checked: Checked;
  readonly #root: Declared;
  readonly #sizes = new Map<Expression, Size>();
  readonly #entries = new Map<Expression, Entries>();
  readonly #paths = new Map<Expression, Path>();

  constructor(checked: Checked, root: Declared) {
    this.#checked = checked;
    this.#root = root;
  }

  cost(expression: Expression, locals: Locals): number {
    switch (expression.kind) {
      case "literal":
        return 0;
      case "name": {
        const local = locals.get(expression.name);
        this.#paths.set(expression, local ? local.path : [expression.name]);
        return 1;
      }
      case "field":
        return this.#field(expression, locals);
      case "call":
        return this.#call(expression, locals);
      case "list":
      case "map":
        return this.#literal(expression, locals);
      case "loop":
        return expression.items.length === 0 ? this.#binding(expression, locals) : this.#loop(expression, locals);
    }
  }

  #typeOf(expression: Expression): Type {
    return this.#checked.types.get(expression)!;
  }

  #field(expression: Expression & { kind: "field" }, locals: Locals): number {
    // A qualified name, such as that of a type.
    if (!this.#checked.types.has(expression.of)) {
      this.#paths.set(expression, [expression.field]);
      return 1;
    }
    const below = this.cost(expression.of, locals);
    // has() is free.
    if (expression.isTest) return below;
    this.#paths.set(expression, [...this.#paths.get(expression.of) ?? [], expression.field]);
    const { kind } = this.#typeOf(expression.of);
    return below + (kind === "map" || kind === "object" ? 1 : 0);
  }

  #literal(expression: Expression & { kind: "list" | "map" }, locals: Locals): number {
    const isList = expression.kind === "list";
    const parts = isList ? expression.elements : expression.entries.flat();
    const cost = parts.reduce((sum, part) => sum + this.cost(part, locals), 0);
    const values = parts.filter((_part, index) => isList || index % 2 === 1);
    const keys = isList ? [] : parts.filter((_part, index) => index % 2 === 0);
    const sizeOf = (all: readonly Expression[]) =>
      union(all.map((one) => this.#sizeOf(one, locals) ?? UNKNOWN)) ?? { least: 0, most: 0 };
    this.#entries.set(expression, { isList, key: isList ? undefined : sizeOf(keys), value: sizeOf(values) });
    return cost + (isList ? LIST : MAP);
  }

  #call(call: Call, locals: Locals): number {
    const args = call.args.map((arg) => this.cost(arg, locals));
    const target = call.target && !this.#isPrefix(call.target) ? call.target : undefined;
    const own = target ? this.cost(target, locals) : 0;
    const whole = args.reduce((sum, one) => sum + one, 0);
    if (call.name === "dyn") {
      this.#copy(call, call.args[0]!, locals);
      return 1 + whole;
    }
    if (call.name === "_&&_" || call.name === "_||_") return own + whole;
    if (call.name === "_?_:_") return this.#choice(call, args, locals);
    return own + whole + this.#work(call, target, locals);
  }

  /** True for the namespace of a function's name, such as `optional`. */
  #isPrefix(target: Expression): boolean {
    return !this.#checked.types.has(target);
  }

  #choice(call: Call, [test = 0, yes = 0, no = 0]: readonly number[], locals: Locals): number {
    const [, left, right] = call.args as [Expression, Expression, Expression];
    const size = union([left, right].map((one) => this.#sizeOf(one, locals) ?? UNKNOWN))!;
    this.#sizes.set(call, size);
    this.#join(call, [left, right], locals);
    return test + Math.max(yes, no);
  }

  /** The cost of the call itself: the maximum over its overloads. */
  #work(call: Call, target: Expression | undefined, locals: Locals): number {
    const operands = [...target ? [target] : [], ...call.args].map((one) => this.#operand(one, locals));
    const { name = "", overloads = [] } = this.#checked.calls.get(call) ?? {};
    const estimates = overloads.map((overload) => callCost(name, overload, operands));
    const isIndex = call.name === "_[_]" && overloads.some(({ takes }) => takes[0]!.kind !== "opaque");
    if (isIndex) {
      const container = call.args[0]!;
      const step = this.#typeOf(container).kind === "list" ? "@items" : "@values";
      this.#paths.set(call, [...this.#pathOf(container, locals) ?? [], step]);
    }
    if (call.name === "_+_") this.#join(call, call.args, locals);
    const size = union(estimates.flatMap(({ result }) => result ? [result] : [])) ??
      (isIndex ? this.#entriesOf(call.args[0]!, locals)?.value : undefined) ?? this.#sizeOf(call, locals);
    if (size) this.#sizes.set(call, size);
    return Math.max(0, ...estimates.map(({ cost }) => cost));
  }

  #operand(expression: Expression, locals: Locals): Operand {
    const type = this.#typeOf(expression);
    const path = this.#pathOf(expression, locals);
    return {
      type,
      size: this.#sizeOf(expression, locals),
      elements: path && this.#declared([...path, "@items"]),
      literal: expression.kind === "literal" ? expression.value : undefined,
    };
  }

  #loop(loop: Loop, locals: Locals): number {
    const before = this.cost(loop.range, locals) + this.cost(loop.start, locals);
    const outer = new Map([...locals, [loop.result, this.#local(loop.start, locals)]]);
    const inner = new Map([...outer, ...this.#items(loop, locals)]);
    const once = this.cost(loop.condition, inner) + this.cost(loop.step, inner);
    const count = this.#sizeOf(loop.range, locals) ?? UNKNOWN;
    if (loop.start.kind === "literal") this.#sizes.set(loop, { least: 1, most: 1 });
    else {
      this.#sizes.set(loop, count);
      const entries = this.#entriesOf(loop.step, inner);
      if (entries) this.#entries.set(loop, entries);
    }
    return before + times(count.most, once) + this.cost(loop.end, outer);
  }

  #items({ range, items }: Loop, locals: Locals): [string, Local][] {
    const entries = this.#entriesOf(range, locals);
    const isList = entries?.isList ?? this.#typeOf(range).kind === "list";
    const path = this.#pathOf(range, locals) ?? [];
    const key: Local = { path: [...path, isList ? "@indices" : "@keys"], size: entries?.key, entries: undefined };
    const item: Local = { path: [...path, isList ? "@items" : "@values"], size: entries?.value, entries: undefined };
    const [first = "", second] = items;
    if (second !== undefined) return [[first, key], [second, item]];
    return [[first, isList ? item : key]];
  }

  #binding(loop: Loop, locals: Locals): number {
    const cost = this.cost(loop.range, locals) + this.cost(loop.start, locals);
    const inner = new Map([...locals, [loop.result, this.#local(loop.start, locals)]]);
    const inside = this.cost(loop.end, inner);
    this.#copy(loop, loop.end, inner);
    return cost + inside;
  }

  #local(expression: Expression, locals: Locals): Local {
    const [path, entries] = [this.#pathOf(expression, locals), this.#entriesOf(expression, locals)];
    return { path, size: this.#sizeOf(expression, locals), entries };
  }

  #copy(to: Expression, from: Expression, locals: Locals): void {
    const [size, entries] = [this.#sizeOf(from, locals), this.#entriesOf(from, locals)];
    if (size) this.#sizes.set(to, size);
    if (entries) this.#entries.set(to, entries);
  }

  /** Sets the entries of a value that is one of several, or that combines them. */
  #join(to: Expression, from: readonly Expression[], locals: Locals): void {
    const all = from.map((one) => this.#entriesOf(one, locals));
    const [first] = all;
    if (!first || all.includes(undefined)) return;
    const value = union(all.map((one) => one!.value))!;
    this.#entries.set(to, { ...first, value });
  }

  #pathOf(expression: Expression, locals: Locals): Path {
    const local = expression.kind === "name" ? locals.get(expression.name) : undefined;
    return local ? local.path : this.#paths.get(expression);
  }

  #entriesOf(expression: Expression, locals: Locals): Entries | undefined {
    const known = this.#entries.get(expression);
    return known ?? (expression.kind === "name" ? locals.get(expression.name)?.entries : undefined);
  }

  #sizeOf(expression: Expression, locals: Locals): Size | undefined {
    const known = this.#sizes.get(expression) ?? literalSize(expression);
    if (known) return known;
    const path = this.#pathOf(expression, locals);
    const declared = path && this.#declared(path);
    if (declared) return declared;
    if (isScalar(this.#typeOf(expression))) return { least: 1, most: 1 };
    return expression.kind === "name" ? locals.get(expression.name)?.size : undefined;
  }

  /** The size at a path below `self`. */
  #declared(path: readonly string[]): Size | undefined {
    if (path.length === 0) return undefined;
    let declared: Declared | undefined = this.#root;
    for (const step of path.slice(1)) {
      if (step === "@items" || step === "@values") declared = declared?.element;
      else declared = step === "@keys" ? declared?.key : declared?.fields?.get(step);
    }
    return declared && { least: 0, most: declared.most };
  }
}

function literalSize(expression: Expression): Size | undefined {
  if (expression.kind === "list") return exactly(expression.elements.length);
  if (expression.kind === "map") return exactly(expression.entries.length);
  if (expression.kind !== "literal") return undefined;
  const { value } = expression;
  if (typeof value === "string") return exactly([...value].length);
  return exactly(value instanceof Uint8Array ? value.length : 1);
}

function exactly(size: number): Size {
  return { least: size, most: size };
}

function isScalar(type: Type): boolean {
  return type.name === "optional_type" ? isScalar(type.parameters[0]!) : SCALARS.has(type.name);
}
