/**
 * Starts a resource that has ended once more, within the same resource: for example, repairs a run.
 *
 * Databricks takes no token for it, so the intent is in the status before the call: with the number of repairs so far,
 * and the latest. A pass that finds an intent without an answer compares it with the existing ones: one more is the
 * requested one. If there is none, and none can appear any more, it is requested again with the same latest one, which
 * Databricks compares.
 *
 * @module
 */
import { ConflictError, DatabricksError, InvalidRequestError } from "../../../databricks/errors.ts";
import type { Again, AgainDone, Renewal } from "../../../resource.ts";
import type { RepairRequest } from "../../object/status.ts";
import { attempt, AttemptError, causeOf } from "../../object/attempt.ts";
import { look } from "../external/observe.ts";
import type { Work } from "../work.ts";

type Observed = Record<string, unknown>;

/** `awaited`: one was started, and does not show yet. */
export type Renewed = "none" | "awaited";

/** Starts a resource that has ended once more, if that is requested. */
export async function renew(work: Work, observed: Observed): Promise<Renewed> {
  const { pass, managed } = work;
  const { once } = pass.resource;
  if (once?.renewal === undefined) return "none";
  const { renewal } = once;
  const request = pass.status.repair_request;
  const past = renewal.past(observed);
  if (request !== undefined && isOpen(request)) return await resolve(work, { renewal, request, past, observed });
  if (request?.repair_id !== undefined && !past.includes(request.repair_id)) {
    return ageOf(work, request) < renewal.lagMs ? "awaited" : "none";
  }
  if (!once.isFinal(observed)) return "none";
  const { attempt = 0, asked = 0 } = request ?? {};
  const done: AgainDone = { attempt, asked };
  const wanted = renewal.wanted({ desired: managed.intent.desired, observed, done });
  if (wanted === undefined) return "none";
  const since = nowText(work);
  const isAsked = wanted.attempt > 0;
  const next: RepairRequest = {
    ...(isAsked ? { attempt: wanted.attempt, asked: asked + 1 } : { ...done, automatic: true }),
    known: past.length,
    since,
    ...(past.length === 0 ? {} : { latest: past.at(-1) ?? "" }),
  };
  const found = isAsked ? unexplained(work, past) : undefined;
  if (found !== undefined) return take(work, { renewal, request: next, id: found });
  return await begin(work, { renewal, request: next, wanted });
}

/** True while its outcome is unknown. */
function isOpen({ repair_id, refused }: RepairRequest): boolean {
  return repair_id === undefined && refused === undefined;
}

function nowText({ context: { clock } }: Work): string {
  return new Date(clock.now()).toISOString();
}

function ageOf({ context: { clock } }: Work, { since }: RepairRequest): number {
  return clock.now() - Date.parse(since);
}

/**
 * One that the status does not name: somebody else started it, or this status has lost it. It counts as the requested
 * one, since a second one would be worse than a missing one.
 */
function unexplained({ pass }: Work, past: readonly string[]): string | undefined {
  const shown = (pass.status as { repairs?: unknown }).repairs;
  return past[Array.isArray(shown) ? shown.length : 0];
}

interface Step {
  readonly renewal: Renewal<Observed, Observed>;
  readonly request: RepairRequest;
}

/** Finds the outcome of one whose answer is unknown. */
async function resolve(
  work: Work,
  { renewal, request, past, observed }: Step & { past: readonly string[]; observed: Observed },
): Promise<Renewed> {
  const id = past[request.known];
  if (id !== undefined) return take(work, { renewal, request, id });
  const isActive = work.pass.resource.once?.isFinal(observed) === false;
  if (isActive || ageOf(work, request) < work.context.timings.settleMs) return "awaited";
  const again = { ...request, since: nowText(work) };
  return await begin(work, { renewal, request: again, wanted: { attempt: request.automatic ? 0 : request.attempt } });
}

/** Records the id of the new one. */
function take({ pass }: Work, { renewal, request, id }: Step & { id: string }): Renewed {
  pass.status.repair_request = { ...request, repair_id: id };
  delete pass.status.final;
  const why = request.automatic ? "as its rule says" : `for ${renewal.path}.attempt ${request.attempt}`;
  const message = `${renewal.noun[0]?.toUpperCase()}${
    renewal.noun.slice(1)
  } ${id} of ${pass.externalLabel} was begun ${why}`;
  pass.report("Normal", "RunRepaired", message, { action: "repair" });
  return "awaited";
}

async function begin(work: Work, { renewal, request, wanted }: Step & { wanted: Again }): Promise<Renewed> {
  const { pass, managed: { intent: { desired }, connection: { workspace } } } = work;
  const { id = "", repair_request: before } = pass.status;
  if (wanted.problem !== undefined) return refuse(work, { renewal, request, why: wanted.problem });
  pass.status.repair_request = request;
  delete pass.status.final;
  await pass.save();
  const options = { desired, attempt: wanted.attempt, latest: request.latest };
  try {
    const made = await attempt(
      `Cannot ${renewal.noun} ${pass.externalLabel}`,
      () => renewal.begin(workspace, id, options),
    );
    return take(work, { renewal, request, id: made });
  } catch (error) {
    const cause = causeOf(error);
    if (!(cause instanceof DatabricksError) || !cause.refused) {
      // It may have been started at the very end, so that the observed state lags from here on.
      pass.status.repair_request = { ...request, since: nowText(work) };
      throw error;
    }
    return await seeRefusal(work, { renewal, request, before, cause });
  }
}

/** Finds the reason of a refusal: another one came first, or an earlier attempt did; or it is not possible. */
async function seeRefusal(
  work: Work,
  { renewal, request, before, cause }: Step & { before: RepairRequest | undefined; cause: DatabricksError },
): Promise<Renewed> {
  const { pass } = work;
  const now = await look(work, pass.status.id ?? "");
  const found = now === undefined ? undefined : renewal.past(now)[request.known];
  if (found !== undefined) return take(work, { renewal, request, id: found });
  if (now !== undefined && pass.resource.once?.isFinal(now) === false) return "awaited";
  if (cause instanceof ConflictError || cause instanceof InvalidRequestError) {
    return refuse(work, { renewal, request, why: cause.message });
  }
  // Nothing was started, so nothing is in doubt.
  if (before === undefined) delete pass.status.repair_request;
  else pass.status.repair_request = before;
  throw new AttemptError(`Cannot ${renewal.noun} ${pass.externalLabel}`, cause);
}

/** It is not requested again before the manifest changes. */
function refuse({ pass }: Work, { renewal, request, why }: Step & { why: string }): Renewed {
  pass.status.repair_request = { ...request, refused: why };
  const way = request.automatic
    ? `set ${renewal.path}.attempt to ask for one`
    : `raise ${renewal.path}.attempt to ask again`;
  pass.event("Warning", "RunRefused", `${renewal.path} was refused: ${why}; ${way}`);
  return "none";
}
