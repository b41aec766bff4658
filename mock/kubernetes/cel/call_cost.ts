/**
 * Estimates the cost of function calls, without their arguments. A function that is not listed here costs 1.
 *
 * @module
 */
import type { Overload } from "./functions.ts";
import { type Operand, type Size, times, UNKNOWN } from "./sizes.ts";
import { textOf } from "./types.ts";

/** The maximum cost of a call, and the size of its result if it is known. */
export interface CallCost {
  readonly cost: number;
  readonly result?: Size;
}

type Rule = (operands: readonly Operand[], overload: Overload) => CallCost;

/** The cost of reading a character of a string, and of matching it with a character of a pattern. */
const CHARACTER = 0.1;
const PATTERN = 0.25;
/** The maximum length of a named format's pattern. */
const FORMAT = 128;

const sizeOf = (operand: Operand | undefined) => operand?.size ?? UNKNOWN;
const most = (operand: Operand | undefined) => sizeOf(operand).most;
const scaled = (size: number, factor: number) => Math.ceil(times(size, factor));

/** Estimates a call; the first operand of a member call is the receiver. */
export function callCost(name: string, overload: Overload, operands: readonly Operand[]): CallCost {
  return rules[name]?.(operands, overload) ?? { cost: 1 };
}

/** Reads the string at an index a number of times. */
function through(index: number, rounds = 1): Rule {
  return (operands) => ({ cost: scaled(most(operands[index]), rounds * CHARACTER) });
}

/** Creates a string of the same size. */
const remade: Rule = ([text]) => ({ cost: scaled(most(text), CHARACTER), result: sizeOf(text) });

const compared: Rule = ([left, right], { takes }) => {
  const size = Math.min(most(left), most(right));
  const [type] = takes;
  const isMeasured = type!.kind === "parameter" || type!.name === "string" || type!.name === "bytes";
  return { cost: isMeasured ? scaled(size, CHARACTER) : 1 };
};

const CONSTANT = new Set(["net.IP", "net.CIDR", "kubernetes.Quantity", "kubernetes.Semver"]);

const equal: Rule = (operands, overload) => {
  const [left, right] = operands as [Operand, Operand];
  const isSame = textOf(left.type) === textOf(right.type);
  if (isSame && CONSTANT.has(left.type.name)) return { cost: 1 };
  if (isSame && left.type.name === "kubernetes.NamedFormat") return { cost: scaled(64, CHARACTER) };
  if (isSame && left.type.name === "kubernetes.URL") return { cost: scaled(right.size?.most ?? 1, CHARACTER) };
  return compared(operands, overload);
};

const added: Rule = ([left, right], { takes }) => {
  const kind = takes[0]!.name;
  if (kind !== "list" && kind !== "string" && kind !== "bytes") return { cost: 1 };
  const [a, b] = [sizeOf(left), sizeOf(right)];
  const result = { least: a.least + b.least, most: a.most + b.most };
  return { cost: kind === "list" ? 1 : scaled(result.most, CHARACTER), result };
};

/** Matches a pattern, at the maximum lengths of the text and of the pattern. */
const matched: Rule = ([text, pattern], { isMember }) => {
  if (!isMember) return { cost: 1 };
  return { cost: times(scaled(most(text) + 1, CHARACTER), scaled(most(pattern), PATTERN)) };
};

const found: Rule = (operands, overload) => ({
  ...matched(operands, overload),
  result: { least: 0, most: most(operands[0]) },
});

const contained: Rule = ([text, part]) => ({
  cost: times(scaled(most(text), CHARACTER), scaled(most(part), CHARACTER)),
});

/** Compares each element of a list; strings character by character. */
const walked: Rule = ([list], { takes }) => {
  if (takes[0]!.kind !== "list") return { cost: scaled(most(list), CHARACTER) };
  const element = list!.type.parameters[0]?.name;
  const once = element === "string" || element === "bytes"
    ? 1 + scaled((list!.elements ?? UNKNOWN).most, CHARACTER)
    : 1;
  return { cost: times(most(list), once) };
};

const replaced: Rule = ([text, from, to]) => {
  const [size, old, next] = [sizeOf(text), sizeOf(from), sizeOf(to)];
  let result = Math.ceil(size.most / old.least) * next.most;
  if (old.least === 0) result = times(size.most + 1, next.most) + size.most;
  else if (next.most <= old.least) result = size.most;
  return { cost: scaled(size.most, 2 * CHARACTER), result: { least: 0, most: result } };
};

const split: Rule = ([text, _separator, limit]) => ({
  cost: scaled(most(text), 2 * CHARACTER),
  result: { least: 0, most: typeof limit?.literal === "bigint" ? Number(limit.literal) : most(text) },
});

const joined: Rule = ([list, separator]) => {
  const between = separator ? times(Math.max(0, most(list) - 1), most(separator)) : 0;
  const size = times(most(list), (list!.elements ?? UNKNOWN).most) + between;
  return { cost: scaled(size, CHARACTER), result: { least: 0, most: size } };
};

/** Creates a list of a size, at a cost per element. */
function allocated(size: number, each = 1): CallCost {
  return { cost: scaled(size, each) + 11, result: { least: size, most: size } };
}

const squared = ({ type, size = UNKNOWN }: Operand): CallCost => {
  const isText = ["string", "bytes"].includes(type.parameters[0]?.name ?? "");
  return allocated(times(size.most, size.most), isText ? 2 + CHARACTER : 2);
};

const literalOr = (operand: Operand | undefined, otherwise: number) =>
  typeof operand?.literal === "bigint" ? Number(operand.literal) : otherwise;

/** Combines each element of one list with each element of another. */
const paired = (factor: number): Rule => ([left, right]) => ({
  cost: scaled(times(most(left), most(right)), factor) + 1,
});

/** Compares an address with a range; a string is parsed first. */
const within = (base: number): Rule => ([_range, other], { takes }) => ({
  cost: base + (takes[1]!.name === "string" ? scaled(most(other), CHARACTER) : 0),
});

const rules: Record<string, Rule> = {
  "_==_": equal,
  "_!=_": compared,
  "_<_": compared,
  "_<=_": compared,
  "_>_": compared,
  "_>=_": compared,
  "_+_": added,
  "@in": ([_item, container], { takes }) => ({ cost: takes[1]!.kind === "list" ? most(container) : 1 }),
  matches: matched,
  contains: contained,
  startsWith: through(1),
  endsWith: through(1),
  bytes: ([text], { takes }) => {
    const { least, most } = sizeOf(text);
    return takes[0]!.name === "string"
      ? { cost: scaled(most, CHARACTER), result: { least, most: most * 4 } }
      : { cost: 1 };
  },
  string: ([bytes], { takes }) => takes[0]!.name === "bytes" ? remade([bytes!], { takes } as Overload) : { cost: 1 },
  "strings.quote": ([text]) => ({
    cost: scaled(most(text), CHARACTER),
    result: { least: sizeOf(text).least + 2, most: most(text) * 2 + 2 },
  }),
  format: through(0),
  isSorted: walked,
  sum: walked,
  max: walked,
  min: walked,
  indexOf: walked,
  lastIndexOf: walked,
  url: remade,
  lowerAscii: remade,
  upperAscii: remade,
  substring: remade,
  trim: remade,
  replace: replaced,
  split,
  join: joined,
  find: found,
  findAll: found,
  slice: ([list, from, to]) => allocated(literalOr(to, most(list)) - literalOr(from, 0)),
  flatten: ([list, depth]) => allocated(most(list), depth ? literalOr(depth, Infinity) : 1),
  "lists.range": ([count]) => allocated(literalOr(count, Infinity)),
  reverse: ([list]) => allocated(most(list)),
  distinct: ([list]) => allocated(times(most(list), most(list)), 2),
  sort: ([list]) => squared(list!),
  "@sortByAssociatedKeys": ([_list, keys]) => squared(keys!),
  ...Object.fromEntries(["contains", "intersects"].map((name) => [`sets.${name}`, paired(1)])),
  "sets.equivalent": paired(2),
  cidr: through(0),
  isIP: through(0),
  isCIDR: through(0),
  ip: (operands, overload) => overload.isMember ? { cost: 1 } : through(0)(operands, overload),
  "ip.isCanonical": through(0, 2),
  containsIP: within(4),
  containsCIDR: within(7),
  quantity: through(0),
  isQuantity: through(0),
  semver: through(0),
  isSemver: through(0),
  validate: ([_format, text]) => ({ cost: scaled(scaled(most(text), CHARACTER), FORMAT * PATTERN) }),
};
