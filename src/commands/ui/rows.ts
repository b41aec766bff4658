/**
 * Turns an object into a row of the list.
 *
 * @module
 */
import { escapeControls, shorten } from "../../base/text.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { conditionOf } from "../../reconcile/object/conditions.ts";
import { statusOf } from "../../reconcile/object/status.ts";
import { stateOf } from "../status.ts";
import type { Row, State } from "./shapes.ts";

/** The longest message in the list, and beside one object (characters). */
const [ROW, DETAIL] = [300, 4096];

/** The key of an object in the list. */
export function rowKey(kind: string, { metadata: { namespace = "", name = "" } }: KubeObject): string {
  return `${kind}/${namespace}/${name}`;
}

/**
 * The row of an object. Its texts come from outside: marks that would mislead a reader's eye are escaped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { rowOf } from "./rows.ts";
 *
 * const { key, state, reason } = rowOf("DatabricksJob", { metadata: { name: "etl", namespace: "team" } });
 * assert.deepEqual([key, state, reason], ["DatabricksJob/team/etl", "unknown", "NotReconciled"]);
 * ```
 */
export function rowOf(kind: string, object: KubeObject): Row {
  const { namespace, name, ready, reason, message } = stateOf(kind, object);
  const state = shownState(object, ready);
  const key = rowKey(kind, object);
  return { key, kind, namespace, name, state, reason: shown(reason, ROW), message: shown(message, ROW) };
}

function shownState(object: KubeObject, ready: "True" | "False" | "Unknown"): State {
  const { plan, conditions } = statusOf(object);
  if (object.metadata.deletionTimestamp !== undefined) return "deleting";
  if (plan?.digest !== undefined) return "approval";
  if (ready === "True") return "ready";
  if (conditionOf(conditions, "Ready") === undefined) return "unknown";
  const isUnderWay = conditionOf(conditions, "Reconciling")?.status === "True";
  return isUnderWay || ready === "Unknown" ? "working" : "failed";
}

/** A text from outside, on one line and limited in length; empty for a value that is not text. */
export function shown(value: unknown, maxLength = DETAIL): string {
  return typeof value === "string" ? escapeControls(shorten(value, maxLength).replaceAll("\n", " ")) : "";
}

/**
 * The address of a web page; `undefined` for any other scheme, which might do something else in a browser.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { webAddress } from "./rows.ts";
 *
 * assert.equal(webAddress("https://example.com/jobs/1"), "https://example.com/jobs/1");
 * assert.equal(webAddress("javascript:alert(1)"), undefined);
 * ```
 */
export function webAddress(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const url = URL.parse(value);
  return url !== null && ["http:", "https:"].includes(url.protocol) ? url.href : undefined;
}
