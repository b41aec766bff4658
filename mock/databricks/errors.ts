/**
 * The errors that Databricks answers with, as values that the state and the handlers throw.
 *
 * @module
 */

import type { Doubts } from "./doubts.ts";

/** An error answer: HTTP status, Databricks' error_code and message. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The body in Databricks' format. */
  get body(): { error_code: string; message: string } {
    return { error_code: this.code, message: this.message };
  }
}

/** Invalid fields in the request: 400 INVALID_PARAMETER_VALUE. */
export function invalid(message: string): ApiError {
  return new ApiError(400, "INVALID_PARAMETER_VALUE", message);
}

/** A request that cannot be parsed: 400 MALFORMED_REQUEST. */
export function malformed(message: string): ApiError {
  return new ApiError(400, "MALFORMED_REQUEST", message);
}

/** A missing resource: 404 RESOURCE_DOES_NOT_EXIST. */
export function notFound(message: string): ApiError {
  return new ApiError(404, "RESOURCE_DOES_NOT_EXIST", message);
}

/** A taken name or path: RESOURCE_ALREADY_EXISTS, usually with 400. */
export function alreadyExists(message: string, status = 400): ApiError {
  return new ApiError(status, "RESOURCE_ALREADY_EXISTS", message);
}

/** A forbidden action or resource: 403 PERMISSION_DENIED. */
export function denied(message: string): ApiError {
  return new ApiError(403, "PERMISSION_DENIED", message);
}

/** A missing job or run, with the chosen status and message. */
export function missing(kind: "Job" | "Run", id: string, { missingJob, missingRunMessage }: Doubts): ApiError {
  const isWithJob = kind === "Run" && missingRunMessage !== "Run 1 does not exist.";
  const message = isWithJob ? `Run: ${id} in job: 0 doesn't exist` : `${kind} ${id} does not exist.`;
  return missingJob === "404" ? notFound(message) : invalid(message);
}

const codes: Record<number, string> = {
  400: "INVALID_PARAMETER_VALUE",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "RESOURCE_DOES_NOT_EXIST",
  409: "RESOURCE_CONFLICT",
  429: "REQUEST_LIMIT_EXCEEDED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
};

/** The usual error_code of a status. */
export function codeOf(status: number): string {
  return codes[status] ?? (status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR");
}
