/**
 * Annotation `sync`: its author wants the operator to look at the resource now, and not only at the next sweep. Each text
 * asks once.
 *
 * @module
 */
import { escapeControls, shorten } from "../../../base/text.ts";
import { annotation } from "../../object/status.ts";
import type { Context } from "../context.ts";
import type { Pass } from "../pass.ts";
import type { Work } from "../work.ts";

/** The longest text that the status repeats (characters). */
const MAX_TEXT = 256;

/** The text of a request that was not handled yet. */
function requestOf({ object, status }: Pass): string | undefined {
  const value = annotation(object, "sync");
  if (value === undefined || value === "") return undefined;
  const text = shorten(escapeControls(value), MAX_TEXT);
  return text === status.sync_request?.text ? undefined : text;
}

/**
 * What an error keeps from being done, when somebody wants Databricks to be asked whatever is known; else `undefined`. What
 * has calls of its own is then read as well.
 */
export function askedAnew({ pass, here }: Work): string | undefined {
  if (requestOf(pass) === undefined) return undefined;
  here.partReads.ask(pass.key);
  here.pollRuns();
  return `Cannot look at ${pass.label}, as annotation databricks-operator/sync asks`;
}

/** Notes that the resource was looked at, or that there is none to look at. */
export function noteSync({ clock }: Pick<Context, "clock">, pass: Pass): void {
  const text = requestOf(pass);
  if (text !== undefined) pass.status.sync_request = { text, at: new Date(clock.now()).toISOString() };
}
