import assert from "node:assert/strict";
import { timeZoneProblem } from "./time_zone.ts";

for (
  const id of ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Calcutta", "US/Pacific", "PST", "GMT+5", "Etc/GMT-14"]
) {
  Deno.test(`time zone ${id} is neither rejected nor doubtful`, () => {
    assert.equal(timeZoneProblem(id), undefined);
  });
}
for (const id of ["Europe/Berln", "Berlin", "", "Mars/Olympus"]) {
  Deno.test(`time zone "${id}" is rejected`, () => {
    assert.equal(timeZoneProblem(id)?.isCertain, true);
  });
}
Deno.test("a time zone in another case is doubtful", () => {
  assert.match(timeZoneProblem("europe/berlin")?.message ?? "", /is written "Europe\/Berlin"/);
});
