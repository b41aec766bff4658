/**
 * The functions that a rule may call: CEL's own, its extensions for strings, lists, sets and optional values, and
 * Kubernetes' libraries, as in API servers of 1.36. (https://kubernetes.io/docs/reference/using-api/cel)
 *
 * @module
 */
import { listOf, mapOf, optionalOf, parameter, simpleTypes, type Type, typeOf } from "./types.ts";

/** One signature of a function. */
export interface Overload {
  readonly isMember: boolean;
  /** The types of the arguments; for a member function, the first is the receiver's. */
  readonly takes: readonly Type[];
  readonly gives: Type;
}

const NUMBERS = ["int", "uint", "double"];
const COMPARED = ["bool", ...NUMBERS, "string", "bytes", "timestamp", "duration"];

/** Declarations with the same shape, one for each word that replaces `T`. */
function each(words: readonly string[], ...shapes: string[]): string[] {
  return shapes.flatMap((shape) => words.map((word) => shape.replaceAll("T", word)));
}

const COMPARISONS = ["_<_", "_<=_", "_>_", "_>=_"].flatMap((operator) => [
  ...each(COMPARED, `${operator}(T, T): bool`),
  ...NUMBERS.flatMap((left) =>
    NUMBERS.filter((right) => right !== left).map((right) => `${operator}(${left}, ${right}): bool`)
  ),
]);

const OPERATORS = [
  "_?_:_(bool, A, A): A",
  ...each(["&&", "||"], "_T_(bool, bool): bool"),
  "!_(bool): bool",
  "@not_strictly_false(bool): bool",
  "_==_(A, A): bool",
  "_!=_(A, A): bool",
  ...COMPARISONS,
  ...each([...NUMBERS, "string", "bytes", "list(A)", "duration"], "_+_(T, T): T"),
  "_+_(duration, timestamp): timestamp",
  "_+_(timestamp, duration): timestamp",
  ...each([...NUMBERS, "duration"], "_-_(T, T): T"),
  "_-_(timestamp, duration): timestamp",
  "_-_(timestamp, timestamp): duration",
  ...each(NUMBERS, "_*_(T, T): T", "_/_(T, T): T"),
  ...each(["int", "uint"], "_%_(T, T): T"),
  ...each(["int", "double"], "-_(T): T"),
  "_[_](list(A), int): A",
  "_[_](map(A, B), A): B",
  "_[_](optional_type(list(A)), int): optional_type(A)",
  "_[_](optional_type(map(A, B)), A): optional_type(B)",
  "_[?_](list(A), int): optional_type(A)",
  "_[?_](optional_type(list(A)), int): optional_type(A)",
  "_[?_](map(A, B), A): optional_type(B)",
  "_[?_](optional_type(map(A, B)), A): optional_type(B)",
  "@in(A, list(A)): bool",
  "@in(A, map(A, B)): bool",
];

const CONVERSIONS = [
  "type(A): type(A)",
  "dyn(A): dyn",
  ...each(["bool", "string"], "bool(T): bool"),
  ...each(["bytes", "string"], "bytes(T): bytes"),
  ...each([...NUMBERS, "string"], "double(T): double", "uint(T): uint"),
  ...each([...NUMBERS, "string", "duration", "timestamp"], "int(T): int"),
  ...each(["duration", "int", "string"], "duration(T): duration"),
  ...each(["timestamp", "int", "string"], "timestamp(T): timestamp"),
  ...each([...COMPARED, "net.IP", "net.CIDR"], "string(T): string"),
];

const TIMES = ["FullYear", "Month", "DayOfYear", "DayOfMonth", "Date", "DayOfWeek"];
const CLOCK = ["Hours", "Minutes", "Seconds", "Milliseconds"];

const STANDARD = [
  ...each(["bytes", "list(A)", "map(A, B)", "string"], "size(T): int", "T.size(): int"),
  ...each(["contains", "endsWith", "startsWith", "matches"], "string.T(string): bool"),
  "matches(string, string): bool",
  ...each([...TIMES, ...CLOCK], "timestamp.getT(): int", "timestamp.getT(string): int"),
  ...each(CLOCK, "duration.getT(): int"),
];

const STRINGS = [
  "string.charAt(int): string",
  ...each(["indexOf", "lastIndexOf"], "string.T(string): int", "string.T(string, int): int"),
  ...each(["lowerAscii", "upperAscii", "trim"], "string.T(): string"),
  "string.replace(string, string): string",
  "string.replace(string, string, int): string",
  "string.split(string): list(string)",
  "string.split(string, int): list(string)",
  "string.substring(int): string",
  "string.substring(int, int): string",
  "string.format(list(dyn)): string",
  "strings.quote(string): string",
  "list(string).join(): string",
  "list(string).join(string): string",
  "string.find(string): string",
  "string.findAll(string): list(string)",
  "string.findAll(string, int): list(string)",
];

const LISTS = [
  ...each(COMPARED, "list(T).isSorted(): bool", "list(T).max(): T", "list(T).min(): T", "list(T).sort(): list(T)"),
  ...each(COMPARED, "list(A).@sortByAssociatedKeys(list(T)): list(A)"),
  ...each([...NUMBERS, "duration"], "list(T).sum(): T"),
  "list(A).indexOf(A): int",
  "list(A).lastIndexOf(A): int",
  "list(A).slice(int, int): list(A)",
  "list(list(A)).flatten(): list(A)",
  "list(dyn).flatten(int): list(dyn)",
  "lists.range(int): list(int)",
  "list(A).reverse(): list(A)",
  "list(A).distinct(): list(A)",
  "list(A).first(): optional_type(A)",
  "list(A).last(): optional_type(A)",
  ...each(["contains", "equivalent", "intersects"], "sets.T(list(A), list(A)): bool"),
  "cel.@mapInsert(map(A, B), A, B): map(A, B)",
  "cel.@mapInsert(map(A, B), map(A, B)): map(A, B)",
];

const OPTIONALS = [
  "optional.of(A): optional_type(A)",
  "optional.ofNonZeroValue(A): optional_type(A)",
  "optional.none(): optional_type(A)",
  "optional.unwrap(list(optional_type(A))): list(A)",
  "list(optional_type(A)).unwrapOpt(): list(A)",
  "optional_type(A).value(): A",
  "optional_type(A).hasValue(): bool",
  "optional_type(A).or(optional_type(A)): optional_type(A)",
  "optional_type(A).orValue(A): A",
];

const FORMATS = [
  ...["dns1123Label", "dns1123Subdomain", "dns1035Label", "dns1123LabelPrefix", "dns1123SubdomainPrefix"],
  ...["dns1035LabelPrefix", "qualifiedName", "labelValue", "uri", "uuid", "byte", "date", "datetime"],
];

const KUBERNETES = [
  "url(string): kubernetes.URL",
  "isURL(string): bool",
  ...each(["Scheme", "Host", "Hostname", "Port", "EscapedPath"], "kubernetes.URL.getT(): string"),
  "kubernetes.URL.getQuery(): map(string, list(string))",
  "quantity(string): kubernetes.Quantity",
  "isQuantity(string): bool",
  "kubernetes.Quantity.asInteger(): int",
  "kubernetes.Quantity.asApproximateFloat(): double",
  "kubernetes.Quantity.isInteger(): bool",
  "sign(kubernetes.Quantity): int",
  ...each(["kubernetes.Quantity", "int"], "kubernetes.Quantity.add(T): kubernetes.Quantity"),
  ...each(["kubernetes.Quantity", "int"], "kubernetes.Quantity.sub(T): kubernetes.Quantity"),
  ...["kubernetes.Quantity", "kubernetes.Semver"].flatMap((type) => [
    `${type}.isGreaterThan(${type}): bool`,
    `${type}.isLessThan(${type}): bool`,
    `${type}.compareTo(${type}): int`,
  ]),
  "semver(string): kubernetes.Semver",
  "semver(string, bool): kubernetes.Semver",
  "isSemver(string): bool",
  "isSemver(string, bool): bool",
  ...each(["major", "minor", "patch"], "kubernetes.Semver.T(): int"),
  "ip(string): net.IP",
  "isIP(string): bool",
  "ip.isCanonical(string): bool",
  "net.IP.family(): int",
  ...each(["Unspecified", "Loopback", "LinkLocalMulticast", "LinkLocalUnicast", "GlobalUnicast"], "net.IP.isT(): bool"),
  "cidr(string): net.CIDR",
  "isCIDR(string): bool",
  ...each(["string", "net.IP"], "net.CIDR.containsIP(T): bool"),
  ...each(["string", "net.CIDR"], "net.CIDR.containsCIDR(T): bool"),
  "net.CIDR.ip(): net.IP",
  "net.CIDR.prefixLength(): int",
  "net.CIDR.masked(): net.CIDR",
  ...FORMATS.map((name) => `format.${name}(): kubernetes.NamedFormat`),
  "format.named(string): optional_type(kubernetes.NamedFormat)",
  "kubernetes.NamedFormat.validate(string): optional_type(list(string))",
];

/** Qualified functions that have no receiver. */
const NAMESPACES = /^(strings|lists|sets|optional|format|cel)\.|^ip\.isCanonical/;

/** Parses a type, such as `map(string, list(A))`. */
export function readType(text: string): Type {
  const [, name = "", inner] = /^([\w.]+)(?:\((.*)\))?$/.exec(text) ?? [];
  const parameters = inner === undefined ? [] : splitTypes(inner).map(readType);
  const [first = simpleTypes.dyn, second = simpleTypes.dyn] = parameters;
  if (name === "list") return listOf(first);
  if (name === "map") return mapOf(first, second);
  if (name === "optional_type") return optionalOf(first);
  if (name === "type") return typeOf(first);
  if (/^[A-Z]$/.test(name)) return parameter(name);
  if (name.startsWith("kubernetes.")) return { kind: "object", name, parameters };
  if (name.startsWith("net.")) return { kind: "opaque", name, parameters };
  return simpleTypes[name as keyof typeof simpleTypes];
}

/** Splits at the commas outside of parentheses. */
function splitTypes(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && depth === 0) parts.push("");
    else parts.push(parts.pop()! + char);
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** Parses a declaration into the name and the signature. */
function readDeclaration(line: string): [name: string, overload: Overload] {
  const end = line.lastIndexOf("): ");
  const gives = readType(line.slice(end + 3));
  const start = openingOf(line, end);
  const name = line.slice(0, start);
  const args = splitTypes(line.slice(start + 1, end)).map(readType);
  const dot = /^\W/.test(name) || NAMESPACES.test(name) ? -1 : name.lastIndexOf(".");
  if (dot < 0) return [name, { isMember: false, takes: args, gives }];
  return [name.slice(dot + 1), { isMember: true, takes: [readType(name.slice(0, dot)), ...args], gives }];
}

/** The index of the parenthesis that matches the one at `end`. */
function openingOf(line: string, end: number): number {
  let depth = 0;
  for (let index = end;; index--) {
    if (line[index] === ")") depth++;
    if (line[index] === "(" && --depth === 0) return index;
  }
}

/** All functions and operators, by name. */
export const functions: ReadonlyMap<string, readonly Overload[]> = readAll(
  [OPERATORS, CONVERSIONS, STANDARD, STRINGS, LISTS, OPTIONALS, KUBERNETES].flat(),
);

function readAll(lines: readonly string[]): Map<string, Overload[]> {
  const all = new Map<string, Overload[]>();
  for (const [name, overload] of lines.map(readDeclaration)) {
    const known = all.get(name);
    if (known) known.push(overload);
    else all.set(name, [overload]);
  }
  return all;
}
