/**
 * The API's errors, and their `Status` objects.
 *
 * @module
 */
import { isObject } from "../../src/base/json.ts";
import type { FieldError } from "./field_errors.ts";

/** One of several causes, and its field. */
export interface Cause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** The object that an error is about. */
export interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** The names of a kind that errors use. */
export interface Named {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** An error that the API answers with. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The error in the format of answers and watches. */
  get status(): Record<string, unknown> {
    const { message, reason, details, code } = this;
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...reason && { reason },
      ...details && { details },
      code,
    };
  }
}

/** `secrets "a"` or `widgets.example.com "a"`. */
function quoted({ group, plural }: Named, name: string): string {
  return `${group === "" ? plural : `${plural}.${group}`} "${name}"`;
}

function about({ group, plural }: Named, name: string): Details {
  return { ...name && { name }, ...group && { group }, kind: plural };
}

/** 404: the object does not exist. */
export function notFound(type: Named, name: string): ApiError {
  return new ApiError(404, "NotFound", `${quoted(type, name)} not found`, about(type, name));
}

/** 409: the name is taken. */
export function alreadyExists(type: Named, name: string): ApiError {
  return new ApiError(409, "AlreadyExists", `${quoted(type, name)} already exists`, about(type, name));
}

/** 409: the object has changed in the meantime. */
export function modified(type: Named, name: string): ApiError {
  return conflict(
    type,
    name,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

/** 409: a precondition is not met. */
export function conflict(type: Named, name: string, why: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${quoted(type, name)}: ${why}`,
    about(type, name),
  );
}

/** 403: not allowed now, or not for this user. */
export function forbidden(type: Named, name: string, why: string, causes: readonly Cause[] = []): ApiError {
  const details = { ...about(type, name), ...causes.length > 0 && { causes } };
  return new ApiError(403, "Forbidden", `${quoted(type, name)} is forbidden: ${why}`, details);
}

/** 400: the request is malformed. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

/** 410: the state that the request refers to was compacted away. */
export function expired(message: string): ApiError {
  return new ApiError(410, "Expired", message);
}

/** 404 for an unknown path; its body is text. */
export function noSuchPath(): ApiError {
  return new ApiError(404, "", "404 page not found\n");
}

/** 405: the resource does not support the verb. */
export function notAllowed(): ApiError {
  const message = "the server does not allow this method on the requested resource";
  return new ApiError(405, "MethodNotAllowed", message, {});
}

/** 415: the format of the body is not supported. */
export function unknownFormat(known: readonly string[]): ApiError {
  const list = known.join(", ");
  const message = `the body of the request was in an unknown format - accepted media types include: ${list}`;
  return new ApiError(415, "UnsupportedMediaType", message);
}

/** 504: a resourceVersion that has not been reached yet. */
export function tooLarge(asked: string, current: number): ApiError {
  const text = `Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return new ApiError(504, "Timeout", `Timeout: ${text}`, { causes, retryAfterSeconds: 1 });
}

/** 422: fields are invalid. */
export function invalid(type: { group: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError {
  const { group, kind } = type;
  const texts = [...new Set(errors.map(({ path, message }) => `${path}: ${message}`))];
  const text = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const causes = errors.map(({ path, reason, message }) => ({ reason, message, field: path }));
  const message = `${group === "" ? kind : `${kind}.${group}`} "${name}" is invalid: ${text}`;
  return new ApiError(422, "Invalid", message, { ...name && { name }, ...group && { group }, kind, causes });
}

/** Converts any error to one that the API can answer with. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const text = isObject(error) && typeof error.message === "string" ? error.message : String(error);
  return new ApiError(500, "InternalError", `Internal error occurred: ${text}`);
}
