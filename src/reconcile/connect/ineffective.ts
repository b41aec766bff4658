/**
 * Settings that can be read but have no effect, with the Event for each.
 *
 * @module
 */
import type { EventReason } from "../object/reasons.ts";
import { ingestedInVain } from "./ingest_choice.ts";

/** The result of reading a place's settings. */
export interface ReadSettings {
  readonly data: Readonly<Record<string, string>>;
  /** Unknown keys. */
  readonly unknown: readonly string[];
  /** The plurals of the managed kinds. */
  readonly plurals: readonly string[];
}

/**
 * The Events about settings without effect.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ineffective } from "./ineffective.ts";
 *
 * const [first] = ineffective({ data: { ingst: "all" }, unknown: ["ingst"], plurals: [] });
 * assert.equal(first?.[0], "UnknownSetting");
 * ```
 */
export function ineffective({ data, unknown, plurals }: ReadSettings): [reason: EventReason, message: string][] {
  const told: [EventReason, string][] = [];
  if (unknown.length > 0) {
    told.push(["UnknownSetting", `${unknown.join(", ")}: no such setting, so it has no effect; check the spelling`]);
  }
  const kinds = ingestedInVain(data.ingest ?? "", plurals).join(", ");
  if (kinds !== "") {
    const wayOut = `add ${kinds} to --kinds (the chart's value kinds), or take the word out of ingest`;
    told.push(["KindNotManaged", `ingest: "${data.ingest}": this operator does not work on ${kinds}: ${wayOut}`]);
  }
  return told;
}
