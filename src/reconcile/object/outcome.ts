/**
 * The consequence of an error for a managed resource: the only place where errors become conditions, Events and
 * requeues.
 *
 * @module
 */
import {
  AlreadyExistsError,
  BusyError,
  ConflictError,
  DatabricksError,
  InvalidRequestError,
  ParentMissingError,
  PermissionDeniedError,
  PostponedError,
  RateLimitedError,
  UnauthenticatedError,
} from "../../databricks/errors.ts";
import { CredentialsError } from "../../databricks/auth.ts";
import { KubeConnectionError, KubeError } from "../../kubernetes/client.ts";
import { AttemptError } from "./attempt.ts";
import type { FailureReason } from "./reasons.ts";

/** A state in which the operator cannot continue, and which the manifest's author must know about. */
export class BlockedError extends Error {
  override name = "BlockedError";
  /**
   * @param reason For the condition.
   * @param message Names the object, the field and the remedy.
   * @param wait `change`: only a change of the object, of what it refers to, or of the settings helps; `retry`: it is
   *   retried with growing delays.
   */
  constructor(readonly reason: FailureReason, message: string, readonly wait: "change" | "retry" = "change") {
    super(message);
  }
}

/** The error for a CRD of another version, which drops status fields that are required before any write. */
export function crdOutdated(kind: string): BlockedError {
  return new BlockedError(
    "CrdOutdated",
    `The CRD of ${kind} is of another version and drops status fields that the operator needs: ` +
      `apply the CRDs of this version (crdgen | kubectl apply -f -)`,
  );
}

/** A stale view: it is not reported, and the pass is repeated at once. */
export interface Silent {
  readonly kind: "silent";
  readonly message: string;
}

/** The resource is busy with something that ends by itself: the object waits, and nothing has failed. */
export interface Busy {
  readonly kind: "busy";
  readonly reason: "ExternalBusy";
  readonly message: string;
  readonly delayMs?: undefined;
}

/** A failure that is reported. */
export interface Failure {
  /**
   * `transient`: retried with growing delays. `terminal`: retried at each resync. `passing`: often passes by itself, so
   * transient at first and {@link isStalled} if it lasts.
   */
  readonly kind: "transient" | "passing" | "terminal";
  readonly reason: FailureReason;
  readonly message: string;
  /** The delay that Databricks or the API server asked for (ms). */
  readonly delayMs?: number;
}

/** The consequence of an error. */
export type Outcome = Silent | Busy | Failure;

/** The number of consecutive failures (half a minute in total) after which a passing problem counts as permanent. */
const PATIENCE = 5;

/** True if only a change helps, judging by this many failures in a row. */
export function isStalled({ kind }: Failure, failures: number): boolean {
  return kind === "terminal" || (kind === "passing" && failures > PATIENCE);
}

/**
 * Classifies an error.
 *
 * @param otherwise What failed, for the message, if the error is not of an attempt, which says so itself.
 */
export function outcome(error: unknown, otherwise: string): Outcome {
  return error instanceof AttemptError ? meaningOf(error.cause, error.what) : meaningOf(error, otherwise);
}

function meaningOf(error: unknown, what: string): Outcome {
  if (error instanceof BlockedError) {
    return { kind: error.wait === "retry" ? "transient" : "terminal", reason: error.reason, message: error.message };
  }
  if (error instanceof KubeConnectionError) {
    return { kind: "transient", reason: "ApiServerUnreachable", message: `${what}: ${error.message}` };
  }
  if (error instanceof KubeError) return ofKubernetes(error, what);
  if (error instanceof DatabricksError) return ofDatabricks(error, what);
  if (error instanceof CredentialsError) {
    return { kind: "passing", reason: "CredentialsInvalid", message: `${what}: ${error.message}` };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { kind: "transient", reason: "InternalError", message: `${what}: ${text}` };
}

function ofKubernetes(error: KubeError, what: string): Outcome {
  const message = `${what}: ${error.message}`;
  if (error.status === 409) return { kind: "silent", message };
  // While a Role is replaced, or a policy changes, requests may be refused for a moment.
  if (error.status === 403) return { kind: "passing", reason: "KubernetesForbidden", message };
  const delay = error.retryAfterSeconds === undefined ? {} : { delayMs: error.retryAfterSeconds * 1000 };
  return { kind: "transient", reason: "KubernetesError", message, ...delay };
}

/** The meaning of a Databricks error, and the remedy. */
interface Row {
  readonly error: new (...args: never[]) => DatabricksError;
  readonly kind: Failure["kind"];
  readonly reason: FailureReason;
  readonly remedy?: string;
}

/** The first matching row wins. */
const databricks: readonly Row[] = [
  {
    error: UnauthenticatedError,
    kind: "terminal",
    reason: "Unauthenticated",
    remedy: "put a valid access_token into the API Secret",
  },
  // Permissions and IP access lists take a while to spread through a workspace.
  {
    error: PermissionDeniedError,
    kind: "passing",
    reason: "PermissionDenied",
    remedy: "grant the token's user the permission",
  },
  {
    error: AlreadyExistsError,
    kind: "terminal",
    reason: "AlreadyExists",
    remedy: 'take it over with annotation databricks-operator/adopt: "true", or use another name',
  },
  { error: ConflictError, kind: "passing", reason: "ExternalConflict" },
  { error: ParentMissingError, kind: "transient", reason: "ParentMissing" },
  { error: InvalidRequestError, kind: "terminal", reason: "InvalidRequest" },
];

function ofDatabricks(error: DatabricksError, what: string): Busy | Failure {
  const { endpoint, status, code, message: said, retryAfter } = error.failure;
  if (error instanceof PostponedError) return { kind: "busy", reason: "ExternalBusy", message: `${what}: ${said}` };
  const answer = status === 0 ? "gave no answer" : `answered ${status}${code ? ` ${code}` : ""}`;
  const message = `${what}: workspace "${error.failure.host}" ${answer} to ${endpoint}: ${said.replace(/\.$/, "")}`;
  if (error instanceof BusyError) return { kind: "busy", reason: "ExternalBusy", message };
  if (error instanceof RateLimitedError) {
    return { kind: "transient", reason: "RateLimited", message, delayMs: (retryAfter ?? 1) * 1000 };
  }
  if (error.transient) {
    return {
      kind: "transient",
      reason: "Unavailable",
      message: withRemedy(message, error.failure.remedy),
      ...(retryAfter === undefined ? {} : { delayMs: retryAfter * 1000 }),
    };
  }
  const row = databricks.find(({ error: type }) => error instanceof type);
  if (row === undefined) return { kind: "terminal", reason: "InvalidRequest", message };
  const { kind, reason } = row;
  return { kind, reason, message: withRemedy(message, error.failure.remedy ?? row.remedy) };
}

function withRemedy(message: string, remedy: string | undefined): string {
  return remedy === undefined ? message : `${message}; ${remedy}`;
}
