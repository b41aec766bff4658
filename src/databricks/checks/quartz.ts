/**
 * Checks Quartz cron expressions, as far as possible without Quartz.
 *
 * Guarantees: whatever Quartz accepts is not refused. croner judges numbers, lists, ranges and steps, field by field,
 * after Quartz's own notation is translated for it; a form that only Quartz knows is at most doubted.
 *
 * @see https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
 * @module
 */
import { CronPattern } from "croner";

/** An error, or a possible one, in a cron expression. */
export interface QuartzProblem {
  /** True if no dialect of Quartz accepts it. */
  readonly isCertain: boolean;
  /** The error and its remedy: `hour "25" is out of range or no value`. */
  readonly message: string;
}

const FIELDS = ["second", "minute", "hour", "day of month", "month", "day of week", "year"] as const;
const [DAY, WEEKDAY] = [3, 5];
const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

/**
 * Returns the problem of a Quartz expression; `undefined` when none is known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { quartzProblem } from "./quartz.ts";
 *
 * assert.equal(quartzProblem("0 0 3 ? * MON-FRI"), undefined);
 * assert.equal(quartzProblem("0 0 25 * * ?")?.message, 'hour "25" is out of range, or no value');
 * ```
 */
export function quartzProblem(expression: string): QuartzProblem | undefined {
  const fields = expression.trim().toUpperCase().split(/\s+/);
  if (fields.length !== 6 && fields.length !== 7) {
    return certain('it has 6 or 7 fields, beginning with seconds, such as "0 0 3 * * ?"');
  }
  for (const [index, field] of fields.entries()) {
    const problem = isSpecial(index, field) ? specialProblem(index, field) : fieldProblem(index, field);
    if (problem !== undefined) return problem;
  }
  const days = [DAY, WEEKDAY].filter((index) => fields[index] === "?").length;
  if (days === 1) return undefined;
  return { isCertain: false, message: 'Quartz wants "?" for one of day of month and day of week, and only one' };
}

function certain(message: string): QuartzProblem {
  return { isCertain: true, message };
}

/** True for L, W and #, which differ between dialects. */
function isSpecial(index: number, field: string): boolean {
  return (index === DAY && /[LWC]/.test(field)) || (index === WEEKDAY && /[LC#]/.test(withoutNames(field)));
}

/** The forms that Quartz documents are right; others are uncertain. */
function specialProblem(index: number, field: string): QuartzProblem | undefined {
  const documented = index === DAY
    ? /^(L|LW|L-([0-9]|[12][0-9]|30)|([1-9]|[12][0-9]|3[01])W)$/
    : /^(L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/;
  if (documented.test(field)) return undefined;
  return {
    isCertain: false,
    message: `${FIELDS[index]} "${field}" is none of the forms of L, W and # that Quartz names`,
  };
}

function fieldProblem(index: number, field: string): QuartzProblem | undefined {
  const parts = ["*", "*", "*", "*", "*", "*", "*"];
  parts[index] = field.split(",").map((part) => inCronersWords(part, index)).join(",");
  try {
    new CronPattern(parts.join(" "), undefined, {
      mode: "6-or-7-parts",
      alternativeWeekdays: true,
      sloppyRanges: true,
    });
  } catch {
    return certain(`${FIELDS[index]} "${field}" is out of range, or no value`);
  }
}

/** Quartz accepts ranges that wrap (`22-2`, `FRI-MON`), and steps of 0, which it ignores. */
function inCronersWords(part: string, index: number): string {
  const [, from, to] = part.match(/^(\w+)-(\w+)(?:\/\d+)?$/) ?? [];
  if (from !== undefined && to !== undefined && numberOf(from, index) > numberOf(to, index)) return `${from},${to}`;
  return part.replace(/\/0+$/, "");
}

function numberOf(value: string, index: number): number {
  const names = index === WEEKDAY ? WEEKDAYS : MONTHS;
  return names.includes(value) ? names.indexOf(value) + 1 : Number(value);
}

function withoutNames(field: string): string {
  return field.replace(/SUN|MON|TUE|WED|THU|FRI|SAT/g, "");
}
