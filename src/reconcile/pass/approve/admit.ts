/**
 * Decides whether a plan may be carried out, and shows the one that may not (yet).
 *
 * Guarantees: an approval covers the content of one plan; it is recorded in the status, with a precondition on the
 * object, before anything is written; and once the plan is carried out, the same annotation approves nothing any more.
 *
 * @module
 */
import { crdOutdated } from "../../object/outcome.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import {
  dangersOf,
  digestOf,
  keysOf,
  type PlanSubject,
  type Proposal,
  shownPlan,
  summaryOf,
} from "../../plan/proposal.ts";
import { listed, MASK, shownIn } from "../../plan/show.ts";
import type { PlanCause } from "../../../resource/status.ts";
import { statusOf } from "../../object/status.ts";
import type { Context } from "../context.ts";
import type { Pass } from "../pass.ts";
import { type Approval, approvalOf, approveCommand, policyOf } from "./policy.ts";

/** The object that the plan is for, and its connection. */
export interface Asker {
  readonly context: Context;
  readonly pass: Pass;
  readonly connection: WorkspaceConnection;
}

/** A plan that waits for approval. */
export interface Waiting {
  readonly cause: PlanCause;
  /** For the condition. */
  readonly message: string;
  /** True if the object carries an approval that is not for this plan. */
  readonly isStale: boolean;
}

/** A plan that waits, with its values: for callers that show more of it than fits in a status. */
export interface MadePlan {
  readonly subject: PlanSubject;
  readonly proposal: Proposal;
  readonly digest: string;
}

/** The approved changes, until they are made. */
export interface Granted {
  readonly annotation: string;
  readonly action: Proposal["action"];
  readonly keys: ReadonlySet<string>;
}

/** The longest value in an Event (characters). */
const MAX_EVENT_VALUE = 64;

/** @returns the waiting plan; `undefined` if the plan may be carried out. */
export async function admit(asker: Asker, undangerous: Proposal): Promise<Waiting | undefined> {
  const { context, pass, connection } = asker;
  const { apply } = policyOf(pass.object, connection.settings);
  const proposal = { ...undangerous, ...dangersOf(pass.resource.dangers ?? {}, undangerous) };
  const isHarmless = proposal.destructive === undefined && proposal.cost === undefined;
  if (apply === "auto" || (apply === "guarded" && isHarmless)) {
    settlePlan(context, pass);
    return undefined;
  }
  const digest = digestOf(subjectOf(asker), proposal);
  if (apply !== "never" && await isApproved(asker, { proposal, digest })) return undefined;
  return wait(asker, { proposal, digest, isNever: apply === "never" });
}

/** Nothing waits: there is nothing to change, or the change was made. */
export function settlePlan({ plans, granted }: Context, pass: Pass): void {
  delete pass.status.plan;
  voidApproval(pass);
  plans.settle(pass.uid);
  granted.delete(pass.uid);
}

/** Marks the approval as used: its plan was carried out, or is no longer planned. */
function voidApproval({ status }: Pass): void {
  if (status.approved !== undefined) status.approved = { ...status.approved, used: true };
}

function subjectOf({ pass, connection }: Asker): PlanSubject {
  const { resource: { kind }, key, status: { id } } = pass;
  return { kind, object: key, workspace: connection.workspace.host, id };
}

interface Planned {
  readonly proposal: Proposal;
  readonly digest: string;
}

async function isApproved(asker: Asker, planned: Planned): Promise<boolean> {
  const { context: { granted }, pass } = asker;
  const approval = approvalOf(pass.object);
  if (approval?.digest === undefined) return false;
  if (!isUsed(pass, approval)) {
    if (approval.digest !== planned.digest) return false;
    await take(asker, planned, approval);
  } else if (!isInUse(pass, approval) || !isCovered(planned, approval, granted.get(pass.uid))) return false;
  pass.grant = { digest: approval.digest, text: approval.text };
  return true;
}

/** True for an annotation that was used as an approval before. */
function isUsed({ status: { approved } }: Pass, approval: Approval): boolean {
  return approved !== undefined && approved.annotation === approval.annotation;
}

/** True while the approved plan is not carried out completely: a write failed, or was interrupted. */
function isInUse({ status: { approved } }: Pass, approval: Approval): boolean {
  return approved?.used !== true && approval.digest === approved?.digest;
}

/** True if an approval covers the plan, or more than is left of it. */
function isCovered({ proposal, digest }: Planned, approval: Approval, granted: Granted | undefined): boolean {
  if (digest === approval.digest) return true;
  if (granted?.annotation !== approval.annotation || granted.action !== proposal.action) return false;
  return keysOf(proposal).every((key) => granted.keys.has(key));
}

/** Records an approval. With a stale view of the object this fails: its manifest or its approval may have changed. */
async function take(asker: Asker, { proposal, digest }: Planned, { annotation, text }: Approval): Promise<void> {
  const { context: { clock, granted }, pass } = asker;
  const at = new Date(clock.now()).toISOString();
  show(asker, { proposal, digest });
  pass.status.approved = { digest, at, annotation };
  await pass.save();
  refuseOldCrd(pass);
  granted.set(pass.uid, { annotation, action: proposal.action, keys: new Set(keysOf(proposal)) });
  pass.grant = { digest, text };
  const why = text === "" ? "" : `: ${text}`;
  pass.report("Normal", "PlanApproved", `Approved ${digest} (${summaryOf(proposal)})${why}`);
}

/** An older CRD drops the record, without which the approval would be used again and again. */
function refuseOldCrd(pass: Pass): void {
  if (statusOf(pass.object).approved?.annotation === pass.status.approved?.annotation) return;
  throw crdOutdated(pass.resource.kind);
}

/** Writes a plan to the draft. */
function show({ context: { clock, plans }, pass }: Asker, { proposal, digest }: Planned): void {
  const { plan } = pass.status;
  const since = plan?.digest === digest ? plan.since : new Date(clock.now()).toISOString();
  pass.status.plan = shownPlan(proposal, { digest, since, rules: pass.resource.fields });
  plans.note(pass.uid, { cause: proposal.cause, since: Date.parse(since) });
}

function wait(asker: Asker, planned: Planned & { readonly isNever: boolean }): Waiting {
  const { pass } = asker;
  const { proposal, digest, isNever } = planned;
  const isNews = statusOf(pass.object).plan?.digest !== digest;
  show(asker, planned);
  asker.context.onPlan?.({ subject: subjectOf(asker), proposal, digest });
  voidApproval(pass);
  const command = approveCommand({ ...pass.resource, name: pass.name, namespace: pass.namespace, digest });
  const advice = isNever ? "nothing is written, since apply is never" : `approve with ${command}`;
  if (isNews) pass.report("Normal", "PlanReady", `${detailsOf(pass, proposal)}; ${advice}`);
  const remark = isNever ? "" : remarkOn(pass, digest);
  return { cause: proposal.cause, message: `${summaryOf(proposal)}; ${advice}${remark}`, isStale: remark !== "" };
}

/** The plan with its first values. */
function detailsOf({ resource: { fields: rules } }: Pass, { action, changes }: Proposal): string {
  const value = (path: string, value: unknown, isSecret: boolean) =>
    value === undefined ? "nothing" : isSecret ? MASK : shownIn(MAX_EVENT_VALUE, { path, value, rules });
  const told = changes.map(({ path, from, to, isSecret = false }) =>
    `${path} from ${value(path, from, isSecret)} to ${value(path, to, isSecret)}`
  );
  return told.length === 0 ? action : `${action}: ${listed(told)}`;
}

/** Explains why the object's approval is not one for this plan. */
function remarkOn(pass: Pass, digest: string): string {
  const approval = approvalOf(pass.object);
  if (approval === undefined) return "";
  if (approval.digest === undefined) return "; the approval names no digest, so it approves nothing";
  if (!isUsed(pass, approval)) return `; the approval of ${approval.digest} is of another plan, and void`;
  return approval.digest === digest
    ? `; its approval was used before: to approve it again, put another text after the digest ("${digest} again")`
    : "";
}
