/**
 * The errors of Databricks calls, as classes. `outcome()` in the reconciler maps them to conditions.
 *
 * Guarantee: only Databricks itself can report that something is absent, by an `error_code` that means it or by a quirk
 * of the endpoint. A 404 without one comes from a gateway, which knows nothing of jobs.
 *
 * @module
 */
import type { Quirk } from "../resource.ts";
import { networkProblem } from "./call/network_error.ts";

/** The facts about a failed call. */
export interface Failure {
  /** `GET /api/2.2/jobs/get`. */
  readonly endpoint: string;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** Databricks' error_code, or "". */
  readonly code: string;
  /** The message of Databricks or of the network. */
  readonly message: string;
  /** The workspace's host name. */
  readonly host: string;
  /** Seconds, from the Retry-After header. */
  readonly retryAfter?: number;
  /** The remedy, if the error's class does not imply it. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** A call to Databricks that failed. */
export class DatabricksError extends Error {
  override name = "DatabricksError";
  /** True if Databricks certainly did not carry out the call; false if it may have. */
  readonly refused: boolean = false;
  /** True if the same call may succeed later without a change by anybody. */
  readonly transient: boolean = false;
  constructor(readonly failure: Failure) {
    const { endpoint, status, code, message, host } = failure;
    const answer = status === 0 ? "no answer" : `${status}${code ? ` ${code}` : ""}`;
    super(`${endpoint}: workspace "${host}" gave ${answer}: ${message}`, { cause: failure.cause });
  }
}

/** There is no such resource. */
export class NotFoundError extends DatabricksError {
  override name = "NotFoundError";
  override readonly refused = true;
}
/** The name or path is taken. */
export class AlreadyExistsError extends DatabricksError {
  override name = "AlreadyExistsError";
  override readonly refused = true;
}
/** The token is not accepted. */
export class UnauthenticatedError extends DatabricksError {
  override name = "UnauthenticatedError";
  override readonly refused = true;
}
/** The token is accepted, but its owner may not do this. */
export class PermissionDeniedError extends DatabricksError {
  override name = "PermissionDeniedError";
  override readonly refused = true;
}
/** The request is wrong, and will be wrong again. */
export class InvalidRequestError extends DatabricksError {
  override name = "InvalidRequestError";
  override readonly refused = true;
}
/** The resource's current state does not allow this. */
export class ConflictError extends DatabricksError {
  override name = "ConflictError";
  override readonly refused = true;
}
/** The resource is busy with something that ends by itself, such as its start: the same call succeeds later. */
export class BusyError extends DatabricksError {
  override name = "BusyError";
  override readonly refused = true;
}
/** A kind postpones a call, since it would do harm in the resource's current state; the message says why. */
export class PostponedError extends BusyError {
  override name = "PostponedError";
  constructor(why: string) {
    super({ endpoint: "", status: 0, code: "", message: why, host: "" });
  }
}
/** The parent of the resource to create does not exist (yet). */
export class ParentMissingError extends DatabricksError {
  override name = "ParentMissingError";
  override readonly refused = true;
}
/** Too many requests. */
export class RateLimitedError extends DatabricksError {
  override name = "RateLimitedError";
  override readonly refused = true;
  override readonly transient = true;
}
/** Databricks failed, or its answer cannot be read; it may have carried out the call. */
export class UnavailableError extends DatabricksError {
  override name = "UnavailableError";
  override readonly transient = true;
}
/** A write was answered with an empty 2xx: by Databricks, which may have nothing to return, or by a gateway. */
export class EmptyAnswerError extends UnavailableError {
  override name = "EmptyAnswerError";
}
/** No token was available for the request, for a temporary reason. Nothing was done. */
export class SignInError extends DatabricksError {
  override name = "SignInError";
  override readonly refused = true;
  override readonly transient = true;
}
/** No answer came: the connection failed or timed out. Databricks may have carried out the call. */
export class ConnectionError extends DatabricksError {
  override name = "ConnectionError";
  override readonly transient = true;
}

/** No connection could be made: refused, no such host, or no TLS. Nothing can have been done. */
export class UnreachableError extends ConnectionError {
  override name = "UnreachableError";
  override readonly refused = true;
}

type ErrorClass = new (failure: Failure) => DatabricksError;

/** A rule that assigns a class to a failure. Every condition that is present must hold; the first matching row wins. */
interface Row {
  readonly why: string;
  readonly status?: number;
  readonly code?: RegExp;
  readonly message?: RegExp;
  readonly error: ErrorClass;
  readonly remedy?: string;
}

/**
 * The errors that official SDKs retry, whatever the status: Python SDK 0.162.0, `_BaseClient._is_retryable` in
 * databricks/sdk/_base_client.py, which cites the Go SDK's apierr/errors.go. They search for these words anywhere in
 * the message, case-sensitively.
 */
const retriedBySdks: readonly Row[] = [
  {
    why: "The limit of calls within Databricks",
    message: /RPC token bucket limit has been exceeded/,
    error: RateLimitedError,
  },
  {
    why: "A workspace that is not up yet",
    message:
      /UnknownWorkerEnvironmentException|does not have any associated worker environments|There is no worker environment with id|Unknown worker environment/,
    error: UnavailableError,
  },
  {
    why: "What a moment later may succeed",
    message: /ClusterNotReadyException|Unexpected error|Please try again later or try a faster operation\./,
    error: UnavailableError,
  },
];

/** Answers of any endpoint whose meaning differs from their status and code. */
const quirks: readonly Row[] = [
  {
    why: "A disabled or missing personal access token may be a 403 instead of a 401",
    status: 403,
    message: /invalid (access )?token|token (is )?(expired|invalid|revoked)/i,
    error: UnauthenticatedError,
  },
  ...retriedBySdks,
];

/** The error class for each meaning of a {@link Quirk}. */
const meanings: Readonly<Record<Quirk["means"], ErrorClass>> = {
  absent: NotFoundError,
  taken: AlreadyExistsError,
  busy: BusyError,
  parent: ParentMissingError,
  refused: InvalidRequestError,
};

/** Databricks' error_code wins over the status (https://docs.databricks.com/api: error responses). */
const byCode: readonly Row[] = [
  { why: "absent", code: /^(RESOURCE_DOES_NOT_EXIST|NOT_FOUND)$/, error: NotFoundError },
  { why: "taken", code: /ALREADY_EXISTS$/, error: AlreadyExistsError },
  { why: "who", code: /^UNAUTHENTICATED$/, error: UnauthenticatedError },
  { why: "may not", code: /^PERMISSION_DENIED$/, error: PermissionDeniedError },
  { why: "limits", code: /^(RESOURCE_EXHAUSTED|REQUEST_LIMIT_EXCEEDED)$/, error: RateLimitedError },
  { why: "down", code: /^(TEMPORARILY_UNAVAILABLE|DEADLINE_EXCEEDED|INTERNAL_ERROR)$/, error: UnavailableError },
  {
    why: "wrong",
    code: /^(INVALID_STATE|INVALID_PARAMETER_VALUE|MALFORMED_REQUEST|BAD_REQUEST|ENDPOINT_NOT_FOUND|FEATURE_DISABLED)$/,
    error: InvalidRequestError,
  },
  { why: "not there", code: /^NOT_IMPLEMENTED$/, error: InvalidRequestError },
  { why: "state", code: /^(ABORTED|RESOURCE_CONFLICT|CONFLICT)$/, error: ConflictError },
];

const byStatus: readonly Row[] = [
  { why: "401", status: 401, error: UnauthenticatedError },
  { why: "403", status: 403, error: PermissionDeniedError },
  // Without Databricks' own code, it is unknown who answered.
  { why: "404", status: 404, error: UnavailableError },
  { why: "409", status: 409, error: ConflictError },
  { why: "429", status: 429, error: RateLimitedError },
  { why: "408", status: 408, error: UnavailableError },
  // No endpoint documents it, so it comes from a gateway, or is temporary.
  { why: "410", status: 410, error: UnavailableError },
  // Of the statuses from 500 on, the only one that a retry cannot change.
  { why: "501", status: 501, error: InvalidRequestError },
];

/** Options of {@link classify}. */
export interface ClassifyOptions {
  /** The failure without secrets, for the error's message. */
  readonly told?: Failure;
  /** The endpoint's own quirks; they have precedence. */
  readonly quirks?: readonly Quirk[];
}

/**
 * Converts a failure to an error of its class.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { classify, NotFoundError, UnavailableError } from "./errors.ts";
 *
 * const failure = { endpoint: "GET /api/2.0/repos/{repo_id}", status: 404, host: "x" };
 * assert.ok(classify({ ...failure, code: "RESOURCE_DOES_NOT_EXIST", message: "no repo" }) instanceof NotFoundError);
 * assert.ok(classify({ ...failure, code: "", message: "<h1>Not Found</h1>" }) instanceof UnavailableError);
 * ```
 */
export function classify(failure: Failure, options: ClassifyOptions = {}): DatabricksError {
  const { told = failure, quirks: own = [] } = options;
  const rows: Row[] = [...own.map(({ means, ...row }) => ({ ...row, error: meanings[means] })), ...quirks];
  const row = [...rows, ...byCode, ...byStatus].find((row) => matches(row, failure));
  if (row !== undefined) return new row.error(row.remedy === undefined ? told : { ...told, remedy: row.remedy });
  // A redirect comes from a proxy: the REST API never redirects.
  if (failure.status >= 500 || (failure.status >= 300 && failure.status < 400)) return new UnavailableError(told);
  if (failure.status !== 0) return new InvalidRequestError(told);
  return networkProblem(failure.message).isUnconnected ? new UnreachableError(told) : new ConnectionError(told);
}

function matches(row: Row, failure: Failure): boolean {
  return (row.status === undefined || row.status === failure.status) &&
    (row.code === undefined || row.code.test(failure.code)) &&
    (row.message === undefined || row.message.test(failure.message));
}
