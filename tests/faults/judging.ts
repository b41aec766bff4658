/**
 * Judges a plan: turns its requests and observations into evidence, and the oracles' findings into a result.
 *
 * @module
 */
import { stringifyJson } from "../../src/base/json.ts";
import { toRules } from "../../src/generate/rbac.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { kinds } from "../../src/kinds.ts";
import { judge } from "../oracles/all.ts";
import type { Evidence, Finding, Sent } from "../oracles/evidence.ts";
import { effectiveCounts, writesOf } from "../oracles/writes.ts";
import { type Point, Striker } from "./plan.ts";

/** The state and the writes of the run without faults. */
export interface Reference {
  readonly snapshots: Record<string, unknown>;
  readonly counts: Record<string, number>;
  readonly points: readonly Point[];
}

/** The result of a plan. */
export interface Result {
  readonly findings: readonly Finding[];
  /** True if every blow was used. */
  readonly isHit: boolean;
  readonly seconds: number;
  readonly sent: readonly Sent[];
  readonly evidence: Evidence;
}

/** Everything that was sent and observed in a run. */
export interface Seen extends Pick<Evidence, "sent" | "lives" | "restless" | "foreign" | "token" | "left"> {
  readonly history: readonly KubeObject[];
  readonly snapshots: Record<string, unknown>;
  readonly seconds: Record<string, number>;
  readonly events: readonly KubeObject[];
  /** The value of the story's Secret, which must not appear in any text. */
  readonly canary: string;
}

/** Makes a reference from a run without faults. */
export function referenceOf({ sent, evidence: { snapshots } }: Result): Reference {
  return { snapshots, counts: effectiveCounts(sent), points: pointsOf(sent) };
}

/** Makes evidence from a run; without a reference, the run is its own reference. */
export function evidenceOf({ events, canary, ...seen }: Seen, reference?: Reference): Evidence {
  return {
    ...seen,
    reference: reference?.snapshots ?? seen.snapshots,
    referenceCounts: reference?.counts ?? effectiveCounts(seen.sent),
    secrets: [canary, seen.token],
    told: stringifyJson([events, seen.history]),
    granted: granted(),
  };
}

/** Judges evidence; `failure` is the error that aborted the story. */
export function resultOf(
  evidence: Evidence,
  { failure, isHit, seconds }: { failure: Error | undefined; isHit: boolean; seconds: number },
): Result {
  const findings = judge(evidence);
  if (failure !== undefined) findings.unshift({ oracle: "O7", message: failure.message });
  return { findings, isHit, seconds, sent: evidence.sent, evidence };
}

/** Describes the writes in the quiet phase, which must not have any. */
export function restlessWrites(sent: readonly Sent[]): string[] {
  return ["databricks", "kubernetes"].flatMap((side) => writesOf(sent, side as Sent["side"]))
    .filter(({ phase, point, effect = 500 }) => phase === "quiet" && effect < 300 && !point.endsWith(" events"))
    .map(({ point, body }) => `${point}: ${body.slice(0, 300)}`);
}

/** The I/O points of a run, each with its occurrence in its phase. */
function pointsOf(sent: readonly Sent[]): Point[] {
  const striker = new Striker([]);
  return sent.map(({ phase, side, point }) => {
    const { occurrence } = striker.at({ phase, side, point });
    return { phase, side, point, occurrence };
  });
}

/**
 * The verbs that the operator's Role grants, and a get of CRDs, which the operator attempts although no Role can grant
 * it.
 */
function granted(): Record<string, string[]> {
  const all: Record<string, string[]> = { customresourcedefinitions: ["get"] };
  for (const { resources: names, verbs } of toRules(kinds)) {
    for (const name of names) all[name] = [...all[name] ?? [], ...verbs];
  }
  return all;
}
