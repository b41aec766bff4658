/**
 * The time zones that Databricks accepts: ids of Java's `TimeZone`, which are those of the IANA database and a few
 * more.
 *
 * @module
 */

/** Java's ids of three letters that are not in the IANA database (java.time.ZoneId.SHORT_IDS). */
const SHORT_IDS =
  /^(ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/;
/** A custom offset (java.util.TimeZone, "custom time zone ID"), and the zones of System V. */
const CUSTOM = /^(GMT|UTC|UT)[+-]\d{1,2}(:?\d{2})?$|^SystemV\//;

/**
 * Returns the problem of a time zone's id; `undefined` when none is known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { timeZoneProblem } from "./time_zone.ts";
 *
 * assert.equal(timeZoneProblem("Europe/Berlin"), undefined);
 * assert.equal(timeZoneProblem("Europe/Berln")?.isCertain, true);
 * ```
 */
export function timeZoneProblem(id: string): { readonly isCertain: boolean; readonly message: string } | undefined {
  if (SHORT_IDS.test(id) || CUSTOM.test(id)) return undefined;
  let known: string;
  try {
    known = new Intl.DateTimeFormat("en", { timeZone: id }).resolvedOptions().timeZone;
  } catch {
    return { isCertain: true, message: `is no time zone: name one of the IANA database, such as "Europe/Berlin"` };
  }
  if (known === id || known.toLowerCase() !== id.toLowerCase()) return undefined;
  return { isCertain: false, message: `is written "${known}": Databricks may not take it in another case` };
}
