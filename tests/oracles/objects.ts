/**
 * The object's status, and the time at which its finalizer was removed.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { Condition } from "../../src/reconcile/object/conditions.ts";
import type { Evidence, Oracle } from "./evidence.ts";

/** The time limit for anything to come true: back-off, poll and slack (s). */
const BOUND = 110;

/** Rules about the object. */
export const objectOracles: readonly Oracle[] = [
  { id: "O1", title: "both sides end up as without faults, after every phase", check: checkEnds },
  { id: "O4", title: "nothing is left after a deletion", check: checkRest },
  { id: "O6", title: "nothing is written once the desired state is reached", check: ({ restless }) => [...restless] },
  { id: "O7", title: "all changes are applied within back-off, poll and slack", check: checkSpeed },
  { id: "O8", title: "Ready=True means that Databricks holds that generation", check: checkReady },
  { id: "O9", title: "lastTransitionTime changes only with the status; conditions are unique", check: checkConditions },
  { id: "O17", title: "the finalizer is removed after the external resource is gone", check: checkFinalizer },
];

function checkEnds({ snapshots, reference }: Evidence): string[] {
  return Object.keys(reference).flatMap((phase) => {
    const [is, should] = [snapshots[phase], reference[phase]].map((snapshot) => JSON.stringify(snapshot));
    return is === should ? [] : [`after ${phase}: ${firstDifference(snapshots[phase], reference[phase])}`];
  });
}

/** Describes the first difference of two values. */
export function firstDifference(is: unknown, should: unknown, path = ""): string {
  const both = [is, should];
  if (!both.every((value) => typeof value === "object" && value !== null)) {
    return `${path || "all"} is ${JSON.stringify(is)}, without faults ${JSON.stringify(should)}`;
  }
  const [a, b] = both as Record<string, unknown>[];
  const keys = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  const key = [...keys].find((one) => JSON.stringify(a?.[one]) !== JSON.stringify(b?.[one]));
  return key === undefined ? "the order of fields" : firstDifference(a?.[key], b?.[key], path ? `${path}.${key}` : key);
}

function checkRest({ sent, left }: Evidence): string[] {
  const last = sent.findLast(({ alive }) => alive !== undefined);
  const alive = left ?? last?.alive ?? 0;
  return alive === 0 ? [] : [`${alive} left at the end; the last write was ${last?.point}`];
}

function checkSpeed({ seconds }: Evidence): string[] {
  return Object.entries(seconds).filter(([, took]) => took > BOUND)
    .map(([phase, took]) => `${phase} took ${took.toFixed(1)} s`);
}

function checkReady({ sent }: Evidence): string[] {
  return sent.filter(({ holds }) => holds === false).map(({ point, phase }) =>
    `Ready=True in ${phase} (${point}), and Databricks does not hold what the manifest says`
  );
}

function conditionsOf(object: KubeObject): Condition[] {
  return (object.status?.conditions ?? []) as Condition[];
}

function checkConditions({ history }: Evidence): string[] {
  const findings: string[] = [];
  let before = new Map<string, Condition>();
  for (const object of history) {
    const conditions = conditionsOf(object);
    const now = new Map(conditions.map((condition) => [condition.type, condition]));
    if (now.size < conditions.length) findings.push(`twice the same: ${conditions.map(({ type }) => type).join()}`);
    for (const [type, { status, lastTransitionTime }] of now) {
      const old = before.get(type);
      if (old?.status === status && old.lastTransitionTime !== lastTransitionTime) {
        findings.push(`${type} stayed ${status}, and its lastTransitionTime moved`);
      }
    }
    before = now;
  }
  return findings;
}

function checkFinalizer({ sent }: Evidence): string[] {
  return sent.filter(({ aliveAtRelease = 0, effect }) => aliveAtRelease > 0 && effect !== undefined && effect < 300)
    .map(({ aliveAtRelease }) => `the finalizer was removed while ${aliveAtRelease} external resources existed`);
}
