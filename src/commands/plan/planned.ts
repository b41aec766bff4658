/**
 * The plan of one object for display: its changes, whether they wait for an approval, and what is unknown.
 *
 * @module
 */
import type { KubeObject } from "../../kubernetes/client.ts";
import { annotations, type PlanAction, type PlanCause, statusOf } from "../../reconcile/object/status.ts";
import type { MadePlan } from "../../reconcile/pass/approve/admit.ts";
import { approvalOf, policyOf } from "../../reconcile/pass/approve/policy.ts";
import type { ProposedChange } from "../../reconcile/plan/proposal.ts";
import { MASK, withoutConfidential } from "../../reconcile/plan/show.ts";
import { topField } from "../../resource.ts";
import type { Assumed } from "./assumed.ts";
import type { Begun } from "./desk.ts";
import type { IdsToCome } from "./ids_to_come.ts";
import type { Said } from "./rehearse.ts";
import type { Subject } from "./subjects.ts";

/** A changed value. Confidential values are masked. */
export interface PlannedChange {
  readonly path: string;
  /** Absent if there was no value. */
  readonly from?: unknown;
  readonly to?: unknown;
  readonly reason: PlanCause;
}

/** The approval that a change needs; `never` is for an object that is not applied at all. */
export type Approval = "not needed" | "needed" | "given" | "never";

/** The plan of one object. */
export interface Planned {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly result: "change" | "unchanged" | "failed";
  readonly action?: PlanAction;
  readonly cause?: PlanCause;
  /** `job 7`, if it exists. */
  readonly resource?: string;
  /** The data that the change destroys, and its costs. */
  readonly destructive?: string;
  readonly cost?: string;
  readonly changes: readonly PlannedChange[];
  /** The digest that approves the plan in the cluster; absent if it is not known yet. */
  readonly digest?: string;
  readonly approval?: Approval;
  /** The reason of a failure; for an unchanged object, a remark. */
  readonly message?: string;
  readonly notes: readonly string[];
}

/** The source of a plan's presentation. */
export interface Findings {
  readonly said: Said | undefined;
  readonly begun: Begun;
  readonly assumed: Assumed | undefined;
  readonly toCome: IdsToCome;
}

/** The plan of an object. */
export function plannedOf(subject: Subject, findings: Findings): Planned {
  const { said } = findings;
  const about = aboutOf(subject);
  if (said === undefined) return { ...about, result: "unchanged", changes: [], notes: [] };
  if (said.is === "plan") return changeOf(subject, findings, said.plan);
  const notes = notesOf(findings);
  if (said.is === "same") {
    return { ...about, result: "unchanged", changes: [], notes, ...said.message && { message: said.message } };
  }
  const awaited = findings.toCome.namesFor(subject);
  if (awaited.length > 0) {
    const message = `known after apply of ${awaited.join(", ")}`;
    const isMade = statusOf(findings.begun.before ?? { metadata: {} }).id !== undefined;
    return { ...about, result: "change", action: isMade ? "update" : "create", changes: [], notes, message };
  }
  const message = said.is === "open" ? `no answer in time (--timeout): ${said.message}` : said.message;
  return { ...about, result: "failed", changes: [], notes, message };
}

/** An object that could not be planned. */
export function failed(subject: Subject, message: string): Planned {
  return { ...aboutOf(subject), result: "failed", changes: [], notes: [], message };
}

function aboutOf({ resource: { kind }, namespace, name, file, line }: Subject) {
  return { kind, namespace, name, file, line };
}

function changeOf(subject: Subject, findings: Findings, { subject: { id }, proposal, digest }: MadePlan): Planned {
  const { assumed, begun, toCome } = findings;
  const { resource } = subject;
  const { unread = [] } = resource.fields;
  // A value that Databricks never returns cannot be compared, and without a status it is unknown what was sent.
  const isUnknown = ({ path, from }: ProposedChange) =>
    assumed !== undefined && from === undefined && unread.includes(topField(path));
  const changes = proposal.changes.filter((change) => !isUnknown(change));
  const about = { ...aboutOf(subject), ...id !== undefined && { resource: `${resource.noun} ${id}` } };
  const notes = [...notesOf(findings), ...proposal.changes.some(isUnknown) ? [UNCOMPARED] : []];
  if (assumed !== undefined && changes.length === 0) return { ...about, result: "unchanged", changes: [], notes };
  const why = whyNoDigest(changes, { ...findings, toCome });
  const { action, cause, destructive, cost } = proposal;
  const given = why === undefined ? digest : undefined;
  const isDangerous = destructive !== undefined || cost !== undefined;
  const approval = approvalFor(subject, begun, { isDangerous, digest: given });
  return {
    ...about,
    result: "change",
    action: assumed === undefined ? action : "update",
    cause,
    ...destructive !== undefined && { destructive },
    ...cost !== undefined && { cost },
    changes: changes.map((change) => shownChange(change, subject, toCome)),
    ...given !== undefined && { digest: given },
    approval,
    notes: why === undefined ? notes : [...notes, `no digest: ${why}`],
  };
}

const UNCOMPARED = "fields that Databricks never returns are not compared without --kubeconfig";

function shownChange(
  { path, from, to, reason, isSecret = false }: ProposedChange,
  { resource: { fields } }: Subject,
  toCome: IdsToCome,
): PlannedChange {
  const shown = (value: unknown) => isSecret ? MASK : toCome.told(withoutConfidential(path, value, fields));
  return {
    path,
    ...from !== undefined && { from: shown(from) },
    ...to !== undefined && { to: shown(to) },
    reason,
  };
}

/** The reason why the operator will ask for another digest. */
function whyNoDigest(changes: readonly ProposedChange[], { assumed, begun, toCome }: Findings): string | undefined {
  const awaited = [...new Set(changes.flatMap(({ to }) => toCome.namesIn(to)))];
  if (awaited.length > 0) return awaited.join(", ");
  if (assumed !== undefined) return "what was applied last is in the object's status: add --kubeconfig";
  if (begun.unread === undefined || !changes.some(({ isSecret }) => isSecret)) return undefined;
  return `it depends on the version of ${begun.unread} in the cluster`;
}

function notesOf({ assumed, begun: { unread, remark } }: Findings): string[] {
  return [
    ...remark === undefined ? [] : [remark],
    ...assumed === undefined ? [] : ["found in the workspace; that this object manages it is an assumption"],
    ...assumed === undefined || assumed.besides.length === 0
      ? []
      : [`besides, it has ${assumed.besides.join(", ")} (default?), which the manifest does not name`],
    ...unread === undefined ? [] : [`${unread} was not read, so its values are not compared`],
  ];
}

function approvalFor(
  { object }: Subject,
  { before, settings }: Begun,
  { isDangerous, digest }: { readonly isDangerous: boolean; readonly digest: string | undefined },
): Approval {
  const merged = { ...before?.metadata.annotations, ...object.metadata.annotations };
  const applied: KubeObject = { metadata: { annotations: merged } };
  const { apply } = policyOf(applied, settings as Parameters<typeof policyOf>[1] & object);
  if (apply === "never") return "never";
  if (apply !== "on-approval" && !(apply === "guarded" && isDangerous)) return "not needed";
  const used = statusOf(before ?? applied).approved?.annotation;
  const isGiven = digest !== undefined && approvalOf(applied)?.digest === digest &&
    merged[annotations.approve] !== used;
  return isGiven ? "given" : "needed";
}
