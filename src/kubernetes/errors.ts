/**
 * The errors of calls to the Kubernetes API server.
 *
 * @module
 */
import { isObject, parseJson } from "../base/json.ts";

/** The API server refused a request. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  /** The HTTP status: 404 not found, 409 conflict, 410 too old, 422 invalid, … */
  readonly status: number;
  /** The API server's reason: `NotFound`, `AlreadyExists`, `Conflict`, `Expired`, … */
  readonly reason: string;
  /** The delay that the API server asks for. */
  readonly retryAfterSeconds?: number;

  constructor(message: string, options: { status: number; reason: string; retryAfterSeconds?: number | undefined }) {
    super(message);
    this.status = options.status;
    this.reason = options.reason;
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The API server did not answer, or the answer did not come from an API server. */
export class KubeConnectionError extends Error {
  override readonly name: string = "KubeConnectionError";
}

/** The API server began an answer, and was then silent for too long. */
export class KubeSilenceError extends KubeConnectionError {
  override readonly name = "KubeSilenceError";
}

/** A Retry-After above this (seconds) is not believed: a wrong value could stop all watches for years. */
const MAX_RETRY_AFTER = 300;

/** Reads a `Status` object, as in error answers and watches. */
export function errorFromStatus(what: string, status: unknown, answer: { status: number; retryAfter?: string | null }) {
  const body = isObject(status) ? status : {};
  const details = isObject(body.details) ? body.details : {};
  const code = typeof body.code === "number" ? body.code : answer.status;
  const reason = typeof body.reason === "string" && body.reason ? body.reason : "Unknown";
  const text = typeof body.message === "string" ? `: ${body.message}` : "";
  const retryAfterSeconds = seconds(answer.retryAfter) ?? seconds(details.retryAfterSeconds);
  const message = `Cannot ${what}: the API server answered ${code} ${reason}${text}`;
  return new KubeError(message, { status: code, reason, retryAfterSeconds });
}

/** Reads an error answer, whose body need not be JSON. */
export function errorFromAnswer(what: string, answer: { status: number; headers: Headers; text: string }): KubeError {
  const { status, headers, text } = answer;
  let body: unknown;
  try {
    body = parseJson(text);
  } catch {
    body = { message: text.slice(0, 200).trim() };
  }
  return errorFromStatus(what, body, { status, retryAfter: headers.get("retry-after") });
}

function seconds(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number.parseInt(value, 10) : value;
  return typeof number === "number" && Number.isFinite(number) ? Math.min(number, MAX_RETRY_AFTER) : undefined;
}
