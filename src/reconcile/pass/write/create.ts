/**
 * Creates an external resource once: pending → finalizer → create → id. A create that is interrupted at any point is
 * found again by `identify()`, and not repeated.
 *
 * @module
 */
import { BusyError, ConflictError, DatabricksError, UnavailableError } from "../../../databricks/errors.ts";
import { isId, nameOf } from "../../../resource.ts";
import { writtenBaseline } from "./baseline.ts";
import { markSent } from "../manifest/write_only.ts";
import { attempt } from "../../object/attempt.ts";
import { conditionOf } from "../../object/conditions.ts";
import { BlockedError, crdOutdated } from "../../object/outcome.ts";
import type { Managed, Pass } from "../pass.ts";
import { statusOf } from "../../object/status.ts";
import { isTokenless, tokenOf } from "../identity/token.ts";
import type { Work } from "../work.ts";

/** @returns the new resource's id. */
export async function createOnce(work: Work, operation: "create" | "recreate"): Promise<string> {
  const { context, pass, managed } = work;
  const { observations, runs, sweeper } = work.here;
  const { once } = pass.resource;
  refuseWithoutValues(pass, managed);
  if (operation === "recreate") {
    const gone = `${pass.resource.noun} ${pass.status.id} is gone; creating it again`;
    pass.event("Warning", "ExternalResourceMissing", gone);
  }
  // Without a token, the result of an earlier attempt was searched for, and there is none.
  const isInDoubt = once !== undefined && pass.status.pending !== undefined && !isTokenless(pass, managed);
  await announce(work, operation, { isInDoubt });
  const what = `Cannot ${once === undefined ? "create" : "start"} ${pass.label}`;
  const id = await attempt(what, () => create(work, { isInDoubt }));
  pass.setExternal(managed.connection, id);
  delete pass.status.pending;
  if (once === undefined) pass.status.baseline = writtenBaseline(pass, managed, { created: true });
  markSent(work);
  observations.wrote(id);
  runs?.created(id);
  context.missedAt.delete(pass.uid);
  context.madeAt.set(pass.uid, context.clock.monotonic());
  pass.owe();
  const made = once === undefined ? "Created" : "Started";
  const action = once === undefined ? "create" : "start";
  const reason = once === undefined ? "Created" : "RunStarted";
  const remark = operation === "create" ? namesakeRemark(work) : "";
  pass.report("Normal", reason, `${made} ${pass.resource.noun} ${id}${remark}`, { action });
  if (once === undefined) sweeper.requestBaseline(pass.key, id);
  return id;
}

/** The remark on the one resource of the same name that nobody manages: the manifest's author may have meant that one. */
function namesakeRemark(
  { context, pass, managed: { connection, intent }, here: { sweeper: { marks } } }: Work,
): string {
  const owned = context.state.holders(connection.workspace.host, pass.uid, "operator");
  const name = nameOf(pass.resource, intent.desired) ?? "";
  const free = (marks?.untagged(name) ?? []).filter((id) => !owned.has(id));
  if (pass.resource.once !== undefined || free.length !== 1) return "";
  return " beside an untagged one of that name; to take that one over instead, delete this object, and apply it with " +
    'annotation databricks-operator/adopt: "true"';
}

function refuseWithoutValues({ resource }: Pass, { values }: Managed): void {
  if (resource.reference === undefined || resource.isReferenceOptional === true || values !== undefined) return;
  const field = resource.referenceField ?? "spec";
  throw new BlockedError("SecretMissing", `${field} is missing: name the Secret that holds the value to send`);
}

/**
 * Records that a create is about to happen. With a stale view of the object this fails, before anything is created.
 * When a resource is created again, its old id stays in the status until the new one is known.
 */
async function announce(
  work: Work,
  operation: "create" | "recreate",
  { isInDoubt }: { readonly isInDoubt: boolean },
): Promise<void> {
  const { context, pass, managed } = work;
  const name = nameOf(pass.resource, managed.intent.desired);
  const isRetry = (pass.status.create_refused === true && pass.isStalled) || isRefusedInDoubt(pass);
  const { status: { pending: before } } = pass;
  const { once } = pass.resource;
  const hasToken = once !== undefined && !isTokenless(pass, managed);
  const latest = hasToken ? undefined : await latestBefore(work);
  delete pass.status.create_refused;
  const now = new Date(context.clock.now()).toISOString();
  pass.status.pending = {
    operation,
    token: hasToken ? tokenOf(pass.uid) : crypto.randomUUID(),
    ...(name === undefined ? {} : { name }),
    workspace: managed.connection.workspace.host,
    // An attempt that is repeated with its token counts from the first one.
    since: hasToken ? before?.since ?? now : now,
    absent: true,
    ...(latest === undefined ? {} : { after: new Date(latest).toISOString() }),
  };
  if (once !== undefined) noteAsked(work, { isInDoubt });
  // As a rule, a refused create is refused again: GitOps tools see one state, not a change at every attempt.
  if (!isRetry && once === undefined) pass.setReconciling("Creating", `Creating ${pass.label}`);
  else if (!isRetry) pass.setReconciling("Starting", `Starting ${pass.label}`);
  await pass.save({ evenIfSame: true });
  refuseOldCrd(pass);
  await pass.addFinalizer();
}

/** Removes the record of a create that created nothing. */
export function forgetStart({ resource, status }: Pass): void {
  delete status.pending;
  if (resource.once !== undefined) delete status.baseline;
}

/**
 * Records the parameters that a one-time resource is started with, which reading it does not show. If an earlier attempt
 * may have started it, the parameters of that attempt are kept.
 */
function noteAsked({ pass, managed }: Work, { isInDoubt }: { readonly isInDoubt: boolean }): void {
  if (isInDoubt && pass.status.baseline?.applied !== undefined) return;
  pass.status.baseline = writtenBaseline(pass, managed, { created: true });
}

/** The time of the newest resource before a create that takes no token (ms on Databricks' clock). */
async function latestBefore({ pass, managed }: Work): Promise<number | undefined> {
  const { connection: { workspace }, intent: { desired } } = managed;
  const { tokenless } = pass.resource.once ?? {};
  if (tokenless === undefined) return undefined;
  return await attempt(`Cannot start ${pass.label}`, () => tokenless.latest(workspace, desired));
}

/** An older CRD drops unknown fields; without `pending` and `id` in the status nothing may be created. */
function refuseOldCrd(pass: Pass): void {
  if (statusOf(pass.object).pending?.token === pass.status.pending?.token) return;
  delete pass.status.pending;
  throw crdOutdated(pass.resource.kind);
}

/** @param options Whether an earlier attempt with the same token got no answer. */
async function create(work: Work, { isInDoubt }: { readonly isInDoubt: boolean }): Promise<string> {
  const { context: { clock }, pass, managed } = work;
  const token = pass.status.pending?.token ?? "";
  try {
    const id = await pass.resource.external.create?.(managed.connection.workspace, managed.intent, { token });
    if (!isId(id)) throw answerWithoutId(pass, managed);
    return id;
  } catch (error) {
    const isTaken = isTokenless(pass, managed) && (error instanceof BusyError || error instanceof ConflictError);
    if (madeNothing(error) && !isInDoubt && !isTaken) {
      forgetStart(pass);
      pass.status.create_refused = true;
    } else if (pass.status.pending !== undefined) {
      // Another create came first, or the same one did if a proxy sent the request twice: then nothing proves which.
      const absent = pass.status.pending.absent && !isTaken;
      pass.status.pending = { ...pass.status.pending, absent, until: new Date(clock.now()).toISOString() };
    }
    throw error;
  }
}

/**
 * True while the conditions report a refused create, although something may have been created all the same. The refusal
 * stays in the conditions during the search.
 */
export function isRefusedInDoubt({ status: { conditions, pending }, generation }: Pass): boolean {
  const ready = conditionOf(conditions, "Ready");
  return pending?.until !== undefined && ready?.status === "False" && ready.observedGeneration === generation &&
    IN_DOUBT.includes(ready.reason);
}

/** The reasons of refusals that leave a create in doubt: see {@link madeNothing}. */
const IN_DOUBT: readonly string[] = ["PermissionDenied", "ExternalConflict"];

/**
 * True if a create was refused before anything was created, so that there is nothing to search for. A 403 without a
 * code of Databricks comes from a gateway, which may have withheld the answer rather than the request; a conflict may
 * be with the same request, if a proxy sent it twice.
 */
function madeNothing(error: unknown): boolean {
  if (!(error instanceof DatabricksError) || !error.refused || error instanceof ConflictError) return false;
  return error.failure.status !== 403 || error.failure.code !== "";
}

/** It may have been created, as with a lost answer. */
function answerWithoutId({ resource }: Pass, { connection }: Managed): UnavailableError {
  const { method, path } = resource.endpoints.create ?? { method: "POST", path: resource.plural };
  return new UnavailableError({
    endpoint: `${method} ${path.replace("{jobs_api_version}", connection.workspace.jobsApiVersion)}`,
    status: 200,
    code: "",
    message: `the answer names no id of the new ${resource.noun}`,
    host: new URL(connection.workspace.host).host,
  });
}
