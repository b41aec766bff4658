/**
 * The cron expressions that Quartz refuses (org.quartz.CronExpression), without the details of L, W and #.
 *
 * @module
 */

/** The fields in order: name, minimum, maximum, names of values. */
const fields: readonly (readonly [name: string, least: number, most: number, names: string])[] = [
  ["Seconds", 0, 59, ""],
  ["Minutes", 0, 59, ""],
  ["Hours", 0, 23, ""],
  ["Day-of-Month", 1, 31, ""],
  ["Month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"],
  ["Day-of-Week", 1, 7, "SUN MON TUE WED THU FRI SAT"],
  ["Year", 1970, 2099, ""],
];

/** Returns Quartz's reason for refusing an expression; `undefined` if it accepts it. */
export function quartzRefusal(expression: string, bothDays: "refused" | "taken"): string | undefined {
  const parts = expression.trim().toUpperCase().split(/\s+/);
  if (parts.length < 6 || parts.length > 7) return "it must have 6 or 7 fields";
  const wrong = fields.find((field, index) => parts[index] !== undefined && !isTaken(parts[index], field));
  if (wrong !== undefined) return `${wrong[0]} values must be between ${wrong[1]} and ${wrong[2]}`;
  const isOneOpen = (parts[3] === "?") !== (parts[5] === "?");
  if (isOneOpen || bothDays === "taken") return undefined;
  return "support for specifying both a day-of-week AND a day-of-month parameter is not implemented";
}

function isTaken(part: string, [name, least, most, names]: typeof fields[number]): boolean {
  const isDay = name.startsWith("Day");
  const values = names.split(" ").filter(Boolean);
  const numbers = part.replace(/[A-Z]{3}/g, (word) => values.includes(word) ? String(values.indexOf(word) + 1) : word);
  if (isDay && /[LW#]/.test(numbers)) return true;
  return numbers.split(",").every((one) => {
    const [, range = "", step] = one.match(/^(.*?)(?:\/(\d+))?$/) ?? [];
    if (range === "*" || (range === "" && step !== undefined) || (isDay && range === "?")) {
      return Number(step ?? 0) <= most;
    }
    return /^\d+(-\d+)?$/.test(range) && range.split("-").every((value) => +value >= least && +value <= most);
  });
}
