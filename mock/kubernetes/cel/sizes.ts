/** Bounds of the sizes of values, which determine the cost of iterating over them. @module */
import type { Type } from "./types.ts";

/** The minimum and maximum number of elements or characters. */
export interface Size {
  readonly least: number;
  readonly most: number;
}

/** A value with an estimated size. */
export interface Operand {
  readonly type: Type;
  readonly size: Size | undefined;
  /** The size of a list's elements, if the schema declares it. */
  readonly elements: Size | undefined;
  /** The value, if it is a literal in the rule. */
  readonly literal: unknown;
}

/** An unknown size. */
export const UNKNOWN: Size = { least: 0, most: Infinity };

/** Multiplies sizes; zero times infinity is zero. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** The size of a value that may be any of several. */
export function union(sizes: readonly Size[]): Size | undefined {
  if (sizes.length === 0) return undefined;
  return {
    least: Math.min(...sizes.map(({ least }) => least)),
    most: Math.max(...sizes.map(({ most }) => most)),
  };
}
