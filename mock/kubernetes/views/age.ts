/**
 * Formats ages as `kubectl get` does.
 *
 * @module
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

type Unit = readonly [number, string];

/** The units for durations up to a limit; the second unit is omitted if it is 0. */
const scales: readonly (readonly [number, Unit, Unit?])[] = [
  [2 * MINUTE, [SECOND, "s"]],
  [10 * MINUTE, [MINUTE, "m"], [SECOND, "s"]],
  [3 * HOUR, [MINUTE, "m"]],
  [8 * HOUR, [HOUR, "h"], [MINUTE, "m"]],
  [2 * DAY, [HOUR, "h"]],
  [8 * DAY, [DAY, "d"], [HOUR, "h"]],
  [2 * YEAR, [DAY, "d"]],
  [8 * YEAR, [YEAR, "y"], [DAY, "d"]],
  [Infinity, [YEAR, "y"]],
];

/**
 * A duration in ms, in one or two units.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { duration } from "./age.ts";
 *
 * assert.equal(duration(119_000), "119s");
 * assert.equal(duration(150_000), "2m30s");
 * assert.equal(duration(49 * 3600_000), "2d1h");
 * ```
 */
export function duration(ms: number): string {
  if (ms < -SECOND) return "<invalid>";
  const rest = Math.max(0, ms);
  const [, [large, name], small] = scales.find(([limit]) => rest < limit)!;
  const whole = `${Math.floor(rest / large)}${name}`;
  const part = small ? Math.floor((rest % large) / small[0]) : 0;
  return part > 0 ? `${whole}${part}${small![1]}` : whole;
}

/** Formats the age of a timestamp; `<unknown>` if there is none. */
export function ageOf(timestamp: unknown, now: number): string {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  return Number.isNaN(time) ? "<unknown>" : duration(now - time);
}
