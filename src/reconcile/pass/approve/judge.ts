/**
 * Applies the object's policy to a decision about its resource: the decision is carried out, waits for an approval, or
 * is only reported.
 *
 * @module
 */
import type { Source } from "../../../resource/status.ts";
import { deviations } from "../../plan/diff.ts";
import { effectsOfCreate, effectsOfUpdate } from "../../plan/effects.ts";
import type { Plan, Situation } from "../../plan/plan.ts";
import { dangersOf, keyOf, type Proposal, type ProposedChange } from "../../plan/proposal.ts";
import { changesOf } from "../../plan/show.ts";
import type { Seen } from "../external/observe.ts";
import type { Managed, Pass } from "../pass.ts";
import { comparedDesired } from "../write/baseline.ts";
import { situationOf } from "../write/decide.ts";
import type { Work } from "../work.ts";
import { admit, settlePlan, type Waiting } from "./admit.ts";
import { changesOfParts } from "./part_changes.ts";
import { policyOf } from "./policy.ts";

/** Changes of parts that are about to be made. */
export interface PartChanges {
  readonly changes: readonly ProposedChange[];
  /** True if all of them revert changes by others. */
  readonly isDrift: boolean;
}

/** Decides about changes of parts: true to make them. */
export type Screen = (parts: PartChanges) => boolean;

/** The result of applying the policy. */
export interface Judgement {
  /** The plan that waits; then nothing is written. */
  readonly waiting?: Waiting;
  /** True if the resource's own drift is only reported. */
  readonly leavesDrift: boolean;
  readonly screen?: Screen;
  /** Drift that is only reported; also of parts, once these were screened. */
  readonly drift: string[];
  /** True once parts were found to have changed since the plan: another pass reads them again. */
  hasMoved: boolean;
}

/** A decision, and a way to preview the parts without writing any. */
export interface Deciding {
  readonly decided: Plan;
  readonly seen: Seen;
  /** Reads the parts, and passes the planned writes to the screen. */
  readonly preview: (screen: Screen) => Promise<void>;
}

/** True if an update must be planned from a new read: somebody is to approve exactly what is written. */
export function plansFirst(
  { pass, managed: { connection }, here: { observations } }: Work,
  { decided, seen, begun }: { readonly decided: Plan; readonly seen: Seen; readonly begun: number },
): boolean {
  if (decided.action !== "update" || policyOf(pass.object, connection.settings).apply === "auto") return false;
  return typeof seen === "string" || (observations.fresh(pass.status.id ?? "")?.since ?? 0) < begun;
}

/** Applies the policy to a decision about a bound resource. */
export async function judge(work: Work, deciding: Deciding): Promise<Judgement> {
  const { context, pass, managed: { connection } } = work;
  const { apply, drift: driftPolicy } = policyOf(pass.object, connection.settings);
  const { decided } = deciding;
  const drift: string[] = [];
  const leavesDrift = driftPolicy === "report" && decided.action === "update" && decided.cause === "drift";
  if (leavesDrift) drift.push(driftIn(work, deciding));
  const judged: Judgement = { leavesDrift, drift, hasMoved: false };
  const report: Screen = ({ changes, isDrift }) => {
    if (driftPolicy !== "report" || !isDrift || changes.length === 0) return true;
    drift.push(changes.map(({ path }) => path).join(", "));
    return false;
  };
  if (apply === "auto" || (apply !== "never" && isCompleting(pass))) {
    settlePlan(context, pass);
    return { ...judged, screen: report };
  }
  const main = leavesDrift ? undefined : proposalOf(work, deciding, apply === "never");
  const isGuardedOnly = apply === "guarded" && !isDangerous(pass, main);
  if (isGuardedOnly) {
    settlePlan(context, pass);
    return { ...judged, screen: report };
  }
  return await ask(work, deciding, { judged, main, report });
}

interface Asking {
  readonly judged: Judgement;
  readonly main: Proposal | undefined;
  readonly report: Screen;
}

async function ask(work: Work, { preview }: Deciding, { judged, main, report }: Asking): Promise<Judgement> {
  const { context, pass, managed: { connection } } = work;
  const parts: ProposedChange[] = [];
  await preview((found) => {
    if (report(found)) parts.push(...found.changes);
    return false;
  });
  // The screen is called once more when the parts are written, and reports then.
  judged.drift.splice(judged.leavesDrift ? 1 : 0);
  const changes = [...main?.changes ?? [], ...parts];
  if (changes.length === 0 && main === undefined) {
    settlePlan(context, pass);
    return { ...judged, screen: report };
  }
  const cause = main?.cause ?? (parts.every(({ reason }) => reason === "drift") ? "drift" : "manifest");
  const waiting = await admit({ context, pass, connection }, { action: main?.action ?? "update", cause, changes });
  const permitted = new Set(parts.map(keyOf));
  const result: Judgement = {
    ...judged,
    ...waiting === undefined ? {} : { waiting },
    screen: (found) => {
      if (!report(found)) return false;
      const isPermitted = found.changes.every((change) => permitted.has(keyOf(change)));
      if (!isPermitted) result.hasMoved = true;
      return isPermitted;
    },
  };
  return result;
}

/** The plan of the decision about the resource itself; `undefined` if nothing of it needs approval. */
function proposalOf(work: Work, { decided, seen }: Deciding, isNever: boolean): Proposal | undefined {
  const { pass, managed } = work;
  if (decided.action !== "update") return undefined;
  // It repeats an approved write, with the same content.
  if (decided.cause === "doubt" && !isNever) return undefined;
  const situation = situationOf(work, seen);
  const cause = decided.cause === "doubt" ? "drift" : decided.cause;
  return {
    action: pass.status.baseline?.applied === undefined ? "adopt" : "update",
    cause,
    changes: [
      ...changesIn(work, situation, { decided, seen }),
      ...decided.cause === "rotation" ? [rotationOf(pass, managed)] : [],
    ],
  };
}

function changesIn(
  { pass, managed }: Work,
  situation: Situation,
  { decided, seen }: { readonly decided: Plan & { action: "update" }; readonly seen: Seen },
): ProposedChange[] {
  const { observed } = situation;
  if (typeof observed === "string" || typeof seen === "string") {
    return decided.changes.map((path) => ({ path, from: undefined, to: undefined, reason: "manifest" }));
  }
  const kept = Object.keys(pass.resource.keeps?.(seen, managed.connection.workspace) ?? {});
  return effectsOfUpdate({ ...situation, observed }, decided, kept);
}

/** A value that is sent again, identified by the version of its Secret or ConfigMap: no hash of a value is kept. */
function rotationOf({ resource, status: { source } }: Pass, { values }: Managed): ProposedChange {
  const path = values?.field ?? resource.referenceField ?? "spec";
  return { path, from: versionOf(source), to: versionOf(values?.source), reason: "rotation", isSecret: true };
}

function versionOf(source: Source | undefined): unknown {
  return source === undefined ? undefined : [source.name, source.resourceVersion];
}

/** True while a create is completed: its approval covered the whole manifest. */
function isCompleting({ status: { baseline }, generation }: Pass): boolean {
  return baseline?.created === true && baseline.generation === generation;
}

function isDangerous({ resource: { dangers = {} } }: Pass, proposal: Proposal | undefined): boolean {
  if (proposal === undefined) return false;
  const { destructive, cost } = dangersOf(dangers, proposal);
  return destructive !== undefined || cost !== undefined;
}

function driftIn(work: Work, { decided, seen }: Deciding): string {
  const { desired, observed, row, rules } = situationOf(work, seen);
  const held = typeof observed === "string" ? row : observed;
  const changes = decided.action === "update" ? decided.changes : [];
  return changesOf(changes, held === undefined ? [] : deviations(desired, held, rules), rules);
}

/** Decides whether a resource may be created. @returns the plan that waits, if any. */
export async function judgeCreate(work: Work, action: "create" | "recreate"): Promise<Waiting | undefined> {
  const { context, pass, managed } = work;
  const { apply } = policyOf(pass.object, managed.connection.settings);
  if (apply === "auto" || (apply !== "never" && pass.resource.once !== undefined)) {
    settlePlan(context, pass);
    return undefined;
  }
  const cause = action === "create" ? "manifest" : "drift";
  const desired = comparedDesired(pass, managed);
  const changes = [
    ...effectsOfCreate({ desired, rules: pass.resource.fields }, cause),
    ...changesOfParts(pass, managed, cause),
  ];
  return await admit({ context, pass, connection: managed.connection }, { action, cause, changes });
}

/** True if nothing is written to Databricks for the object. */
export function writesNothing({ pass, managed: { connection } }: Work): boolean {
  return policyOf(pass.object, connection.settings).apply === "never";
}
