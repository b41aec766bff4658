/**
 * What an error means for a managed resource: the one place where errors become conditions, events and requeues.
 *
 * @module
 */
import {
  AlreadyExistsError,
  ConflictError,
  DatabricksError,
  PermissionDeniedError,
  RateLimitedError,
  UnauthenticatedError,
} from "../../databricks/errors.ts";
import { KubeConnectionError, KubeError } from "../../kubernetes/client.ts";
import type { FailureReason } from "./reasons.ts";

/** A state in which the operator cannot go on, told to the manifest's author. */
export class BlockedError extends Error {
  override name = "BlockedError";
  /**
   * @param reason For the condition.
   * @param message Names the object, the field and the way out.
   * @param wait `change`: nothing but a change of the object, of what it refers to, or of the settings helps;
   *   `retry`: it is tried again with growing delays.
   */
  constructor(readonly reason: FailureReason, message: string, readonly wait: "change" | "retry" = "change") {
    super(message);
  }
}

/** A stale view: nobody is told, and it is tried again at once. */
export interface Silent {
  readonly kind: "silent";
  readonly message: string;
}

/** A failure that is told. */
export interface Failure {
  /** `transient`: tried again with growing delays. `terminal`: at each resync. */
  readonly kind: "transient" | "terminal";
  readonly reason: FailureReason;
  readonly message: string;
  /** The delay that Databricks or the API server asked for (ms). */
  readonly delayMs?: number;
}

/** What follows from an error. */
export type Outcome = Silent | Failure;

/** Tells an error's meaning; `doing` says what failed, for the message: `Cannot update job "etl"`. */
export function outcome(error: unknown, doing: string): Outcome {
  if (error instanceof BlockedError) {
    return { kind: error.wait === "retry" ? "transient" : "terminal", reason: error.reason, message: error.message };
  }
  if (error instanceof KubeConnectionError) {
    return { kind: "transient", reason: "ApiServerUnreachable", message: `${doing}: ${error.message}` };
  }
  if (error instanceof KubeError) return ofKubernetes(error, doing);
  if (error instanceof DatabricksError) return ofDatabricks(error, doing);
  const text = error instanceof Error ? error.message : String(error);
  return { kind: "transient", reason: "InternalError", message: `${doing}: ${text}` };
}

function ofKubernetes(error: KubeError, doing: string): Outcome {
  const message = `${doing}: ${error.message}`;
  if (error.status === 409) return { kind: "silent", message };
  if (error.status === 403) return { kind: "terminal", reason: "KubernetesForbidden", message };
  const delay = error.retryAfterSeconds === undefined ? {} : { delayMs: error.retryAfterSeconds * 1000 };
  return { kind: "transient", reason: "KubernetesError", message, ...delay };
}

/** Class → reason and remedy. The first row that fits wins. */
const databricks: readonly [new (...args: never[]) => DatabricksError, FailureReason, string][] = [
  [UnauthenticatedError, "Unauthenticated", "put a valid access_token into the API Secret"],
  [PermissionDeniedError, "PermissionDenied", "grant the token's user the permission"],
  [
    AlreadyExistsError,
    "AlreadyExists",
    'take it over with annotation databricks-operator/adopt: "true", or use another name',
  ],
  [ConflictError, "ExternalConflict", "see the message"],
];

function ofDatabricks(error: DatabricksError, doing: string): Failure {
  const { endpoint, status, code, message: said, retryAfter } = error.failure;
  const answer = status === 0 ? "gave no answer" : `answered ${status}${code ? ` ${code}` : ""}`;
  const message = `${doing}: workspace "${error.failure.host}" ${answer} to ${endpoint}: ${said.replace(/\.$/, "")}`;
  if (error instanceof RateLimitedError) {
    return { kind: "transient", reason: "RateLimited", message, delayMs: (retryAfter ?? 1) * 1000 };
  }
  if (error.transient) {
    return {
      kind: "transient",
      reason: "Unavailable",
      message,
      ...(retryAfter === undefined ? {} : { delayMs: retryAfter * 1000 }),
    };
  }
  const row = databricks.find(([type]) => error instanceof type);
  if (row === undefined) return { kind: "terminal", reason: "InvalidRequest", message };
  return {
    kind: "terminal",
    reason: row[1],
    message: row[2] === "see the message" ? message : `${message}; ${row[2]}`,
  };
}
