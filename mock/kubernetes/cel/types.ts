/**
 * Types of CEL expressions, and the unification that finds the types of parameters such as the `A` of `list(A)`.
 *
 * @module
 */
import type { Declared } from "./declared.ts";

/** A type. Object types have unique names, which distinguish them. */
export interface Type {
  readonly kind: "simple" | "list" | "map" | "object" | "opaque" | "type" | "parameter";
  readonly name: string;
  readonly parameters: readonly Type[];
  /** The fields of an object. */
  readonly fields?: ReadonlyMap<string, Declared>;
}

function simple(name: string): Type {
  return { kind: "simple", name, parameters: [] };
}

/** The types without parameters, by name. `!error!` is the type of an invalid expression; it fits everywhere. */
export const simpleTypes = {
  any: simple("any"),
  bool: simple("bool"),
  bytes: simple("bytes"),
  double: simple("double"),
  duration: simple("duration"),
  dyn: simple("dyn"),
  error: simple("!error!"),
  int: simple("int"),
  null: simple("null"),
  string: simple("string"),
  timestamp: simple("timestamp"),
  uint: simple("uint"),
};

/** A list of elements of a type. */
export function listOf(element: Type): Type {
  return { kind: "list", name: "list", parameters: [element] };
}

/** A map. */
export function mapOf(key: Type, value: Type): Type {
  return { kind: "map", name: "map", parameters: [key, value] };
}

/** The type of a type, such as that of `int` in `type(x) == int`. */
export function typeOf(type: Type): Type {
  return { kind: "type", name: "type", parameters: [type] };
}

/** An optional value. */
export function optionalOf(value: Type): Type {
  return { kind: "opaque", name: "optional_type", parameters: [value] };
}

/** A type parameter, which is inferred later. */
export function parameter(name: string): Type {
  return { kind: "parameter", name, parameters: [] };
}

/** The value type of an optional; any other type unchanged. */
export function unwrapOptional(type: Type): Type {
  return type.name === "optional_type" ? type.parameters[0]! : type;
}

/** A type in the notation of messages, such as `map(string, list(int))`. */
export function textOf({ name, parameters }: Type): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(textOf).join(", ")})`;
}

/** True for a type whose checks are deferred until the rule runs. */
export function isDyn({ name }: Type): boolean {
  return name === "dyn" || name === "any" || name === "!error!";
}

const NULLABLE = new Set(["any", "duration", "timestamp"]);

function isNullable({ kind, name }: Type): boolean {
  return name === "null" || kind === "object" || kind === "opaque" || NULLABLE.has(name);
}

function withParameters(type: Type, parameters: readonly Type[]): Type {
  return type.parameters.length === 0 ? type : { ...type, parameters };
}

/** The types bound to type parameters. */
export class Bindings {
  #types: ReadonlyMap<string, Type> = new Map();

  /** True if values of the given types fit the expected types; the bindings are kept if so. */
  unify(given: readonly Type[], expected: readonly Type[]): boolean {
    const before = this.#types;
    const fits = given.length === expected.length && given.every((type, index) => this.#fits(type, expected[index]!));
    if (!fits) this.#types = before;
    return fits;
  }

  /** A type with its parameters replaced; if `isLast`, unbound ones become `dyn`. */
  resolve(type: Type, isLast = false): Type {
    const bound = type.kind === "parameter" ? this.#types.get(type.name) : undefined;
    if (bound) return this.resolve(bound, isLast);
    if (type.kind === "parameter" && isLast) return simpleTypes.dyn;
    return withParameters(type, type.parameters.map((one) => this.resolve(one, isLast)));
  }

  #fits(a: Type, b: Type): boolean {
    if (b.kind === "parameter") {
      const known = this.#bind(a, b);
      if (known !== "occurs") return known === "fits";
    }
    if (a.kind === "parameter") return this.#bind(b, a) === "fits";
    if (isDyn(a) || isDyn(b)) return true;
    if (a.name === "null" || b.name === "null") return isNullable(a.name === "null" ? b : a);
    if (a.kind !== b.kind) return false;
    if (a.kind === "type") return true;
    return a.name === b.name && this.#allFit(a.parameters, b.parameters);
  }

  #allFit(given: readonly Type[], expected: readonly Type[]): boolean {
    return given.length === expected.length && given.every((type, index) => this.#fits(type, expected[index]!));
  }

  /** Binds a parameter to a type, or compares the type with the one that is bound. */
  #bind(type: Type, to: Type): "fits" | "differs" | "occurs" {
    if (type.kind === "parameter" && type.name === to.name) return "fits";
    const bound = this.#types.get(to.name);
    if (bound && textOf(bound) === textOf(type)) return "fits";
    if (bound && !this.#fits(type, bound)) return "differs";
    const next = bound ? moreGeneral(type, bound) : type;
    if (!this.#isIn(to, next)) this.#types = new Map([...this.#types, [to.name, next]]);
    else if (!bound) return "occurs";
    return "fits";
  }

  #isIn(wanted: Type, type: Type): boolean {
    if (type.kind !== "parameter") return type.parameters.some((one) => this.#isIn(wanted, one));
    if (type.name === wanted.name) return true;
    const bound = this.#types.get(type.name);
    return bound !== undefined && this.#isIn(wanted, bound);
  }
}

/** The more general of two matching types. */
export function moreGeneral(a: Type, b: Type): Type {
  return isAsGeneral(a, b) ? a : b;
}

function isAsGeneral(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === "parameter") return true;
  if (isDyn(b) || b.kind === "parameter" || a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  return a.name === b.name && a.parameters.every((one, index) => isAsGeneral(one, b.parameters[index]!));
}
