/** Bounds of the sizes of values, which the cost of going through them depends on. @module */
import type { Type } from "./types.ts";

/** The fewest and the most elements, or characters. */
export interface Size {
  readonly least: number;
  readonly most: number;
}

/** A value whose size may be estimated. */
export interface Operand {
  readonly type: Type;
  readonly size: Size | undefined;
  /** The size of a list's elements, where the schema declares it. */
  readonly elements: Size | undefined;
  /** The value, where the rule states it. */
  readonly literal: unknown;
}

/** Any size. */
export const UNKNOWN: Size = { least: 0, most: Infinity };

/** Multiplies; nothing of an infinite size is nothing. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** The size of one of several. */
export function union(sizes: readonly Size[]): Size | undefined {
  if (sizes.length === 0) return undefined;
  return {
    least: Math.min(...sizes.map(({ least }) => least)),
    most: Math.max(...sizes.map(({ most }) => most)),
  };
}
