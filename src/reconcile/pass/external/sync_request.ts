/**
 * Annotation `sync`: a person asks the operator to read the resource now, and not only at the next sweep. Each new text
 * is one request.
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

/** The text of a request that has not been handled yet. */
function requestOf({ object, status }: Pass): string | undefined {
  const value = annotation(object, "sync");
  if (value === undefined || value === "") return undefined;
  const text = shorten(escapeControls(value), MAX_TEXT);
  return text === status.sync_request?.text ? undefined : text;
}

/**
 * What an error would prevent, if Databricks must be read regardless of what is known; else `undefined`. Parts with
 * calls of their own are then read, too.
 */
export function askedAnew({ pass, here }: Work): string | undefined {
  if (requestOf(pass) === undefined) return undefined;
  here.partReads.ask(pass.key);
  here.pollRuns();
  return `Cannot look at ${pass.label}, as annotation databricks-operator/sync asks`;
}

/** Notes that the resource was read, or that there is none to read. */
export function noteSync({ clock }: Pick<Context, "clock">, pass: Pass): void {
  const text = requestOf(pass);
  if (text !== undefined) pass.status.sync_request = { text, at: new Date(clock.now()).toISOString() };
}
