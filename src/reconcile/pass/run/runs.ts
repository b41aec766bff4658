/**
 * Shows runs in the status, and starts the run that `spec.run` requests.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { DatabricksError, InvalidRequestError } from "../../../databricks/errors.ts";
import type { Run, Runs } from "../../../resource.ts";
import { AttemptError } from "../../object/attempt.ts";
import { conditionOf } from "../../object/conditions.ts";
import { type Outcome, outcome } from "../../object/outcome.ts";
import { requestOf } from "../manifest/manifest.ts";
import type { RunRequest } from "../../object/status.ts";
import type { Backoff } from "../../../base/backoff.ts";
import type { Managed, Pass } from "../pass.ts";

/** It is unknown how long Databricks keeps a token: after this time (ms) it is not trusted to return the same run. */
const TRUSTED = 30 * 60_000;

/** A message that something does not exist: it may be about to be created, whatever the error code. */
export const MISSING = /does not exist|doesn't exist/i;

/** Shows the newest run; if it is unknown, the status stays. */
export function showRuns(pass: Pass, newest: Run | "none" | undefined): void {
  const { runs } = pass.resource;
  if (runs === undefined || newest === undefined) return;
  const shown = newest === "none" ? runs.none : newest.shown;
  const status = pass.status as Record<string, unknown>;
  for (const field of Object.keys(runs.statusFields)) {
    if (shown[field] === undefined) delete status[field];
    else status[field] = shown[field];
  }
}

/**
 * The token of a request, the same one if a status that was rolled back has lost it: Databricks then returns the
 * earlier run. A later request has another generation, so that a run that failed does not count for it.
 */
function tokenOf({ uid, generation }: Pass, hash: string): string {
  return createHash("sha256").update(`${uid} ${generation} ${hash}`).digest("hex").slice(0, 32);
}

/** The result for the run that `spec.run` requests: a number is the delay before the next attempt (ms). */
export type RunStep = "none" | "started" | "refused" | number;

/** Delays of refused run requests, by the UIDs of objects: they grow for as long as the request is pending. */
export class RunRetries {
  readonly #clock: Pick<Clock, "monotonic" | "now">;
  readonly #backoff: Backoff;
  readonly #due = new Map<string, { token: string; at: number; isClear: boolean }>();

  constructor({ clock, backoff }: { clock: Pick<Clock, "monotonic" | "now">; backoff: Backoff }) {
    this.#clock = clock;
    this.#backoff = backoff;
  }

  /** The time (ms) for which a request must still wait; 0 if it is due. */
  wait(uid: string, token: string): number {
    const due = this.#due.get(uid);
    if (due?.token !== token) this.forget(uid);
    return due?.token === token ? Math.max(0, due.at - this.#clock.monotonic()) : 0;
  }

  /** The time (ms since the epoch). */
  now(): number {
    return this.#clock.now();
  }

  /**
   * True if a request is so old that Databricks may have forgotten its token, and an attempt may have started a run.
   */
  isInDoubt(uid: string, { token, since = "" }: RunRequest): boolean {
    const due = this.#due.get(uid);
    return this.#clock.now() - Date.parse(since) > TRUSTED && !(due?.token === token && due?.isClear);
  }

  /** Notes that a request has to wait, and returns how long (ms). */
  postpone(uid: string, token: string, { leastMs, isRefused, isFirst }: Postponed & { isFirst: boolean }): number {
    const delay = Math.max(leastMs, this.#backoff.next(`${uid} run`));
    const before = this.#due.get(uid);
    // An attempt without an answer leaves a doubt that a later refusal does not remove.
    const wasClear = isFirst || (before?.token === token && before.isClear);
    this.#due.set(uid, { token, at: this.#clock.monotonic() + delay, isClear: wasClear && isRefused });
    return delay;
  }

  /** Starts over for an object whose request is finished, or that is gone. */
  forget(uid: string): void {
    this.#due.delete(uid);
    this.#backoff.reset(`${uid} run`);
  }
}

/** A request that has to wait. */
interface Postponed {
  /** The minimum time (ms). */
  readonly leastMs: number;
  /** True if it certainly started no run. */
  readonly isRefused: boolean;
}

/** Options of {@link requestRun}, besides the pass. */
interface Requesting {
  /** The job. */
  readonly id: string;
  readonly retries: RunRetries;
}

/**
 * Runs the job if `spec.run` differs from the last request. The token is in the status before the request is sent, so
 * that a crash in between does not run the job twice.
 */
export async function requestRun(pass: Pass, managed: Managed, { id, retries }: Requesting): Promise<RunStep> {
  const { runs } = pass.resource;
  if (runs === undefined) return "none";
  const hash = requestOf(runs, managed.spec);
  const { status } = pass;
  if (hash === undefined) {
    delete status.run_request;
    retries.forget(pass.uid);
    pass.set({ type: "RunSubmitted" });
    return "none";
  }
  const isNew = status.run_request?.hash !== hash;
  if (isNew) {
    status.run_request = { hash, token: tokenOf(pass, hash), since: new Date(retries.now()).toISOString() };
    await pass.save();
  }
  const request = status.run_request ?? { hash };
  const { token, run_id, refused } = request;
  if (token === undefined || run_id !== undefined || refused === true) return "none";
  const wait = retries.wait(pass.uid, token);
  if (wait > 0) return wait;
  const isInDoubt = retries.isInDoubt(pass.uid, request);
  const step = await submit(pass, managed, { runs, id, request, isInDoubt });
  // Even after a search, it is unknown whether a run was started.
  if (typeof step !== "string") return retries.postpone(pass.uid, token, { ...step, isFirst: isNew || isInDoubt });
  retries.forget(pass.uid);
  return step;
}

interface Submission {
  readonly runs: Runs;
  readonly id: string;
  readonly request: RunRequest;
  /** True if it may have started a run that its token no longer returns. */
  readonly isInDoubt: boolean;
}

/** The result of one attempt. */
type Attempt = "started" | "refused" | Postponed;

async function submit(pass: Pass, managed: Managed, submission: Submission): Promise<Attempt> {
  const { runs, id, request, isInDoubt } = submission;
  const { spec, intent: { desired }, connection: { workspace } } = managed;
  const problem = runs.problem?.(desired);
  if (problem !== undefined) return refuse(pass, request, { reason: "ContinuousJob", message: problem });
  const what = `Cannot run ${pass.label}`;
  try {
    const { since = "", token = "" } = request;
    const started = isInDoubt ? await runs.findStarted(workspace, id, since) : undefined;
    const run_id = started ?? await runs.start(workspace, id, { parameters: runs.requested(spec), token });
    pass.status.run_request = { ...request, run_id };
    const message = `Run ${run_id} was started for spec.run`;
    pass.set({ type: "RunSubmitted", status: "True", reason: "RunStarted", message });
    pass.report("Normal", "RunStarted", message, { action: "start" });
    return "started";
  } catch (error) {
    if (!(error instanceof DatabricksError)) throw new AttemptError(what, error);
    if (error instanceof InvalidRequestError && !MISSING.test(error.failure.message)) {
      const message = `spec.run was refused: ${error.message}; change spec.run to try again`;
      return refuse(pass, request, { reason: "RunRefused", message });
    }
    return { leastMs: tellPostponed(pass, outcome(error, what)), isRefused: error.refused };
  }
}

/** A refusal is final: the same request is not tried again unexpectedly once circumstances change. */
function refuse(
  pass: Pass,
  request: Submission["request"],
  { reason, message }: { reason: "ContinuousJob" | "RunRefused"; message: string },
): "refused" {
  pass.status.run_request = { ...request, refused: true };
  pass.set({ type: "RunSubmitted", status: "False", reason, message });
  pass.event("Warning", reason, message);
  return "refused";
}

/**
 * Retries after a refusal that may be temporary (a token that expires, a permission that spreads, a job that is
 * recreated).
 *
 * @returns the minimum time to wait (ms).
 */
function tellPostponed(pass: Pass, told: Outcome): number {
  if (told.kind === "silent") return 0;
  const { reason } = told;
  const message = `${told.message}; it is tried again for as long as spec.run asks for it`;
  const before = conditionOf(pass.status.conditions, "RunSubmitted");
  pass.set({ type: "RunSubmitted", status: "False", reason, message });
  if (reason !== "ExternalBusy" && (before?.reason !== reason || before.message !== message)) {
    pass.report("Warning", reason, message);
  }
  return told.delayMs ?? 0;
}
