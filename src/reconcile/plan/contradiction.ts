/**
 * A get and a list's row that do not agree. Pure.
 *
 * Either may be an old state, whichever was read later: both are answered by caches. Or the list tells the same state
 * in another form than the get. One read does not show which, so a row that was contradicted once is not yet noted as
 * the form in which lists tell the state.
 *
 * @module
 */
import { observedFingerprint } from "./baseline.ts";
import { deviations } from "./diff.ts";
import { hashOf } from "./fields.ts";
import { inWords, isCurrent, isSameManifest, isTrusted, rowHash, type Situation, withoutNew } from "./plan.ts";

/** True if the get of a managed resource does not show what the newest row shows. */
export function isContradicted(situation: Situation): boolean {
  const { observed, row, rules, baseline } = situation;
  if (row === undefined || typeof observed === "string") return false;
  if (rowHash(situation, row) === hashOf(observedFingerprint(inWords(situation, observed), rules))) return false;
  if (baseline?.observed !== undefined && isTrusted(situation)) {
    if (isCurrent(situation, baseline)) return false;
    const isSame = isSameManifest(situation, baseline) && baseline.words === true && baseline.repaired === undefined;
    // The row has changed, and no write explains it: so the get should differ from the baseline, too.
    if (isSame) return !isCurrent({ ...situation, row: withoutNew(situation, row) }, baseline);
  }
  return tellsOther(observed, row, rules);
}

/** True if a row has another value than a get; a field that the row omits proves nothing. */
export function tellsOther(
  observed: Record<string, unknown>,
  row: Record<string, unknown>,
  rules: Situation["rules"],
): boolean {
  return deviations(observed, row, rules).some(({ got }) => got !== undefined);
}
