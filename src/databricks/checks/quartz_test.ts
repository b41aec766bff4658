import assert from "node:assert/strict";
import { quartzProblem } from "./quartz.ts";

const right = [
  "0 0 3 * * ?",
  "0 0 3 ? * MON-FRI",
  "0 0 3 ? * mon-fri",
  "0 0 3 ? * 7",
  "0 0/15 * * * ?",
  "0 0/0 * * * ?",
  "5/20 0 3 * * ?",
  "0 0 9-17/2 ? * 2-6",
  "0 0 22-2 * * ?",
  "0 0 22-2/2 * * ?",
  "0 0 3 ? JAN,NOV-FEB FRI-MON",
  "0 0 3 ? JUL WED",
  "0 0 3 L * ?",
  "0 0 3 L-3 * ?",
  "0 0 3 LW * ?",
  "0 0 3 15W * ?",
  "0 0 3 ? * L",
  "0 0 3 ? * 6L",
  "0 0 3 ? * FRIL",
  "0 0 3 ? * 6#3",
  "0 0 3 1,15 * ? 2030-2032",
  "  0 0  3 * * ? *  ",
];
for (const expression of right) {
  Deno.test(`"${expression}" is neither rejected nor doubtful`, () => {
    assert.equal(quartzProblem(expression), undefined);
  });
}

const wrong: [expression: string, message: string][] = [
  ["0 3 * * *", 'it has 6 or 7 fields, beginning with seconds, such as "0 0 3 * * ?"'],
  ["@daily", 'it has 6 or 7 fields, beginning with seconds, such as "0 0 3 * * ?"'],
  ["0 0 25 * * ?", 'hour "25" is out of range, or no value'],
  ["0 0 22-25 * * ?", 'hour "22-25" is out of range, or no value'],
  ["0 0 25-2 * * ?", 'hour "25-2" is out of range, or no value'],
  ["60 0 3 * * ?", 'second "60" is out of range, or no value'],
  ["0 60 3 * * ?", 'minute "60" is out of range, or no value'],
  ["0 */90 3 * * ?", 'minute "*/90" is out of range, or no value'],
  ["0 0 3 32 * ?", 'day of month "32" is out of range, or no value'],
  ["0 0 3 0 * ?", 'day of month "0" is out of range, or no value'],
  ["0 0 3 ? 13 *", 'month "13" is out of range, or no value'],
  ["0 0 3 ? * 0", 'day of week "0" is out of range, or no value'],
  ["0 0 3 ? * MUN", 'day of week "MUN" is out of range, or no value'],
  ["0 0 x * * ?", 'hour "X" is out of range, or no value'],
];
for (const [expression, message] of wrong) {
  Deno.test(`"${expression}" is rejected: ${message}`, () => {
    assert.deepEqual(quartzProblem(expression), { isCertain: true, message });
  });
}

for (const expression of ["0 0 3 * * *", "0 0 3 ? * ?", "0 0 3 15W,L * ?", "0 0 3 ? * 6#7"]) {
  Deno.test(`"${expression}" is doubtful, not rejected`, () => {
    assert.equal(quartzProblem(expression)?.isCertain, false);
  });
}
