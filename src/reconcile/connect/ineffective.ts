/**
 * Settings that can be read and have no effect, each as the Event that says so.
 *
 * @module
 */
import type { EventReason } from "../object/reasons.ts";
import { ingestedInVain } from "../observe/ingest_choice.ts";

/** What was read of a place's settings. */
export interface ReadSettings {
  readonly data: Readonly<Record<string, string>>;
  /** Keys that are no settings. */
  readonly unknown: readonly string[];
  /** The kinds that the operator works on, by their plurals. */
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
