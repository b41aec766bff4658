/**
 * Converts the answers of the Pipelines API about updates to those about runs.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";

type Fields = Record<string, unknown>;

/** The states of an update (pipelines.UpdateInfoState), as those of a run; an unknown one counts as running. */
const states: Readonly<Record<string, { readonly life_cycle_state: string; readonly result_state?: string }>> = {
  QUEUED: { life_cycle_state: "QUEUED" },
  CREATED: { life_cycle_state: "PENDING" },
  WAITING_FOR_RESOURCES: { life_cycle_state: "PENDING" },
  INITIALIZING: { life_cycle_state: "PENDING" },
  STOPPING: { life_cycle_state: "TERMINATING" },
  COMPLETED: { life_cycle_state: "TERMINATED", result_state: "SUCCESS" },
  FAILED: { life_cycle_state: "TERMINATED", result_state: "FAILED" },
  CANCELED: { life_cycle_state: "TERMINATED", result_state: "CANCELED" },
};

/** The update in an answer of get; empty if there is none. */
export function updateIn(answer: Fields | undefined): Fields {
  return isObject(answer?.update) ? answer.update : {};
}

/** The updates that a pipeline's own answer lists. */
export function shownUpdates({ latest_updates: rows }: Fields): Fields[] {
  return Array.isArray(rows) ? rows.filter(isObject) : [];
}

/** True for a pipeline whose update never ends. */
export function isContinuous({ spec }: Fields): boolean {
  return isObject(spec) && spec.continuous === true;
}

/** True for an update that has ended. */
export function isUpdateOver({ state }: Fields): boolean {
  return states[String(state)]?.result_state !== undefined;
}

/** The time at which an update began (ms since the epoch); 0 if it is unknown. Some answers have it as text. */
export function updateTime({ creation_time: time }: Fields): number {
  const ms = typeof time === "string" && !/^\d+$/.test(time) ? Date.parse(time) : Number(time ?? 0);
  return ms > 0 ? ms : 0;
}

/** An update as a run. */
export function runOfUpdate(update: Fields, { pipeline_id, url }: { pipeline_id: string; url: string }): Fields {
  const { update_id, state, creator_user_name } = update;
  return {
    run_id: update_id,
    pipeline_id,
    run_page_url: url,
    start_time: updateTime(update),
    ...(creator_user_name === undefined ? {} : { creator_user_name }),
    ...(state === undefined ? {} : { state: states[String(state)] ?? { life_cycle_state: "RUNNING" } }),
    update,
  };
}

/** The events about one update. */
export function eventsAbout(update_id: unknown, events: readonly Fields[]): Fields[] {
  return events.filter(({ origin }) => isObject(origin) && origin.update_id === update_id);
}

/** The time at which an update ended (ms since the epoch): that of the last event about its progress. */
export function endIn(events: readonly Fields[]): number | undefined {
  const times = events.filter(({ event_type }) => event_type === "update_progress")
    .map(({ timestamp }) => Date.parse(String(timestamp))).filter((time) => time > 0);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** The error of the earliest failed event: later errors follow from it. */
export function firstError(events: readonly Fields[]): string | undefined {
  const failed = events.filter(({ level, error }) => level === "ERROR" && isObject(error));
  const [first] = failed.toSorted((a, b) => String(a.timestamp).localeCompare(String(b.timestamp)));
  const exceptions = isObject(first?.error) && Array.isArray(first.error.exceptions) ? first.error.exceptions : [];
  const told = exceptions.filter(isObject).map(({ message }) => message).find((message) => typeof message === "string");
  return told ?? (typeof first?.message === "string" ? first.message : undefined);
}

/**
 * True if a setting of an update is as it was sent. An answer may omit a value that is false or empty.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isSameSetting } from "./updates.ts";
 *
 * assert.ok(isSameSetting(undefined, false));
 * assert.ok(isSameSetting(["b", "a"], ["a", "b"]));
 * assert.ok(!isSameSetting(true, undefined));
 * ```
 */
export function isSameSetting(held: unknown, sent: unknown): boolean {
  return plain(held) === plain(sent);
}

function plain(value: unknown): string {
  if (value === undefined || value === null || value === false) return "";
  const entries = Array.isArray(value) ? value.toSorted() : isObject(value) ? Object.entries(value).sort() : [value];
  return entries.length === 0 ? "" : JSON.stringify(entries);
}
