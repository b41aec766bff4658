/**
 * Answers whose JSON keeps 64-bit integers exact.
 *
 * @module
 */
import { HttpResponse } from "msw/http";
import { stringifyJson } from "../../src/base/json.ts";
import { ApiError } from "./errors.ts";

/** Options of an answer, beside its body. */
export interface ReplyOptions {
  status?: number;
  headers?: Record<string, string>;
}

/** A JSON answer. `HttpResponse.json` cannot write a bigint. */
export function reply(body: unknown, { status = 200, headers = {} }: ReplyOptions = {}): Response {
  const all = { "content-type": "application/json", ...headers };
  return new HttpResponse(stringifyJson(body), { status, headers: all });
}

/** The answer for an error of a handler; any other error than an `ApiError` is reported as a bug of the mock. */
export function replyError(error: unknown): Response {
  if (error instanceof ApiError) return reply(error.body, { status: error.status });
  console.error("The mock workspace failed:", error);
  return reply({ error_code: "MOCK_FAILED", message: String(error) }, { status: 500 });
}

/** An error in SCIM's format (RFC 7644, section 3.12). */
export function replyScimError({ status, message }: ApiError): Response {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
  return reply({ schemas, detail: message, status: String(status) }, { status });
}
