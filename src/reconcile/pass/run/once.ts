/**
 * Resources that happen once and end. They are started with a token derived from the object's UID, followed to their
 * end, and never started again. They have no drift. Once ended they are not read any more: the status keeps their
 * result, whatever Databricks still knows.
 *
 * @module
 */
import { type Told, topField } from "../../../resource.ts";
import { InvalidRequestError } from "../../../databricks/errors.ts";
import { attempt, causeOf } from "../../object/attempt.ts";
import { conditionOf, type Setting } from "../../object/conditions.ts";
import { BlockedError, outcome } from "../../object/outcome.ts";
import type { ConditionReason } from "../../object/reasons.ts";
import { type Status, statusOf } from "../../object/status.ts";
import { renew } from "./again.ts";
import { appliedFingerprint } from "../../plan/baseline.ts";
import { differences } from "../../plan/fields.ts";
import { firstSeen } from "../../../base/first_seen.ts";
import type { Context } from "../context.ts";
import { isSurplus, wakeEnded } from "./history.ts";
import { MISSING } from "./runs.ts";
import { look, type Seen } from "../external/observe.ts";
import { isTokenless } from "../identity/token.ts";
import { writtenBaseline } from "../write/baseline.ts";
import { createOnce, forgetStart } from "../write/create.ts";
import { after, type Next } from "../next.ts";
import type { Managed, Pass } from "../pass.ts";
import type { Work } from "../work.ts";

/** How long an object is not reconciled although lists show the state of its resource (ms). */
const COVERED = 300_000;
/** The longest pause for an object that is to be deleted later (ms). */
const LONGEST = 24 * 60 * 60_000;

/** The reasons of Synced that remain on a resource that has ended: nothing is left to try. */
const SETTLED: readonly string[] = ["RunRefused", "Immutable"];

/**
 * True if the object's resource has ended, so that Databricks need not be read any more. After a failed pass it is
 * false: the pass's purpose, such as a repair, is still to be done, and the conditions report the failure.
 */
export function hasEnded(pass: Pass): boolean {
  const { resource, status, generation } = pass;
  if (resource.once === undefined || status.final !== true) return false;
  if (hasEndedUnbegun(pass)) return true;
  const synced = conditionOf(status.conditions, "Synced");
  const isSettled = synced?.status === "True" || SETTLED.includes(synced?.reason ?? "");
  // A pass that only waited has set other conditions for the generation, and not this one.
  return synced?.observedGeneration === generation && isSettled;
}

/** True for a resource that ended before it was started, which no edit starts any more. */
export function hasEndedUnbegun({ status }: Pass): boolean {
  return status.final === true && status.id === undefined && status.pending === undefined;
}

/**
 * Cleans up after an object whose resource has ended: deletes the object when its time is over, or when newer ones fill
 * the history.
 */
export async function rest(context: Context, pass: Pass): Promise<Next> {
  const { resource, status, object: { spec = {} } } = pass;
  const { clock } = context;
  if (hasEndedUnbegun(pass)) pass.set(...(status.conditions ?? []) as Setting[]);
  if (status.final === true && isSurplus(context, pass)) return await dispose(pass, "newer ones fill the history");
  const at = resource.once?.expiresAt?.(spec as Record<string, unknown>, { ...status });
  if (at === undefined) return "done";
  const leftMs = at - clock.now();
  if (leftMs > 0) return after(Math.min(leftMs, LONGEST));
  return await dispose(pass, "its time after the end is over");
}

/** Deletes the object after writing its status: then its deletion makes no calls to Databricks. */
async function dispose(pass: Pass, why: string): Promise<Next> {
  await pass.save();
  pass.log.info(`Deleting ${pass.resource.kind} ${pass.key}: ${why}`);
  await pass.deleteObject();
  pass.abandon();
  return "done";
}

/**
 * True while the manifest delays the start; the conditions then say so.
 *
 * @throws {BlockedError} if it must not be started.
 */
export async function holdsBack({ pass, managed }: Work): Promise<boolean> {
  const { once } = pass.resource;
  const { connection: { workspace }, intent: { desired } } = managed;
  if (once === undefined) return false;
  // A start that may have happened is repeated with its token; without a token the resource was searched for, and there
  // is none.
  if (pass.status.pending !== undefined && !isTokenless(pass, managed)) return false;
  const held = once.hold?.(desired);
  if (held !== undefined) {
    forgetStart(pass);
    apply(pass, held);
    return true;
  }
  const problem = await attempt(`Cannot start ${pass.label}`, () => once.problem?.(workspace, desired));
  if (problem !== undefined) throw new BlockedError(problem.reason, problem.message, "retry");
  return false;
}

/**
 * Starts a resource, once.
 *
 * @returns false if Databricks refuses it as invalid: that is its end, so that it is not started later, unexpectedly,
 *   when circumstances have changed.
 */
export async function startOnce(work: Work): Promise<boolean> {
  const { context, pass } = work;
  const { once } = pass.resource;
  try {
    await createOnce(work, pass.status.id === undefined ? "create" : "recreate");
    return true;
  } catch (error) {
    if (once === undefined || !isRefusedForGood(pass, causeOf(error))) throw error;
    const { message } = outcome(error, `Cannot start ${pass.label}`);
    const told = once.refused(message, new Date(context.clock.now()).toISOString());
    apply(pass, told);
    pass.set({ type: "Synced", status: "False", reason: "RunRefused", message: told.state.message });
    await pass.save();
    wakeEnded(context, pass);
    return false;
  }
}

/** The resource that the request names may be about to be created; then the run starts. */
function isRefusedForGood({ status }: Pass, error: unknown): boolean {
  return status.create_refused === true && error instanceof InvalidRequestError && error.failure.code !== "" &&
    !MISSING.test(error.failure.message);
}

/** Reports what prevents the operator from starting or following it. A resource that has ended keeps its conditions. */
export function tellHindered(pass: Pass, reason: ConditionReason, message: string): void {
  const { resource: { once }, status } = pass;
  if (once === undefined || status.final === true) return;
  const { fields, conditions } = once.hindered({ ...status });
  put(pass, fields);
  pass.set(...conditions.map((own) => ({ ...own, reason, message })));
}

/**
 * Follows a resource to its end.
 *
 * @param seen `absent` if it is certainly gone.
 */
export async function followOnce(work: Work, seen: Seen): Promise<Next> {
  const { context, pass, managed } = work;
  const { once } = pass.resource;
  if (once === undefined) throw new TypeError(`${pass.resource.kind} does not happen once`);
  if (seen === "absent") {
    if (pass.status.final !== true) apply(pass, once.lost({ ...pass.status }));
    else pass.set({ type: "Synced", status: "True", reason: "HistoryExpired", message: expired(pass) });
    return await rest(context, pass);
  }
  if (typeof seen === "string") return after(context.timings.missMs);
  const observed = await act(work, seen);
  const { desired } = managed.intent;
  const isAwaited = await renew(work, observed) === "awaited";
  const awaited = isAwaited ? once.renewal?.awaited({ ...pass.status }) : undefined;
  const told = awaited ?? once.tell(observed, desired);
  const isNew = statusOf(pass.object).final !== true;
  if (told.isFinal && isNew && once.isCut?.(observed) === true && isPatient(context, pass)) {
    apply(pass, { ...told, isFinal: false });
    work.here.observations.drop(pass.status.id ?? "");
    return after(context.timings.missMs);
  }
  context.cutAt.delete(pass.uid);
  apply(pass, told);
  tellRefused(pass);
  tellEdited(pass, managed, observed);
  if (told.isFinal) {
    context.waits.forget(pass.uid);
    await pass.save();
    if (isNew) countEnd(work, told);
    wakeEnded(context, pass);
    return await rest(context, pass);
  }
  const { clock } = context;
  const wait = waitFor(work, told);
  const at = once.actsAt?.({ desired, observed });
  return after(at === undefined ? wait : Math.min(wait, Math.max(0, at - clock.now())));
}

/** True for a while after the report on an end was first incomplete: then it is not yet the last one. */
function isPatient({ clock, cutAt, timings }: Context, { uid }: Pass): boolean {
  return clock.monotonic() - firstSeen(cutAt, uid, clock.monotonic()) < timings.settleMs;
}

/** Counts an end, unless another object does: that of the job that ran. */
function countEnd({ context, pass, managed }: Work, { end }: Told): void {
  const { workspace: { host } } = managed.connection;
  const counted = pass.resource.once?.countedWith?.(managed.intent.desired);
  const isElsewhere = counted !== undefined && context.references.holds(counted.kind, host, counted.id);
  if (end === undefined || isElsewhere) return;
  const { result, startedAt, endedAt } = end;
  const seconds = startedAt > 0 && endedAt > 0 ? (endedAt - startedAt) / 1000 : undefined;
  context.metrics.runFinished({ namespace: pass.namespace, result, seconds });
  if (endedAt > 0) context.metrics.runEnded((context.clock.now() - endedAt) / 1000);
}

/** The time until it is read individually (ms): rarely, while lists show its state. */
function waitFor({ context: { clock, waits }, here, pass }: Work, { state: { lookAgainMs: firstMs } }: Told): number {
  if (here.actives?.covers(pass.status.id ?? "") === true) return COVERED;
  here.pollRuns();
  return waits.next(pass.uid, { now: clock.monotonic(), ...(firstMs === undefined ? {} : { firstMs }) });
}

/** Reports that a requested restart was refused. */
function tellRefused(pass: Pass): void {
  const { resource: { once }, status: { repair_request: request } } = pass;
  if (once?.renewal === undefined || request?.refused === undefined || request.automatic === true) return;
  const { path } = once.renewal;
  const message = `${path} was refused: ${request.refused}; raise ${path}.attempt to ask again`;
  pass.set({ type: "Synced", status: "False", reason: "RunRefused", message });
}

/**
 * Reports that an edit of the start parameters has no effect. If the resource shows the edited parameters, the edit came
 * before the start, and the baseline is updated.
 */
function tellEdited(pass: Pass, managed: Managed, observed: Record<string, unknown>): void {
  const { resource: { fields, kind, desiredPath, once }, status: { baseline }, label } = pass;
  const { intent: { desired } } = managed;
  if (baseline?.applied === undefined) return;
  const paths = differences(baseline.applied, appliedFingerprint(desired, fields))
    .filter((path) => fields.immutable?.includes(topField(path)));
  const [edited] = paths;
  if (edited === undefined) return;
  if (paths.every((path) => once?.isBegunWith?.({ observed, desired, field: topField(path) }))) {
    pass.status.baseline = writtenBaseline(pass, managed, { created: true });
    return;
  }
  const message =
    `${desiredPath}.${edited} of ${label} was edited after the start, which has no effect: set it back, and ` +
    `create another ${kind} for the other value`;
  const before = conditionOf(statusOf(pass.object).conditions, "Synced");
  pass.set({ type: "Synced", status: "False", reason: "Immutable", message });
  if (before?.reason !== "Immutable" || before.message !== message) pass.event("Warning", "Immutable", message);
}

function expired({ externalLabel }: Pass): string {
  return `${externalLabel} is no longer in Databricks' history: its result stays here`;
}

/** Performs the pending action, if any, and returns the resource after it. */
async function act(work: Work, observed: Record<string, unknown>) {
  const { context, pass, managed } = work;
  const { intent: { desired }, connection: { workspace } } = managed;
  const { id = "" } = pass.status;
  const next = pass.resource.once?.act?.({ desired, observed, now: context.clock.now() });
  if (next === undefined) return observed;
  await attempt(`Cannot ${next.what} ${pass.label}`, () => next.run(workspace, id));
  pass.logChange(`asked Databricks to ${next.what} ${pass.externalLabel}`, { action: "cancel" });
  return await look(work, id) ?? observed;
}

/** Writes the report to the draft, and emits an Event at the end. */
function apply(pass: Pass, { state, fields, conditions, isFinal, news }: Told): void {
  put(pass, fields);
  const { reason, message, ready, failed = false } = state;
  if (reason === "Available") throw new TypeError(`${pass.resource.kind}: its state needs a reason of its own`);
  pass.setReady("");
  if (ready) pass.set({ type: "Ready", status: "True", reason, message });
  else pass.setNotReady(reason, message, { failed });
  pass.set(...conditions.map((own) => ({ ...own, reason, message })));
  const isNews = isFinal && statusOf(pass.object).final !== true;
  if (isFinal) pass.status.final = true;
  else delete pass.status.final;
  if (!isNews || news === undefined) return;
  pass.report(news.type, news.reason, news.message);
}

/** Writes the values of the kind's own fields to the draft. */
function put(pass: Pass, fields: Told["fields"]): void {
  const status = pass.status as Status & Record<string, unknown>;
  for (const field of Object.keys(pass.resource.statusFields ?? {})) {
    if (fields[field] !== undefined) status[field] = fields[field];
    else delete status[field];
  }
}
