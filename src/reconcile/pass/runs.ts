/**
 * Runs of jobs in status, and the run that `spec.run` asks for.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { DatabricksError, InvalidRequestError, UnavailableError } from "../../databricks/errors.ts";
import { logger } from "../../telemetry/log.ts";
import { endpoint } from "../../resource.ts";
import { conditionOf } from "../object/conditions.ts";
import { type Outcome, outcome } from "../object/outcome.ts";
import { hashOf } from "../plan/fields.ts";
import type { Backoff } from "../queue.ts";
import type { Managed, Pass } from "./pass.ts";
import type { Run } from "../runs/run.ts";

const log = logger("runs");

// The idempotency token makes it repeatable: the same token gives the same run.
const runNow = endpoint("POST /api/{jobs_api_version}/jobs/run-now", { repeatable: true });

/** Shows the newest run; what is not known leaves the status as it is. */
export function showRuns(pass: Pass, newest: Run | "none" | undefined): void {
  if (newest === undefined) return;
  if (newest === "none") {
    pass.status.latest_run_state = { life_cycle_state: "NO_RUNS" };
    delete pass.status.latest_run;
    return;
  }
  pass.status.latest_run_state = newest.state;
  pass.status.latest_run = newest.latest;
}

/** The hash of the run that `spec.run` asks for; `undefined` when it asks for none. */
export function requestOf(spec: Record<string, unknown>): string | undefined {
  return spec.run === undefined ? undefined : hashOf(spec.run);
}

/** What came of the run that `spec.run` asks for: a number is the time after which it is asked for again (ms). */
export type RunStep = "none" | "started" | "refused" | number;

/** When runs are asked for again that were refused for now: after growing delays, for as long as the request stands. */
export class RunRetries {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #backoff: Backoff;
  readonly #due = new Map<string, { token: string; at: number }>();

  constructor({ clock, backoff }: { clock: Pick<Clock, "monotonic">; backoff: Backoff }) {
    this.#clock = clock;
    this.#backoff = backoff;
  }

  /** How long a request is still to wait (ms); 0 when its turn has come. */
  wait(key: string, token: string): number {
    const due = this.#due.get(key);
    if (due?.token !== token) this.forget(key);
    return due?.token === token ? Math.max(0, due.at - this.#clock.monotonic()) : 0;
  }

  /** Notes that a request was refused for now, and tells how long it is to wait (ms): `leastMs` at least. */
  refused(key: string, token: string, leastMs: number): number {
    const delay = Math.max(leastMs, this.#backoff.next(`${key} run`));
    this.#due.set(key, { token, at: this.#clock.monotonic() + delay });
    return delay;
  }

  /** Starts over for an object whose request is done with, or that is gone. */
  forget(key: string): void {
    this.#due.delete(key);
    this.#backoff.reset(`${key} run`);
  }
}

/** What {@link requestRun} needs besides the pass. */
interface Requesting {
  /** The job. */
  readonly id: string;
  readonly retries: RunRetries;
}

/**
 * Runs the job when `spec.run` is another than the one that was run last. The token is in the status before the run is
 * asked for, so that a crash in between does not run the job twice.
 */
export async function requestRun(pass: Pass, managed: Managed, { id, retries }: Requesting): Promise<RunStep> {
  if (pass.resource.hasRuns !== true) return "none";
  const hash = requestOf(managed.spec);
  const { status } = pass;
  if (hash === undefined) {
    delete status.run_request;
    pass.set({ type: "RunSubmitted" });
    return "none";
  }
  if (status.run_request?.hash !== hash) {
    status.run_request = { hash, token: crypto.randomUUID() };
    await pass.save();
  }
  const { token, run_id, refused } = status.run_request ?? {};
  if (token === undefined || run_id !== undefined || refused === true) return "none";
  const wait = retries.wait(pass.key, token);
  if (wait > 0) return wait;
  const step = await submit(pass, managed, { id, request: { hash, token } });
  if (typeof step === "number") return retries.refused(pass.key, token, step);
  retries.forget(pass.key);
  return step;
}

interface Submission {
  readonly id: string;
  readonly request: { readonly hash: string; readonly token: string };
}

async function submit(pass: Pass, managed: Managed, { id, request }: Submission): Promise<RunStep> {
  const problem = pass.resource.runProblem?.(managed.intent.desired);
  if (problem !== undefined) return refuse(pass, request, { reason: "ContinuousJob", message: problem });
  pass.doing = `Cannot run ${pass.label}`;
  try {
    const run_id = await runOnce(managed, id, request.token);
    pass.status.run_request = { ...request, run_id };
    const message = `Run ${run_id} was started for spec.run`;
    pass.set({ type: "RunSubmitted", status: "True", reason: "RunStarted", message });
    pass.event("Normal", "RunStarted", message);
    log.info(`DatabricksJob ${pass.key}: ${message}`);
    return "started";
  } catch (error) {
    if (!(error instanceof DatabricksError)) throw error;
    if (error instanceof InvalidRequestError) {
      const message = `spec.run was refused: ${error.message}; change spec.run to try again`;
      return refuse(pass, request, { reason: "RunRefused", message });
    }
    return refuseForNow(pass, outcome(error, pass.doing));
  }
}

async function runOnce({ spec, connection: { workspace } }: Managed, id: string, token: string): Promise<string> {
  const parameters = spec.run as Record<string, unknown>;
  const { run_id } = await workspace.call(runNow, { ...parameters, job_id: BigInt(id), idempotency_token: token });
  if (/^\d+$/.test(String(run_id))) return String(run_id);
  const endpoint = runNow.path.replace("{jobs_api_version}", workspace.jobsApiVersion);
  const { host } = new URL(workspace.host);
  // It may have started the run; the same token gives its id.
  const message = "the answer has no run_id";
  throw new UnavailableError({ endpoint: `${runNow.method} ${endpoint}`, status: 200, code: "", message, host });
}

/** Refused is final: the same request is not tried again behind the user's back once circumstances change. */
function refuse(
  pass: Pass,
  request: Submission["request"],
  { reason, message }: { reason: "ContinuousJob" | "RunRefused"; message: string },
): RunStep {
  pass.status.run_request = { ...request, refused: true };
  pass.set({ type: "RunSubmitted", status: "False", reason, message });
  pass.event("Warning", reason, message);
  return "refused";
}

/** What may pass (a token that expires, a permission that spreads, a job that is made again) is tried again. */
function refuseForNow(pass: Pass, told: Outcome): RunStep {
  if (told.kind === "silent") return 0;
  const { reason } = told;
  const message = `${told.message}; it is tried again for as long as spec.run asks for it`;
  const before = conditionOf(pass.status.conditions, "RunSubmitted");
  pass.set({ type: "RunSubmitted", status: "False", reason, message });
  if (before?.reason !== reason || before.message !== message) {
    pass.event("Warning", reason, message);
    log.warning(`DatabricksJob ${pass.key}: ${message}`);
  }
  return told.delayMs ?? 0;
}
