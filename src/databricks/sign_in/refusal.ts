/**
 * Converts an answer of a token endpoint without a token to an error: a refusal, or an answer of something that is not
 * a token endpoint.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { isObject } from "../../base/json.ts";
import {
  type DatabricksError,
  type Failure,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from "../errors.ts";
import { redact } from "../call/redact.ts";
import { claimsOf } from "./claims.ts";
import type { TokenRequest } from "./token_endpoint.ts";

/** An answer without a token. */
export interface Refused {
  readonly endpoint: URL;
  /** The answer, unread. */
  readonly answer: Response;
  /** The OAuth library's error about it. */
  readonly error: unknown;
}

/** The text of a refusal: a code and its description. */
interface Words {
  readonly code: string;
  readonly message: string;
}

/** The error to throw; its message contains none of the request's secrets. */
export async function refusal(request: TokenRequest, { endpoint, answer, error }: Refused): Promise<DatabricksError> {
  const { secrets, remedy } = request;
  const words = await wordsOf(answer, error);
  if (words === undefined) {
    const message = `this is no answer of a token endpoint: ${redact(messageOf(error), secrets)}`;
    return new UnavailableError(failureOf(endpoint, answer.status, "", message));
  }
  // Entra ends its descriptions with an id of the request and the time, which would make each message a new one.
  const said = words.message.replace(/\.? Trace ID[\s\S]*$/, "");
  // Redacted before it is cut: a cut could leave a part of a secret, which would not be found.
  const [code, message] = [redact(words.code, secrets).slice(0, 100), redact(said, secrets).slice(0, 500)];
  const failure = failureOf(endpoint, answer.status, code, message || "no description");
  return new UnauthenticatedError({ ...failure, remedy: clockProblem(request, { endpoint, answer }) ?? remedy });
}

/** The text of a refusal; `undefined` if the answer is not one. */
async function wordsOf(answer: Response, error: unknown): Promise<Words | undefined> {
  if (error instanceof oauth.ResponseBodyError) {
    return { code: error.error, message: error.error_description ?? "" };
  }
  const { status } = answer;
  if (status < 400 || status >= 500) return undefined;
  // Databricks' own errors, and the form that the Python SDK reads (oauth.py of 0.162.0).
  const body: unknown = await answer.json().catch(() => undefined);
  const [code, message] = isObject(body)
    ? [firstText(body.error_code, body.errorCode, body.error), firstText(body.message, body.errorSummary)]
    : [];
  if (code !== undefined) return { code, message: message ?? "" };
  // Users see 401 without OAuth's fields for an exchange without client_id (dbt-databricks#1666).
  return status === 401 ? { code: "", message: "the token endpoint gives no reason" } : undefined;
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string");
}

/** A difference between clocks up to this (ms) is not reported. */
const TOLERANCE = 5_000;

/** The remedy if the endpoint's clock, which is in each answer (RFC 9110, 6.6.1), contradicts the proof. */
function clockProblem({ proof }: TokenRequest, { endpoint, answer }: Omit<Refused, "error">): string | undefined {
  const there = Date.parse(answer.headers.get("date") ?? "");
  const { iat, nbf, exp } = claimsOf(proof ?? "");
  const begin = Math.max(...[iat, nbf].filter((time) => typeof time === "number")) * 1000;
  if (Number.isNaN(there)) return undefined;
  if (begin > there + TOLERANCE) {
    return `by the clock of ${endpoint.host} the token is not valid yet: set the clock of the cluster's control plane right`;
  }
  if (typeof exp !== "number" || exp * 1000 > there) return undefined;
  return `by the clock of ${endpoint.host} the token has ended: set the clock of the cluster's control plane right; where ` +
    "the token is a mounted one, see why the kubelet does not renew it";
}

/** The error of an endpoint that is to be retried; `undefined` for a final answer. */
export function busy(url: URL, { status }: Response): DatabricksError | undefined {
  if (status === 429) return new RateLimitedError(failureOf(url, status, "", "the token endpoint is busy"));
  return status >= 500 ? new UnavailableError(failureOf(url, status, "", "the token endpoint is down")) : undefined;
}

/** A failure at an endpoint. */
export function failureOf(url: URL, status: number, code: string, message: string): Failure {
  return { endpoint: `POST ${url.pathname}`, status, code, message, host: url.host };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
