/**
 * Decides whether a series of samples grows: the verdict of a soak.
 *
 * @module
 */

/** One measurement. */
export interface Point {
  readonly minute: number;
  readonly value: number;
}

/**
 * The slope of the best-fitting line (value per minute).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { slopeOf } from "./slope.ts";
 *
 * assert.equal(slopeOf([{ minute: 1, value: 3 }, { minute: 2, value: 5 }, { minute: 3, value: 7 }]), 2);
 * ```
 */
export function slopeOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ minute }) => minute), mean(({ value }) => value)];
  const spread = points.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, { minute, value }) => sum + (minute - x) * (value - y), 0) / spread;
}

/** The allowed growth. */
export interface Allowance {
  /** The allowed growth over the measured time, as a share of the mean. */
  readonly share: number;
  /** The minimum of the allowed growth, for a small mean. */
  readonly atLeast: number;
}

/**
 * True if the points after the warm-up (the first third) do not grow: the fitted line rises by less than the allowance.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isFlat } from "./slope.ts";
 *
 * const points = (value: (minute: number) => number) =>
 *   Array.from({ length: 30 }, (_, minute) => ({ minute, value: value(minute) }));
 * const allowance = { share: 0.1, atLeast: 2 };
 * assert.equal(isFlat(points((minute) => 100 + (minute % 2)), allowance), true);
 * assert.equal(isFlat(points((minute) => 100 + minute), allowance), false);
 * assert.equal(isFlat(points((minute) => minute < 8 ? minute * 10 : 100), allowance), true);
 * ```
 */
export function isFlat(points: readonly Point[], { share, atLeast }: Allowance): boolean {
  const measured = afterWarmUp(points);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) return true;
  const mean = measured.reduce((sum, { value }) => sum + value, 0) / measured.length;
  return slopeOf(measured) * (last.minute - first.minute) < Math.max(mean * share, atLeast);
}

/** The points after the warm-up. */
export function afterWarmUp(points: readonly Point[]): readonly Point[] {
  return points.slice(Math.ceil(points.length / 3));
}
