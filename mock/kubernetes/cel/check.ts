/**
 * Checks the types of a rule like cel-go, with its error messages.
 *
 * @module
 */
import type { Call, Expression, Loop } from "./expression.ts";
import { functions, type Overload, readType } from "./functions.ts";
import {
  Bindings,
  isDyn,
  listOf,
  mapOf,
  moreGeneral,
  optionalOf,
  parameter,
  simpleTypes,
  textOf,
  type Type,
  typeOf,
  unwrapOptional,
} from "./types.ts";

/** An error in a rule, and its position. */
export interface Mistake {
  readonly at: number;
  readonly message: string;
}

/** The result of a check. */
export interface Checked {
  readonly mistakes: readonly Mistake[];
  readonly type: Type;
  readonly types: ReadonlyMap<Expression, Type>;
  readonly calls: ReadonlyMap<Call, Resolved>;
  /** The variables that the rule uses. */
  readonly reads: ReadonlySet<string>;
}

/** The function of a call, with its qualified name and the matching overloads. */
export interface Resolved {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

type Scope = ReadonlyMap<string, Type>;

const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ...["bool", "bytes", "double", "int", "string", "uint"].map((name) => [name, typeOf(readType(name))] as const),
  ["list", typeOf(listOf(parameter("A")))],
  ["map", typeOf(mapOf(parameter("A"), parameter("B")))],
  ["null_type", typeOf(simpleTypes.null)],
  ["type", typeOf(typeOf(parameter("A")))],
  ["google.protobuf.Duration", typeOf(simpleTypes.duration)],
  ["google.protobuf.Timestamp", typeOf(simpleTypes.timestamp)],
]);

/** Checks an expression with the given variables. */
export function checkTypes(expression: Expression, variables: Scope): Checked {
  const checker = new Checker();
  checker.check(expression, new Map([...TYPE_NAMES, ...variables]));
  return checker.finish(expression);
}

class Checker {
  readonly #mistakes: Mistake[] = [];
  readonly #types = new Map<Expression, Type>();
  readonly #calls = new Map<Call, Resolved>();
  readonly #reads = new Set<string>();
  readonly #bindings = new Bindings();
  #parameters = 0;

  check(expression: Expression, scope: Scope): Type {
    const type = this.#typeOf(expression, scope);
    this.#types.set(expression, type);
    return type;
  }

  finish(expression: Expression): Checked {
    const types = new Map([...this.#types].map(([one, type]) => [one, this.#bindings.resolve(type, true)]));
    const type = types.get(expression) ?? simpleTypes.error;
    return { mistakes: this.#mistakes, type, types, calls: this.#calls, reads: this.#reads };
  }

  #typeOf(expression: Expression, scope: Scope): Type {
    switch (expression.kind) {
      case "literal":
        return expression.type;
      case "name":
        return this.#named(expression.name, expression, scope);
      case "field":
        return this.#field(expression, scope);
      case "call":
        return this.#call(expression, scope);
      case "list":
        return listOf(this.#joined(expression.elements, scope));
      case "map": {
        const [keys, values] = [expression.entries.map(([key]) => key), expression.entries.map(([, value]) => value)];
        return mapOf(this.#joined(keys, scope), this.#joined(values, scope));
      }
      case "loop":
        return this.#loop(expression, scope);
    }
  }

  #fail(at: number, message: string): Type {
    this.#mistakes.push({ at, message });
    return simpleTypes.error;
  }

  #mismatch(at: number, expected: Type, found: Type): Type {
    const [one, other] = [expected, found].map((type) => textOf(this.#bindings.resolve(type)));
    return this.#fail(at, `expected type '${one}' but found '${other}'`);
  }

  #named(name: string, { at }: Expression, scope: Scope): Type {
    this.#reads.add(name);
    return scope.get(name) ?? this.#fail(at, `undeclared reference to '${name}' (in container '')`);
  }

  #field(expression: Expression & { kind: "field" }, scope: Scope): Type {
    const qualified = expression.isTest ? undefined : qualifiedName(expression);
    const named = qualified === undefined ? undefined : scope.get(qualified);
    if (named) return named;
    const type = this.#select(expression, { of: expression.of, field: expression.field, scope });
    return expression.isTest ? simpleTypes.bool : type;
  }

  #select({ at }: Expression, { of, field, scope }: { of: Expression; field: string; scope: Scope }): Type {
    const whole = this.#bindings.resolve(this.check(of, scope));
    const type = unwrapOptional(whole);
    const found = this.#fieldOf(type, field, at);
    return type === whole ? found : optionalOf(found);
  }

  #fieldOf(type: Type, field: string, at: number): Type {
    if (type.kind === "map") return type.parameters[1]!;
    if (type.kind === "object" && !type.fields) {
      return this.#fail(at, `unexpected failed resolution of '${type.name}'`);
    }
    if (type.kind === "object") {
      // A reserved word of CEL may be spelt without its escapes.
      const { type: found } = type.fields?.get(field) ?? type.fields?.get(`__${field}__`) ?? {};
      return found ?? this.#fail(at, `undefined field '${field}'`);
    }
    if (type.kind === "parameter") this.#bindings.unify([simpleTypes.dyn], [type]);
    else if (!isDyn(type)) this.#fail(at, `type '${textOf(type)}' does not support field selection`);
    return simpleTypes.dyn;
  }

  #call(expression: Call, scope: Scope): Type {
    const { at, name, target, args } = expression;
    if (name === "_?._") return this.#optionalField(expression, scope);
    const types = args.map((arg) => this.check(arg, scope));
    const qualified = target && qualifiedName(target);
    if (qualified !== undefined && functions.has(`${qualified}.${name}`)) {
      return this.#resolve(expression, `${qualified}.${name}`, { types, isMember: false });
    }
    if (target) types.unshift(this.check(target, scope));
    if (functions.has(name)) return this.#resolve(expression, name, { types, isMember: target !== undefined });
    if (name === "has") return this.#fail(args[0]?.at ?? at, "invalid argument to has() macro");
    return this.#fail(at, `undeclared reference to '${name}' (in container '')`);
  }

  #optionalField(expression: Call, scope: Scope): Type {
    const [of, field] = expression.args as [Expression, Expression & { kind: "literal" }];
    this.check(field, scope);
    this.#calls.set(expression, { name: "_?._", overloads: functions.get("dyn")! });
    const type = this.#select(expression, { of, field: String(field.value), scope });
    return type.name === "optional_type" ? type : optionalOf(type);
  }

  #resolve(call: Call, name: string, { types, isMember }: { types: Type[]; isMember: boolean }): Type {
    if (name === "_&&_" || name === "_||_") return this.#logical(call, types);
    let result: Type | undefined;
    for (const overload of functions.get(name) ?? []) {
      if (overload.isMember !== isMember) continue;
      const { takes, gives } = this.#instance(overload);
      if (!this.#bindings.unify(types, takes)) continue;
      this.#calls.set(call, { name, overloads: [...this.#calls.get(call)?.overloads ?? [], overload] });
      const type = this.#bindings.resolve(gives);
      if (result === undefined) result = type;
      else if (textOf(result) !== textOf(type)) result = simpleTypes.dyn;
    }
    return result ?? this.#noOverload(call, name, { types, isMember });
  }

  #noOverload({ at }: Call, name: string, { types, isMember }: { types: Type[]; isMember: boolean }): Type {
    const texts = types.map((type) => textOf(this.#bindings.resolve(type, true)));
    const signature = isMember ? `${texts[0]}.(${texts.slice(1).join(", ")})` : `(${texts.join(", ")})`;
    return this.#fail(at, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  #logical(call: Call, types: readonly Type[]): Type {
    this.#calls.set(call, { name: call.name, overloads: functions.get(call.name)! });
    const isWrong = types.map((type, index) => {
      if (this.#bindings.unify([type], [simpleTypes.bool])) return false;
      this.#mismatch(call.args[index]!.at, simpleTypes.bool, type);
      return true;
    });
    return isWrong.includes(true) ? simpleTypes.error : simpleTypes.bool;
  }

  /** An overload with fresh type parameters, distinct from those of any other call. */
  #instance({ takes, gives }: Overload): { takes: Type[]; gives: Type } {
    const own = `#${this.#parameters++}`;
    return { takes: takes.map((type) => renamed(type, own)), gives: renamed(gives, own) };
  }

  /** The common type of a list's elements, or of a map's keys or values; `dyn` if they differ. */
  #joined(expressions: readonly Expression[], scope: Scope): Type {
    let joined: Type | undefined;
    for (const one of expressions) {
      const type = this.check(one, scope);
      if (joined === undefined) joined = type;
      else if (this.#bindings.unify([joined], [type])) joined = moreGeneral(joined, type);
      else joined = simpleTypes.dyn;
    }
    return joined ?? parameter(`#${this.#parameters++}`);
  }

  #loop(loop: Loop, scope: Scope): Type {
    const range = this.#bindings.resolve(this.check(loop.range, scope));
    const result = this.check(loop.start, scope);
    const outer = new Map([...scope, [loop.result, result]]);
    const inner = new Map([...outer, ...this.#items(loop, range)]);
    this.#expect(loop.condition, simpleTypes.bool, inner);
    this.#expect(loop.step, result, inner);
    return this.#bindings.resolve(this.check(loop.end, outer));
  }

  #expect(expression: Expression, expected: Type, scope: Scope): void {
    const type = this.check(expression, scope);
    if (!this.#bindings.unify([expected], [type])) this.#mismatch(expression.at, expected, type);
  }

  #items({ items, range: { at } }: Loop, range: Type): [string, Type][] {
    const types = this.#itemTypes(range, at);
    const [first = "", second] = items;
    if (second !== undefined) return [[first, types[0]], [second, types[1]]];
    // A loop with one variable iterates over the items of a list, or over the keys of a map.
    return [[first, range.kind === "list" ? types[1] : types[0]]];
  }

  #itemTypes(range: Type, at: number): [key: Type, item: Type] {
    if (range.kind === "list") return [simpleTypes.int, range.parameters[0]!];
    if (range.kind === "map") return [range.parameters[0]!, range.parameters[1]!];
    if (range.kind === "parameter") this.#bindings.unify([simpleTypes.dyn], [range]);
    else if (!isDyn(range)) {
      const text = textOf(range);
      this.#fail(at, `expression of type '${text}' cannot be range of a comprehension (must be list, map, or dynamic)`);
    }
    return [simpleTypes.dyn, simpleTypes.dyn];
  }
}

function renamed(type: Type, suffix: string): Type {
  if (type.kind === "parameter") return parameter(`${type.name}${suffix}`);
  return type.parameters.length === 0
    ? type
    : { ...type, parameters: type.parameters.map((one) => renamed(one, suffix)) };
}

/** The qualified name that a chain of fields may be; `undefined` if it is not one. */
function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "field" || expression.isTest) return undefined;
  const before = qualifiedName(expression.of);
  return before === undefined ? undefined : `${before}.${expression.field}`;
}
