/**
 * Masks what differs between runs, so that the final states of two runs can be compared.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { statusOf, unfold } from "../../src/reconcile/object/status.ts";

/** Status fields whose values differ between runs, or between two ways to the same final state. */
const VARIES =
  /^(resourceVersion|uid|lastTransitionTime|token|since|stamp|run_id|start_time|end_time|completion_time|run_duration_ms|repeated)$/;

/** Fields that record whether a get or a list's row showed the resource: both lead to the same final state. */
const ways = { from: undefined, listed: undefined };

/** Replaces ids, times and the given texts in a value. */
export function mask(value: unknown, texts: Readonly<Record<string, string>> = {}): unknown {
  let text = stringifyJson(value);
  for (const [from, to] of Object.entries(texts)) if (from !== "") text = text.replaceAll(from, to);
  text = text.replace(/\b\d{15,19}\b/g, "0").replace(/\b1\d{12}\b/g, "0").replace(/\b[0-9a-z]{40}\b/g, "commit");
  return sorted(JSON.parse(text, (name, inner) => VARIES.test(name) ? "…" : inner));
}

/** Returns the part of an object that is compared. */
export function essence(object: KubeObject | undefined): unknown {
  if (object === undefined) return "gone";
  const { metadata: { annotations, labels, finalizers }, spec } = object;
  const { baseline, ...status } = unfold(statusOf(object));
  const { conditions } = status;
  // Lists do not tell it, so it is in a baseline from a get only.
  const { run_as: _told, ...observed } = baseline?.observed ?? {};
  return {
    metadata: { annotations, labels, finalizers },
    spec,
    status: {
      ...status,
      baseline: { ...baseline, ...(baseline?.observed === undefined ? {} : { observed }), ...ways },
      conditions: conditions?.toSorted((a, b) => a.type < b.type ? -1 : 1),
    },
  };
}

/** Sorts the fields of every object. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]));
}
